"""The figure of training: F1 and loss on validation data, step by step."""

import numpy as np
import pandas as pd

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.report.grid import DASHES, entry, framed
from lowcap.report.marks import curve, level, spreads
from lowcap.report.palette import GREY, ordered
from lowcap.report.scales import logarithmic
from lowcap.studies.low_capacity.figures.common import seeds_in_words, shown_sizes, tasks_of
from lowcap.studies.low_capacity.protocols import of_protocol

PAPERS_STEPS = 100
SIZES = 4
"""Hidden sizes drawn at most: the bands of more cannot be told apart."""

POINTS = 90
"""Epochs drawn at most, evenly spaced on the logarithmic axis."""


def training_figure(tables: Tables, protocol: str) -> Figure:
    """Validation F1 and loss against gradient steps, with bands over seeds."""
    table = of_protocol(tables["history"], protocol)
    table = table[table["split"] == "val"]
    colours = ordered(shown_sizes(table["hidden"].unique(), at_most=SIZES))
    table, tasks = table[table["hidden"].isin(list(colours))], tasks_of(table)
    drawing, grid = panels(
        ["validation F1", "validation loss (nats)"],
        tasks,
        (max(2.3 * len(tasks) + 1.2, 6), 4.6),
        below="gradient steps",
        sharex=True,
        sharey="row",
    )
    for both, task in zip(grid.T, tasks, strict=True):
        rows = _few_epochs(table[table["task"] == task])
        steps = rows.groupby("epoch")["step"].mean()
        for axes, score in zip(both, ("f1", "loss"), strict=True):
            for hidden, found in spreads(rows, "hidden", "epoch", score).items():
                curve(axes, found, colours[int(hidden)], steps.reindex(found.index))
            if steps.max() > PAPERS_STEPS:
                level(axes, x=PAPERS_STEPS)
    logarithmic(grid[0][0].xaxis)
    grid[0][0].xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    entries = [entry(str(h), colour) for h, colour in colours.items()]
    if table["step"].max() > PAPERS_STEPS:
        entries.append(entry("the paper's\n100 steps", GREY, DASHES, lw=1))
    framed(
        drawing,
        f"Training, {protocol} protocol",
        "Lines: mean over seeds; bands: range over seeds. n = "
        f"{seeds_in_words(table)} per size and task.",
        entries,
        "hidden size",
    )
    caption = (
        f"Validation F1 and loss under the {protocol} protocol by gradient step, on a logarithmic "
        f"axis; up to {POINTS} epochs and {SIZES} sizes are drawn. Where seeds stop at different "
        "epochs, lines end with the first. A line that still moves at its end is one of networks "
        "that are not done learning."
    )
    return Figure(f"training-{protocol}", f"Training, {protocol}", caption, drawing)


def _few_epochs(of_task: pd.DataFrame) -> pd.DataFrame:
    """The rows of epochs that every seed reached, thinned out to what the axis can show."""
    last = int(of_task.groupby("seed")["epoch"].max().min())
    kept = np.unique(np.geomspace(1, last, POINTS).round().astype(int))
    return of_task[of_task["epoch"].isin(kept)]
