"""The figure of whether networks look at corrupted images as at the clean ones."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.report.grid import DASHES, entry, framed
from lowcap.report.marks import curve, spread
from lowcap.report.palette import BLUE, GOLD, GREY, PINK, PURPLE, QUIET, RED
from lowcap.studies.transfer.figures.common import (
    BANDS,
    architectures_of,
    in_words,
    of_dataset,
    seeds_in_words,
    sizes_in_words,
    tasks_of,
)
from lowcap.studies.transfer.measures import PRUNED, PRUNED_LOOK
from lowcap.studies.transfer.training import DENSE, SHUFFLED, UNTRAINED

NOISE, HIDDEN = "gaussian noise", "occlusion"
"""The corruptions drawn as a line, and as dots at its side."""

STATES = {
    DENSE: (BLUE, "-", "dense"),
    PRUNED: (GOLD, "-", f"dense without {100 * PRUNED_LOOK:g} %\nof its weights"),
    SHUFFLED: (PINK, DASHES, "trained on shuffled labels"),
    UNTRAINED: (GREY, DASHES, "untrained"),
}
"""Colour, line and words of each network whose maps are compared."""

STRANGE = (PURPLE, DASHES, "dense, against the clean\nmap of another seed")
ANSWERED = {"right": (BLUE, "-", "dense, copies\nclassified right"),
            "wrong": (RED, DASHES, "dense, copies\nclassified wrong")}  # fmt: skip


def attention_figure(tables: Tables, dataset: str) -> Figure:
    """Pixels that maps of corrupted and clean images share, against the strength of the noise."""
    table = of_dataset(tables, dataset)["attention"]
    names, task = architectures_of(table), tasks_of(table)
    ways = ["all images", "images classified\nright when clean"]
    drawing, grid = panels(ways, names, (2.6 * len(names) + 2.4, 6.0), sharey=True, sharex=True)
    present = [state for state in STATES if (table["state"] == state).any()]
    for column, name in enumerate(names):
        own = table[table["architecture"] == name]
        for state in present:
            _drawn(grid[0, column], shared(own[own["state"] == state]), *STATES[state][:2])
        dense = own[own["state"] == DENSE]
        _drawn(grid[0, column], shared(dense, "stranger_overlap"), *STRANGE[:2])
        before = dense[dense["before"] == "right"]
        for answer, (colour, dashes, _) in ANSWERED.items():
            rows = before[(before["answer"] == answer) & (before["corruption"] != "none")]
            _drawn(grid[1, column], shared(rows, by=("label",)), colour, dashes)
    for axes in grid[-1]:
        axes.set_xlabel("σ of the noise; □ side of the patch")
    for axes in grid.flat:
        _strengths(axes, table)
        axes.set_ylim(0, 1.03)
    drawing.supylabel("strongest twentieth of the pixels in common", fontsize=9, color=QUIET)
    shown = [*(STATES[state] for state in present), STRANGE, *ANSWERED.values()]
    entries = [entry(words, colour, line, "o", ms=3) for colour, line, words in shown]
    copies = table[(table["corruption"] == NOISE) & (table["state"] == DENSE)]
    per = copies.groupby(["architecture", "task", "seed", "severity"])["images"].sum()
    note = (
        f"{dataset}, {in_words(task, dataset)}; {seeds_in_words(table)}, {int(per.max())} "
        f"corrupted copies of test images each; {sizes_in_words(table)}; {BANDS}."
    )
    framed(drawing, "Do networks look at the same pixels of a corrupted image?", note, entries)
    caption = (
        "The share of the strongest pixels of the gradient's map of a corrupted image that are "
        "among the strongest of the same network's map of the clean image, by the standard "
        "deviation of the noise; dots at the right are of images with a patch hidden. Below, "
        "copies that are classified right and wrong apart, of images classified right when clean, "
        "each class counting the same. A map that is 0 everywhere shares nothing with any."
    )
    return Figure(f"attention-{dataset}", f"Maps under noise, {dataset}", caption, drawing)


def shared(rows: pd.DataFrame, value: str = "top_overlap", by: Sequence[str] = ()) -> pd.DataFrame:
    """Mean overlap by corruption, severity and seed, every copy counting the same.

    Columns: `corruption, severity, seed, overlap`. With columns `by`, such as the label, each of
    their values counts the same.
    """
    keys = ["corruption", "severity", "seed"]
    sums = (
        rows.assign(total=rows[value] * rows["images"])
        .groupby([*keys, *by], as_index=False)[["total", "images"]]
        .sum()
    )
    found = sums.assign(overlap=sums["total"] / sums["images"])
    return found.groupby(keys)["overlap"].mean().reset_index()


def _drawn(axes: Axes, found: pd.DataFrame, colour: str, dashes) -> None:
    """A line over strengths of noise from the clean image on, and dots where a patch is hidden."""
    noise = found[found["corruption"].isin(["none", NOISE])]
    if len(noise):
        curve(axes, spread(noise, "severity", "overlap"), colour, ls=dashes, marker="o", ms=2.5)
    hidden = found[found["corruption"] == HIDDEN]
    for place, size in enumerate(sorted(hidden["severity"].unique())):
        seeds = hidden.loc[hidden["severity"] == size, "overlap"]
        x = 0.62 + 0.1 * place
        axes.plot([x, x], [seeds.min(), seeds.max()], color=colour, lw=1.3)
        face = colour if dashes == "-" else "none"
        axes.plot([x], [seeds.mean()], "o", ms=5, color=colour, markerfacecolor=face)


def _strengths(axes: Axes, table: pd.DataFrame) -> None:
    """Labels of strengths of noise, and of the sides of hidden patches."""
    sides = sorted(table.loc[table["corruption"] == HIDDEN, "severity"].unique())
    noise = np.arange(0, 0.6, 0.1)
    places = [0.62 + 0.1 * place for place in range(len(sides))]
    axes.set_xticks([*noise, *places], [*(f"{s:.1g}" for s in noise), *(f"□{s:g}" for s in sides)])
