"""The figures of the page."""

import numpy as np
import pandas as pd

from lowcap.claims import Tables, monotone, of_condition
from lowcap.report import INK, PAPER, Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import matrix
from lowcap.report.palette import GOLD, GREY
from lowcap.studies.pairs.claims import LARGE, MARGIN, gains, hardness, rates

ROOM = np.array([0.07, 0.05])
"""What a name takes of a panel's width and height."""


def _note(tables: Tables) -> str:
    seeds = tables["errors"]["seed"].nunique()
    return f"Medians over n = {seeds} seed{'s' * (seeds > 1)}; every pair of classes."


def _named(points: pd.DataFrame) -> pd.DataFrame:
    """The points whose names have room: from the highest down, those far from any chosen before."""
    least = ROOM * (points.max() - points.min()).to_numpy()
    chosen: list[np.ndarray] = []
    names = []
    for name, place in points.sort_values(["y", "x"], ascending=False).iterrows():
        if all((np.abs(place.to_numpy() - other) > least).any() for other in chosen):
            chosen.append(place.to_numpy())
            names.append(name)
    return points.loc[names]


def needs_figure(tables: Tables) -> Figure:
    """What hidden units gain on each pair, against its difficulty."""
    names = list(tables["errors"]["dataset"].unique())
    below = "test error of a linear classifier (%)"
    drawing, grid = panels(1, names, (max(5.6 * len(names), 6.5), 4.2), below=below)
    for axes, name in zip(grid[0], names, strict=True):
        here = of_condition(tables, ("errors", "difficulty"), "dataset", name)
        points = 100 * pd.DataFrame({"x": hardness(here), "y": gains(here)}).sort_values("x")
        x, y = points["x"].to_numpy(), points["y"].to_numpy()
        axes.plot(x, np.polyval(np.polyfit(x, y, 1), x), color=GREY)
        axes.plot(x, monotone(x, y[None])[0], color=GOLD, drawstyle="steps-mid")
        axes.scatter(x, y, s=10, color=INK, lw=0, zorder=4)
        behind = {"boxstyle": "square,pad=0.1", "fc": PAPER, "ec": "none", "alpha": 0.75}
        for task, right, up in _named(points).itertuples():
            axes.annotate(task, (right, up), (0, 4), textcoords="offset points", ha="center",
                          fontsize=7, color=INK, zorder=3, bbox=behind)  # fmt: skip
    grid[0, 0].set_ylabel("error with 2 units less that with 64 (points)")
    entries = [entry("line", GREY), entry("best rising curve", GOLD)]
    title = "Do hidden units gain more on harder pairs?"
    framed(drawing, title, _note(tables), entries, above=True)
    caption = (
        "Each pair of classes stands where its test errors put it, medians over seeds. The line "
        "and the rising curve (isotonic regression) have the least squared error over pairs. "
        "Where pairs lie too close for all their names, those that gain most have theirs."
    )
    return Figure("needs", "What hidden units gain", caption, drawing)


def smallest(tables: Tables) -> pd.Series:
    """By task, the smallest size from which on every size is within the margin of the largest."""
    good = rates(tables).le(rates(tables)[LARGE] + MARGIN, axis=0)
    return good.iloc[:, ::-1].cummin(axis=1).iloc[:, ::-1].idxmax(axis=1).astype(float)


def sizes_figure(tables: Tables) -> Figure:
    """The smallest sufficient size of every pair of classes."""
    names = list(tables["errors"]["dataset"].unique())
    drawing, grid = panels(1, names, (max(4.6 * len(names), 6.5), 4.2))
    for axes, name in zip(grid[0], names, strict=True):
        sizes = smallest(of_condition(tables, ("errors",), "dataset", name))
        low, high = np.array([task.split("-") for task in sizes.index], int).T
        square = np.full((high.max() + 1, high.max() + 1), np.nan)
        square[high, low] = np.log2(sizes)
        labels = list(map(str, range(len(square))))
        matrix(axes, square, (1, np.log2(LARGE)), lambda v: f"{2**v:.0f}", labels, labels)
    for axes in grid[0]:
        axes.set_xlabel("class")
    grid[0, 0].set_ylabel("class")
    framed(drawing, "How many hidden units does a pair need?", _note(tables))
    caption = (
        f"The smallest hidden size from which on every size errs at most {100 * MARGIN:g} point "
        f"more often on test images than {LARGE} units do, by medians over seeds."
    )
    return Figure("sizes", "The smallest sufficient sizes", caption, drawing)
