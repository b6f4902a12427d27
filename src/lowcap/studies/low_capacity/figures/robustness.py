"""Figures on noise, occlusion and the wider set of corruptions."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from lowcap.claims import Tables
from lowcap.report import INK, Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import colour_bar, curve, matrix, spread
from lowcap.report.palette import GREY, SEQUENTIAL, TEAL, ordered
from lowcap.report.scales import doublings
from lowcap.studies.low_capacity.claims.scores import of_digits
from lowcap.studies.low_capacity.figures.common import (
    scored_on,
    seeds_in_words,
    shown_sizes,
    tasks_of,
)
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol

TASK = "4-9"
"""The task that the paper corrupts."""

SIGMAS = (0.1, 0.2, 0.3, 0.4, 0.5)
PUBLISHED_NOISE = {
    24: (0.881, 0.853, 0.802, 0.730, 0.669),
    64: (0.917, 0.908, 0.869, 0.819, 0.766),
}
"""Read off the paper's Fig. 6: F1 at these sigmas, by hidden size."""

PUBLISHED_OCCLUSION = {24: 0.847, 48: 0.860, 64: 0.862}
"""The paper's F1 under occlusion, by hidden size (sec. 4.6)."""

SIZES = 8
"""Columns that a map of corruptions has at most."""


def noise_figure(tables: Tables) -> Figure:
    """F1 against the strength of noise, and under occlusion, ours beside the paper's own."""
    table, tasks = tables["robustness"], tasks_of(tables["robustness"])
    task = TASK if TASK in tasks else tasks[0]
    table = table[(table["task"] == task) & (table["requested_sparsity"] == 0)]
    parts = by_protocol(table)
    beside = [  # the protocols that the paper's own values belong to
        name
        for name in parts
        if of_digits(table) and task == TASK and PROTOCOLS[name].score == "train_f1_best"
    ]
    drawing, grid = panels(
        ["F1 under noise", "F1 under occlusion"],
        [f"{name}: {scored_on(name)} F1" for name in parts],
        (max(4 * len(parts) + 1.6, 6.5), 5.6),
        below="hidden size",
        sharey="row",
        height_ratios=(1.5, 1),
    )
    present = table["hidden"].unique()
    sizes = [h for h in PUBLISHED_OCCLUSION if h in present] or shown_sizes(present, at_most=3)
    colours = ordered(sizes)
    for (upper, lower), (name, rows) in zip(grid.T, parts.items(), strict=True):
        _noise(upper, rows, colours, paper=name in beside)
        _occlusion(lower, rows, paper=name in beside)
    entries = [
        *(entry(f"{h} units", colours[h]) for h in sizes),
        entry("clean, by size", GREY, "-", "."),
        entry("occluded, by size", TEAL, "-", "."),
    ]
    if beside:
        entries.append(entry("the paper's\n(Fig. 6)", INK, "", "x"))
    framed(
        drawing,
        f"Noise and occlusion ({task})",
        "Lines: mean over seeds and draws of the corruption; bands: range over seeds. n = "
        f"{seeds_in_words(table)} per size.",
        entries,
    )
    caption = (
        f"F1 on {task} under additive Gaussian noise (above) and with one 7x7 patch set to 0 at a "
        "random place (below)"
        + ("; crosses are the paper's own values, read off its figure." if beside else ".")
    )
    return Figure("noise", "Noise and occlusion", caption, drawing, "paper's Fig. 6")


def _noise(axes: Axes, rows: pd.DataFrame, colours: dict[int, str], *, paper: bool) -> None:
    noise = rows[rows["corruption"].isin(("none", "gaussian noise"))]
    for hidden, colour in colours.items():
        of_size = noise[noise["hidden"] == hidden]
        curve(axes, spread(of_size, "severity", "f1"), colour, marker=".")
        if paper and hidden in PUBLISHED_NOISE:
            axes.plot(SIGMAS, PUBLISHED_NOISE[hidden], "x", color=colour, mew=1.6)
    axes.set_xlabel("sigma of the noise (pixels are 0 to 1)")


def _occlusion(axes: Axes, rows: pd.DataFrame, *, paper: bool) -> None:
    """Clean and occluded F1 of every size."""
    for kind, colour in (("none", GREY), ("occlusion", TEAL)):
        of_kind = rows[rows["corruption"] == kind]
        curve(axes, spread(of_kind, "hidden", "f1"), colour, marker=".")
    if paper:
        sizes, scores = zip(*PUBLISHED_OCCLUSION.items(), strict=True)
        axes.plot(sizes, scores, "x", color=INK, mew=1.6)
    doublings(axes.xaxis, rows["hidden"])


def wider(tables: Tables) -> dict[str, pd.DataFrame]:
    """The dense networks' rows of protocols that met more than the paper's corruptions."""
    table = tables["robustness"]
    table = table[table["requested_sparsity"] == 0]
    return {
        name: rows for name, rows in by_protocol(table).items() if rows["corruption"].nunique() > 3
    }


def relative_loss(table: pd.DataFrame) -> pd.DataFrame:
    """Mean share of F1 that each corruption costs: corruption and severity by hidden size."""
    means = table.pivot_table(
        index=["corruption", "severity"], columns="hidden", values="f1", sort=False
    )
    clean = means.xs("none", level="corruption").iloc[0]
    return (1 - means / clean.where(clean > 0)).drop(index="none", level="corruption")


def _few_sizes(square: pd.DataFrame) -> pd.DataFrame:
    """As many of its columns as can be read, the smallest and the largest size among them."""
    return square[shown_sizes(square.columns.to_numpy(), at_most=SIZES)]


def corruptions_figure(tables: Tables) -> Figure:
    """What each corruption costs each hidden size, all tasks together, on one scale."""
    parts = {name: _few_seeds(table) for name, table in wider(tables).items()}
    found = {name: _few_sizes(relative_loss(table)) for name, table in parts.items()}
    titles = [f"{name}: % of {scored_on(name)} F1 lost" for name in parts]
    size = max(3.4 * len(parts) + 2.2, 7), 0.29 * max(map(len, found.values())) + 1.7
    drawing, grid = panels(1, titles, size, below="hidden size", sharey=True)
    top = max(0.01, *(np.nanmax(square.to_numpy()) for square in found.values()))
    for axes, square in zip(grid[0], found.values(), strict=True):
        names = [f"{kind} {severity:g}" for kind, severity in square.index]
        matrix(axes, square.to_numpy(), (0, top), _whole_percent, names, square.columns)
    look = {"label": "share of F1 lost", "format": PercentFormatter(1, decimals=0), "aspect": 25}
    colour_bar(drawing, SEQUENTIAL, 0, top, ax=list(grid[0]), **look)
    table = pd.concat(parts.values())
    tasks = table["task"].nunique()
    framed(
        drawing,
        "What each corruption costs",
        f"Mean over {tasks} task{'s' * (tasks > 1)} and seeds, relative to the clean F1 of the "
        f"same size. n = {seeds_in_words(table)} per size and task.",
    )
    caption = (
        "Share of F1 lost under each corruption, with its severity, mean over tasks, seeds and "
        "draws; less than 0 where corrupted images are classified better than clean ones. At most "
        f"{SIZES} sizes are drawn; the table “robustness” has all."
    )
    return Figure("corruptions", "What each corruption costs", caption, drawing)


def _whole_percent(share: float) -> str:
    return f"{100 * share:.0f}".replace("-0", "0")


def _few_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """The seeds that met every corruption, so that all of its rows are about the same networks."""
    kinds = table.groupby(["task", "seed"])["corruption"].nunique()
    whole = kinds[kinds == kinds.max()].index
    return table[pd.MultiIndex.from_frame(table[["task", "seed"]]).isin(whole)]
