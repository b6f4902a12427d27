"""The figure of hidden space, dense and pruned, and of networks whose answer is known."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lowcap.claims import Tables
from lowcap.report import Figure
from lowcap.report.grid import blank, framed
from lowcap.report.palette import BLUE, GOLD, PINK, PURPLE, RED, TEAL
from lowcap.studies.low_capacity.figures.common import capitalised, seeds_in_words
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
    embedded = by_protocol(tables["embedding"]) if "embedding" in tables else {}
    planes = {name: list(map(int, rows["perplexity"].unique())) for name, rows in embedded.items()}
    columns = sum(map(len, planes.values()))
    width = max(3.3 * len(parts) + 1.8, 1.9 * columns + 1.2, 6.5)
    drawing = blank((width, 3.2 + (4.3 if columns else 0)))
    whole = drawing.add_gridspec(
        2 if columns else 1, 1, height_ratios=[1, 1.75][: 1 + bool(columns)]
    )
    dots = whole[0].subgridspec(1, len(parts)).subplots(squeeze=False, sharex=True, sharey=True)
    states = [s for s in ORDER if s in set(table["state"])]
    states += [s for s in table["state"].unique() if s not in states]
    for axes, (name, rows) in zip(dots[0], parts.items(), strict=True):
        _dots(axes, rows, states)
        axes.set_title(name)
    if columns:
        places = whole[1].subgridspec(2, columns).subplots(squeeze=False)
        _planes(places, embedded, planes)
    handles = [
        Line2D([], [], color=colour, marker=marker, ls="", ms=5, label=words)
        for words, colour, marker in MEASURES.values()
    ]
    task, hidden = table["task"].iloc[0], table["hidden"].iloc[0]
    if columns:
        handles += [
            Line2D([], [], color=colour, marker=".", ls="", label=f"class {label}")
            for label, colour in zip(task.split("-"), CLASS_COLOURS, strict=True)
        ]
    drawing.legend(handles=handles, loc="outside right upper")
    note = f"Above: mean over seeds, bars from least to most, n = {seeds_in_words(table)}."
    if columns:
        note += " Below: t-SNE of one network, each picture a plane of its own; distances between "
        note += "pictures mean nothing."
    framed(drawing, f"Hidden space ({task}, {hidden} units)", note)
    return Figure(
        "hidden-space", "Hidden space", _caption(parts, columns), drawing, "paper's Fig. 5"
    )


def _dots(axes: Axes, rows: pd.DataFrame, states: list[str]) -> None:
    for offset, (column, (_, colour, marker)) in enumerate(MEASURES.items()):
        over_seeds = rows.groupby("state")[column].agg(["mean", "min", "max"]).reindex(states)
        y = np.arange(len(states)) + 0.17 * (offset - 1.5)
        axes.hlines(y, over_seeds["min"], over_seeds["max"], color=colour, lw=1.3)
        axes.plot(over_seeds["mean"], y, marker, ms=4.5, color=colour, ls="")
    axes.set_yticks(range(len(states)), states)
    axes.set_ylim(len(states) - 0.5, -0.5)
    axes.set_xlabel("0: nothing in common, 1: at best")


def _planes(
    places: np.ndarray, embedded: dict[str, pd.DataFrame], planes: dict[str, list[int]]
) -> None:
    column = 0
    for name, table in embedded.items():
        for perplexity in planes[name]:
            for line, state in enumerate(("dense", "pruned")):
                axes = places[line][column]
                rows = table[(table["state"] == state) & (table["perplexity"] == perplexity)]
                for label, colour in enumerate(CLASS_COLOURS):
                    of_class = rows[rows["label"] == label]
                    axes.plot(of_class["x"], of_class["y"], ".", ms=3, alpha=0.75, color=colour)
                axes.set_xticks([])
                axes.set_yticks([])
                axes.set_title(f"{name}, {state}\nperplexity {perplexity}", fontsize=7.5)
            column += 1


def _caption(parts: dict[str, pd.DataFrame], pictures: int) -> str:
    sentences = [
        "How much of the dense network's hidden space is found again in its pruned copies, in "
        "another seed, in its own initial weights and in a network trained on shuffled labels: "
        "CKA compares activations (mostly the two classes' means), the others ask how well the "
        "classes lie apart."
    ]
    for name, rows in parts.items():
        means = rows.groupby("state")["cka"].mean()
        words = [
            f"{state} {means[state]:.2f}"
            for state in ORDER
            if state != "dense" and np.isfinite(means.get(state, np.nan))
        ]
        if words:
            sentences.append(
                capitalised(f"{name}, mean CKA with the dense network: {', '.join(words)}.")
            )
    if pictures:
        sentences.append(
            "Below, t-SNE of one network before and after 95 % of its weights were pruned by the "
            "protocol's own rule, at several perplexities: one picture alone proves nothing."
        )
    return " ".join(sentences)
