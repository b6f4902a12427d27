"""The figure of where maps lie when the same image is classified right, and wrong."""

import pandas as pd

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.report.grid import DASHES, framed
from lowcap.report.palette import BLUE, GREY
from lowcap.studies.low_capacity.figures.common import seeds_in_words
from lowcap.studies.low_capacity.protocols import by_protocol

MAPS = {
    "published map": "finite differences: share over area",
    "gradient x input": "gradient x input: share over ink",
}
"""Columns of the table, and what they measure on the most discriminating tenth of the pixels."""


def pairs(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Images that some networks get right and others wrong, one a row.

    Columns: `right` and `wrong`, means over the networks that get it right and wrong.
    """
    known = table.dropna(subset=[column])
    means = known.pivot_table(index="image", columns="correct", values=column)
    if not {True, False} <= set(means.columns):
        return pd.DataFrame(columns=["right", "wrong"], dtype=float)
    found = pd.DataFrame({"right": means[True], "wrong": means[False]})
    return found.dropna()


def drawable(tables: Tables) -> bool:
    """Whether any image is classified right by some networks and wrong by others."""
    if "misclassified" not in tables:
        return False
    parts = by_protocol(tables["misclassified"]).values()
    return any(len(pairs(table, column)) for table in parts for column in MAPS)


def misclassified_figure(tables: Tables) -> Figure:
    """For each such image, the share of the map on the region when wrong against when right."""
    table = tables["misclassified"]
    parts = by_protocol(table)
    rows = [f"{label}\nclassified wrong" for label in MAPS.values()]
    drawing, grid = panels(rows, len(parts), (max(3.2 * len(parts) + 0.6, 5.5), 6.6))
    for both, (name, of_protocol) in zip(grid.T, parts.items(), strict=True):
        for axes, column in zip(both, MAPS, strict=True):
            found = pairs(of_protocol, column)
            axes.plot(found["right"], found["wrong"], "o", ms=4, alpha=0.7, mec="none", color=BLUE)
            ends = [found.to_numpy().min(), found.to_numpy().max()] if len(found) else [1, 1]
            axes.plot(ends, ends, color=GREY, lw=1, ls=DASHES, zorder=1)
            axes.set_title(f"{name} ({len(found)} images)", fontsize=9)
            axes.set_xlabel("classified right")
    task, hidden = str(table["task"].iloc[0]), table["hidden"].iloc[0]
    digit = task.split("-")[0]
    framed(
        drawing,
        f"Where networks look when they get a {digit} wrong ({task}, {hidden} units)",
        f"Each dot is a {digit} that some networks classify right and others wrong; means over "
        f"networks. Below the dashed line: less on the region when wrong. n = "
        f"{seeds_in_words(table)}.",
    )
    caption = (
        "How much of a map lies on the tenth of the pixels in which the classes' mean training "
        f"images differ most, for each {digit} of the test images that some networks classify "
        "right and others wrong. Finite differences are held against the region's share of the "
        "area, gradient x input against its share of the image's ink. Dots below the dashed line "
        "are images with less on the region when they are classified wrong."
    )
    return Figure("misclassified", "When a network is wrong", caption, drawing, "paper's sec. 4.7")
