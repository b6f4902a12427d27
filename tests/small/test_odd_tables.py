"""Whatever a file holds: one clear line, or rows that pandas reads alike and a network can take."""

import io
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcap.errors import LowcapError
from lowcap.small.model import inputs_of
from lowcap.small.table.columns import explain, learn_columns
from lowcap.small.table.reading import Source, read_source
from lowcap.small.table.target import check_folds, learn_target

PIECES = [
    *(b'"', b'""', b",", b",,", b";", b"\n", b"\r", b"\r\n", b"\t", b" ", b"\\", b"#"),
    *(b"\0", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"\x1a", "\u2028".encode(), "é☃".encode()),
    *(b"inf", b"-inf", b"nan", b"NA", b"None", b"1e999", b"1e-320", b"9" * 400, b"0x1F"),
    *(b"1_000", b"007", b"+5", b"True", b"FALSE", b"2024-02-29", b"y", b"a"),
]
CELLS = (
    ["1", "-2.5", "", "1e3", " 3", "0"],
    ["red", "blue", "", "NA", '"a, b"', '"two\nlines"'],
    ["True", "False"],
    ["1", "red", "True", ""],
)


@st.composite
def mutated(draw) -> bytes:
    """A CSV of a few columns with pieces put in, taken out or overwritten."""
    columns = draw(st.integers(1, 4))
    own = [
        draw(st.lists(st.sampled_from(draw(st.sampled_from(CELLS))), min_size=1, max_size=4))
        for _ in range(columns)
    ]
    numbers = range(draw(st.sampled_from([0, 1, 4, 8, 12])))
    rows = [",".join([*(c[n % len(c)] for c in own), str(n % 2)]) for n in numbers]
    data = "\n".join([",".join([*"abcd"[:columns], "y"]), *rows, ""]).encode()
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 3))
        data = data[:start] + draw(st.sampled_from(PIECES)) + data[start + length :]
    return data


def usable(source: Source) -> None:
    """What was read can be learned from, or a clear line says why not."""
    pixels = source.shape is not None
    columns = learn_columns(source.table, pixels=pixels)
    inputs = inputs_of(columns, source.table)
    assert inputs.shape == (len(source.table), sum(column.inputs for column in columns))
    assert np.isfinite(inputs).all()
    assert all("\n" not in line for line in explain(columns, source.table, pixels=pixels))
    target = learn_target(source.target)
    encoded = target.encode(source.target)
    assert np.isfinite(encoded).all()
    check_folds(target, source.target, 2, source.groups)


def read_or_refused(data: bytes, form: str, target: str | None = "y") -> Source | None:
    """What is read of a file of such bytes, or None after one clear line."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        path = Path(folder) / f"odd.{form}"
        path.write_bytes(data)
        try:
            source = read_source(path, target)
        except LowcapError as error:
            said = str(error)
        else:
            return used_or_refused(source)
    assert "\n" not in said, said
    return None


def used_or_refused(source: Source) -> Source:
    """Learn from what was read, unless one clear line says why not."""
    try:
        usable(source)
    except LowcapError as error:
        said = str(error)
    else:
        return source
    assert "\n" not in said, said
    return source


def agrees_with_pandas(source: Source, data: bytes) -> None:
    expected = pd.read_csv(io.BytesIO(data), low_memory=False)
    table = source.table.assign(y=source.target)[list(expected.columns)]
    pd.testing.assert_frame_equal(table.reset_index(drop=True), expected)


@given(data=mutated())
@settings(max_examples=300)
def test_mutated_csv_files(data):
    source = read_or_refused(data, "csv")
    if source is not None:
        agrees_with_pandas(source, data)


@given(
    data=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)),
    form=st.sampled_from(["csv", "csv", "parquet", "npz"]),
)
@settings(max_examples=200)
def test_bytes_of_any_kind(data, form):
    source = read_or_refused(data, form)
    if source is not None:
        agrees_with_pandas(source, data)


FLOATS = st.one_of(st.floats(), st.sampled_from([0.0, -0.0, 1e-310, 1e99, 1e101, 1.0, 2.0]))
VALUES = {
    "floats": FLOATS,
    "gaps": st.one_of(st.none(), FLOATS),
    "whole": st.integers(-(2**70), 2**70),
    "small": st.integers(0, 3),
    "truth": st.one_of(st.none(), st.booleans()),
    "texts": st.one_of(st.none(), st.text(max_size=3)),
    "words": st.sampled_from(["a", "b", None, "1", "2"]),
    "mixed": st.one_of(st.text(max_size=2), st.integers(0, 3)),
    "days": st.datetimes(),
    "lists": st.lists(st.integers(0, 1), max_size=2),
    "same": st.just("x"),
}


@st.composite
def frames(draw) -> pd.DataFrame:
    """A table of a few columns of any kinds, one of them the target."""
    rows = draw(st.sampled_from([0, 1, 5, 14]))
    names = [*draw(st.lists(st.sampled_from(["a", "b", "y ", "é", "1", ""]), max_size=3)), "y"]
    made = {}
    for name in names:
        kinds = ["small", "words", "floats", "truth"] if name == "y" else sorted(VALUES)
        values = VALUES[draw(st.sampled_from(kinds))]
        made[name] = pd.Series(draw(st.lists(values, min_size=rows, max_size=rows)), dtype=object)
    table = pd.DataFrame(made)
    return table.infer_objects() if draw(st.booleans()) else table


@given(table=frames())
@settings(max_examples=200)
def test_generated_frames(table):
    data = table.to_csv(index=False).encode("utf-8", "replace")
    source = read_or_refused(data, "csv")
    if source is not None:
        agrees_with_pandas(source, data)
    buffer = io.BytesIO()
    try:
        table.to_parquet(buffer)
    except Exception:  # pandas cannot write such a table
        return
    source = read_or_refused(buffer.getvalue(), "parquet")
    if source is not None:
        expected = pd.read_parquet(buffer)
        found = source.table.assign(y=source.target)[list(expected.columns)]
        pd.testing.assert_frame_equal(found.reset_index(drop=True), expected)


@given(
    rows=st.sampled_from([0, 1, 6, 12, 20]),
    shape=st.lists(st.integers(1, 4), max_size=3),
    kind=st.sampled_from(["u1", "f4", "f8", "i8", "?", "U1", "c8"]),
    seed=st.integers(0, 99),
    odd=st.sampled_from([0.0, 0.5, np.nan, np.inf, -1.0]),
)
@settings(max_examples=150)
def test_generated_arrays(rows, shape, kind, seed, odd):
    rng = np.random.default_rng(seed)
    x = rng.random([rows, *shape]) * (255 if kind == "u1" else 1)
    if x.size and kind.startswith("f"):
        x.flat[0] = odd
    y = rng.integers(0, 2, rows)
    buffer = io.BytesIO()
    np.savez(buffer, x=x.astype(kind), y=y)
    source = read_or_refused(buffer.getvalue(), "npz", None)
    if source is not None:
        np.testing.assert_array_equal(source.table, x.astype(kind).reshape(rows, -1))
        np.testing.assert_array_equal(source.target, y)
