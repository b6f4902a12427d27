"""The figure of hidden space, dense and pruned, and of networks whose answer is known."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.report import Figure
from lowcap.report.grid import blank, entry, framed
from lowcap.report.marks import intervals, name_rows, offsets, spread
from lowcap.report.palette import BLUE, GOLD, PINK, PURPLE, RED, TEAL
from lowcap.studies.low_capacity.figures.common import seeds_in_words
from lowcap.studies.low_capacity.protocols import by_protocol

CLASS_COLOURS = (BLUE, PINK)

MEASURES = {
    "cka": ("CKA with dense", PURPLE, "D"),
    "knn": ("5 nearest neighbours", TEAL, "o"),
    "probe": ("linear probe", GOLD, "s"),
    "silhouette": ("silhouette of classes", RED, "^"),
}
"""Columns of the geometry table: name, colour and marker. All are 1 at best."""

ORDER = ("dense", "pruned: global", "pruned: listing C.1", "another seed", "untrained",
         "shuffled labels")  # fmt: skip


def hidden_space_figure(tables: Tables) -> Figure:
    """How far hidden spaces resemble the dense network's; and t-SNE at several perplexities."""
    table = tables["geometry"]
    parts = by_protocol(table)
    planes = _planes(tables)
    width = max(3.3 * len(parts) + 1.8, 1.9 * len(planes) + 1.2, 6.5)
    drawing = blank((width, 7.5 if planes else 3.2))
    above, *below = drawing.add_gridspec(
        1 + bool(planes), 1, height_ratios=[1, 1.75][: 1 + bool(planes)]
    )
    dots = above.subgridspec(1, len(parts)).subplots(squeeze=False, sharex=True, sharey=True)
    states = sorted(table["state"].unique(), key=[*ORDER, *table["state"]].index)
    for axes, (name, rows) in zip(dots[0], parts.items(), strict=True):
        axes.set_title(name)
        _dots(axes, rows, states)
    task, hidden = str(table["task"].iloc[0]), table["hidden"].iloc[0]
    entries = [
        entry(words, colour, "", marker, ms=5) for words, colour, marker in MEASURES.values()
    ]
    note = f"Above: mean over seeds, bars from least to most, n = {seeds_in_words(table)}."
    if below:
        places = below[0].subgridspec(2, len(planes)).subplots(squeeze=False)
        for both, (title, rows) in zip(places.T, planes.items(), strict=True):
            for axes, state in zip(both, ("dense", "pruned"), strict=True):
                _plane(axes, rows[rows["state"] == state], title.format(state=state))
        of_class = zip(task.split("-"), CLASS_COLOURS, strict=True)
        entries += [entry(f"class {label}", colour, "", ".") for label, colour in of_class]
        note += " Below: t-SNE of one network, each picture a plane of its own; distances between "
        note += "pictures mean nothing."
    framed(drawing, f"Hidden space ({task}, {hidden} units)", note, entries)
    caption = (
        "How much of the dense network's hidden space is found again in its pruned copies, in "
        "another seed, in its own initial weights and in a network trained on shuffled labels: "
        "CKA compares activations (mostly the two classes' means), the others ask how well the "
        "classes lie apart."
    )
    if below:
        caption += (
            " Below, t-SNE of one network before and after 95 % of its weights were pruned by the "
            "protocol's own rule, at several perplexities: one picture alone proves nothing."
        )
    return Figure("hidden-space", "Hidden space", caption, drawing, "paper's Fig. 5")


def _dots(axes: Axes, rows: pd.DataFrame, states: list[str]) -> None:
    aside = offsets(len(MEASURES), 0.17)
    for offset, (column, (_, colour, marker)) in zip(aside, MEASURES.items(), strict=True):
        found = spread(rows, "state", column).reindex(states)
        intervals(axes, np.arange(len(states)) + offset, found, colour, marker)
    name_rows(axes, states)
    axes.set_xlabel("0: nothing in common, 1: at best")


def _planes(tables: Tables) -> Mapping[str, pd.DataFrame]:
    """The embedding of each protocol at each perplexity, by the title of its pictures."""
    embedded = by_protocol(tables["embedding"]) if "embedding" in tables else {}
    return {
        f"{name}, {{state}}\nperplexity {perplexity:g}": rows[rows["perplexity"] == perplexity]
        for name, rows in embedded.items()
        for perplexity in rows["perplexity"].unique()
    }


def _plane(axes: Axes, rows: pd.DataFrame, title: str) -> None:
    for label, colour in enumerate(CLASS_COLOURS):
        of_class = rows[rows["label"] == label]
        axes.plot(of_class["x"], of_class["y"], ".", ms=3, alpha=0.75, color=colour)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title, fontsize=7.5)
