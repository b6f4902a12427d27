"""Small models and tables of every kind, drawn from a seed."""

from dataclasses import replace

import numpy as np
import pandas as pd

from lowcap.networks import Dense, Network
from lowcap.small.model import Column, SmallModel

WEIRD = (
    "plain",
    "*/ int main(void) { return 1; } /*",
    "ends with \\",
    "two\nlines\r\nof text",
    "??/\n??)trigraphs??'",
    "\"quoted\" 'name'",
    "#define MODEL_UNITS 0",
    "größe / Größe",
    "\u202eturned",
    "nul\x00byte",
    "",
    "// a comment \\",
    "%s%n%d",
    "x" * 300,
    "label",
    "//*/*",
)
"""Names of columns, categories and classes that break careless code."""


def column(number: int, rng: np.random.Generator, kind: str) -> Column:
    name = WEIRD[number] if number < len(WEIRD) else f"column {number}"
    flagged = kind != "bytes" and kind != "numbers" and rng.random() < 0.3
    if kind == "bytes":
        return Column(name, "number", 12.0, 90.0, float(rng.choice([60.0, 70.0])))
    if kind == "uneven bytes":
        return Column(name, "number", 0.0, 9.0, float(rng.choice([60.0, 4.0, 0.3])))
    if kind == "mixed" and rng.random() < 0.4:
        words = tuple(WEIRD[1 : int(rng.integers(2, 6))])
        fill = words[0] if rng.random() < 0.5 else "missing"
        return Column(name, "category", fill, categories=words, flagged=bool(flagged))
    scale = float(10.0 ** rng.uniform(-3, 4))
    mean = float(scale * rng.normal() * (1 if rng.random() < 0.8 else 400))
    fill = float(mean + scale * rng.normal())
    return Column(name, "number", fill, mean, scale, flagged=bool(flagged and kind == "mixed"))


def table_of(columns: tuple[Column, ...], rows: int, rng: np.random.Generator, kind: str):
    """Rows as the columns say, with missing values where they may be."""
    found = {}
    for one in columns:
        if one.kind == "category":
            words = np.array([*one.categories, "never seen"], object)
            values = pd.Series(rng.choice(words, rows), dtype=object)
        elif "bytes" in kind:
            most = 255 if kind == "bytes" or one.scale > 10 else int(8 * one.scale)
            values = pd.Series(rng.integers(0, most + 1, rows).astype(float))
        else:
            values = pd.Series(one.mean + one.scale * rng.standard_t(5, rows))
        if kind == "mixed":
            values[rng.random(rows) < 0.1] = None if one.kind == "category" else np.nan
        found[one.name] = values
    return pd.DataFrame(found)


def made(seed: int, rows: int = 200) -> tuple[SmallModel, pd.DataFrame]:
    """A model and rows for it; seeds in sequence go through kinds, sizes and sparsities."""
    rng = np.random.default_rng(seed)
    kind = ("bytes", "numbers", "mixed", "uneven bytes")[seed % 4]
    classes = (2, 3, 0, 10, 2)[seed % 5]
    hidden = (0, 1, 4, 8, 16, 3)[seed % 6]
    pruned = (0.0, 0.9, 0.5)[seed % 3]
    count = int(rng.integers(1, 20)) if kind != "bytes" else int(rng.integers(1, 300))
    columns = tuple(column(number, rng, kind) for number in range(count))
    inputs, outputs = sum(one.inputs for one in columns), classes if classes > 2 else 1

    def weights(*shape: int) -> np.ndarray:
        drawn = rng.normal(0, 1.5, shape) / np.sqrt(shape[-1])
        return np.where(rng.random(shape) < pruned, 0, drawn)

    shapes = [(hidden, inputs), (outputs, hidden)] if hidden else [(outputs, inputs)]
    params = {}
    for place, shape in enumerate(shapes, start=1):
        params |= {f"w{place}": weights(*shape), f"b{place}": rng.normal(0, 0.3, shape[0])}
    said = "regression" if not classes else "binary" if classes == 2 else "classes"
    network = Network(Dense(inputs, (hidden,) if hidden else (), outputs), params, said)
    names = tuple(WEIRD[:classes]) if seed % 2 else tuple(range(classes))
    model = SmallModel(columns, network, names, float(rng.normal(0, 1e3)), 10 ** rng.uniform(-2, 3))
    return model, table_of(columns, rows, rng, kind)


def extreme(model: SmallModel, table: pd.DataFrame) -> pd.DataFrame:
    """The table, and rows in which each value is as large as it can be, up or down."""
    rng = np.random.default_rng(0)
    far = table.iloc[np.arange(60) % len(table)].copy()
    far.columns = table.columns
    for one in model.columns:
        if one.kind == "number":
            size = rng.choice([1e30, 1e6, 0.0], len(far)) if len(far) else 0
            far[one.name] = np.where(rng.random(len(far)) < 0.5, -1, 1) * size
    if len(set(model.names())) and model.columns[0].kind == "number":
        # One unit's sum at its largest: every input pulls the same way.
        place = 0
        for one in model.columns:
            if one.kind == "number":
                signs = np.sign(model.network.params["w1"][:, place])
                for sign in (1, -1):
                    rows = slice(0, len(signs)) if sign > 0 else slice(20, 20 + len(signs))
                    far.iloc[rows, far.columns.get_loc(one.name)] = sign * signs * 1e30
            place += one.inputs
    return pd.concat([table, far], ignore_index=True)


def named(seed: int) -> tuple[SmallModel, pd.DataFrame]:
    """A model and rows; no column is without a name, no category is empty, values are float32."""
    model, table = made(seed)
    table = table.rename(columns={"": "was empty"})
    columns = [replace(c, name=c.name or "was empty") for c in model.columns]
    for one in columns:
        if one.kind == "number":
            table[one.name] = table[one.name].astype(np.float32).astype(float)
    return replace(model, columns=tuple(columns)), table
