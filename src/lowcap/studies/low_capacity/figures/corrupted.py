"""Figures on pruned networks under corruption, and on the corrupted images themselves."""

import numpy as np
import pandas as pd

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import line, pictures
from lowcap.report.palette import BLUE, GREY, PINK
from lowcap.report.scales import percents
from lowcap.studies.low_capacity.figures.common import seeds_in_words
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol

KINDS = {
    "clean": ("none", 0.0, GREY, "-"),
    "noise 0.3": ("gaussian noise", 0.3, BLUE, "--"),
    "occlusion": ("occlusion", 7.0, PINK, ":"),
}
"""What is drawn: the corruption, its severity, a colour and a style of line."""


def pruned(tables: Tables) -> dict[str, pd.DataFrame]:
    """Of protocols that corrupted pruned networks, the rows of those networks and seeds."""
    found = {}
    for name, table in by_protocol(tables["robustness"]).items():
        keys = ["task", "seed"]
        with_pruned = table[table["requested_sparsity"] > 0][keys].drop_duplicates()
        if len(with_pruned):
            found[name] = table.merge(with_pruned, on=keys)
    return found


def kept_shares(table: pd.DataFrame) -> dict[str, pd.Series]:
    """By kind of image and sparsity, the share of the dense networks' mean F1 that is left."""
    found = {}
    for label, (kind, severity, *_) in KINDS.items():
        rows = table[(table["corruption"] == kind) & np.isclose(table["severity"], severity)]
        means = rows.groupby("requested_sparsity")["f1"].mean()
        if 0.0 in means.index and len(means) > 1:
            found[label] = means / means.loc[0.0]
    return found


def pruned_robustness_figure(tables: Tables) -> Figure:
    """F1 clean and corrupted against sparsity: which goes first?"""
    parts = pruned(tables)
    titles = [f"{name}: pruned by “{PROTOCOLS[name].pruning.name}”" for name in parts]
    size = max(4.4 * len(parts) + 1.6, 6), 3.8
    drawing, grid = panels(["share of dense F1 kept"], titles, size, below="sparsity", sharey=True)
    for axes, part in zip(grid[0], parts.values(), strict=True):
        for label, shares in kept_shares(part).items():
            _, _, colour, style = KINDS[label]
            line(axes, shares.index, shares, colour, ls=style, marker="o", ms=4)
        percents(axes.xaxis)
    percents(grid[0][0].yaxis)
    table = pd.concat(parts.values())
    tasks = table["task"].nunique()
    framed(
        drawing,
        "Does pruning cost robustness before it costs accuracy?",
        f"Mean over {tasks} task{'s' * (tasks > 1)}, all sizes and seeds. n = "
        f"{seeds_in_words(table)} per size and task.",
        [entry(label, colour, style, "o", ms=4) for label, (*_, colour, style) in KINDS.items()],
        "images",
    )
    caption = (
        "Share of the dense networks' mean F1 that is left after pruning, on clean and on equally "
        "corrupted images."
    )
    return Figure("pruned-robustness", "Pruned and corrupted", caption, drawing)


def side_of(table: pd.DataFrame) -> int | None:
    """The side of the square images whose pixels a table lists; None if they are not square."""
    pixels = int(table["pixel"].max()) + 1
    side = round(np.sqrt(pixels))
    return side if side * side == pixels else None


def examples_figure(tables: Tables) -> Figure:
    """One image of each class under every corruption, on one grey scale."""
    table = tables["corrupted_examples"]
    first = table[["protocol", "task"]].iloc[0]
    table = table[(table["protocol"] == first["protocol"]) & (table["task"] == first["task"])]
    kinds = [
        (("clean" if kind == "none" else f"{kind}\n{severity:g}"), rows)
        for (kind, severity), rows in table.groupby(["corruption", "severity"], sort=False)
    ]
    columns, side = -(-len(kinds) // 2), side_of(table) or 1
    drawing, grid = panels(4, 1, (1.15 * columns, 6.0))
    for row, axes in enumerate(grid[:, 0]):
        half, label = divmod(row, 2)
        shown = kinds[half * columns : (half + 1) * columns]
        images = [rows[rows["label"] == label]["value"].to_numpy() for _, rows in shown]
        free = [None] * (columns - len(shown))
        places = pictures(axes, [*(one.reshape(side, side) for one in images), *free])
        if label == 0:
            for x, (words, _) in zip(places, shown, strict=False):
                axes.text(x - side / 2, -1, words, fontsize=7, va="bottom", weight="bold")
    one, other = str(first["task"]).split("-")
    framed(
        drawing,
        "What the networks are shown",
        f"One image of class {one} and one of class {other}, under every corruption with its "
        "severity; black is 0, white is 1.",
    )
    caption = (
        f"The first {one} and the first {other} of the scored images, clean and under each of the "
        f"{len(kinds) - 1} corruptions with its severity; black is 0, white 1."
    )
    return Figure("corrupted-examples", "What the networks are shown", caption, drawing)
