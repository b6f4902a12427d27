"""The figure of training: F1 and loss on validation data, step by step."""

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from lowcap.claims import Tables
from lowcap.claims.claim import real_minus
from lowcap.report import Figure, panels
from lowcap.report.grid import framed
from lowcap.report.palette import GREY, ordered
from lowcap.studies.low_capacity.figures.common import seeds_in_words, shown_sizes
from lowcap.studies.low_capacity.protocols import by_protocol

FALLING = 0.005
"""Nats: by more than this in the last quarter of training, validation loss still falls. Ours."""

PAPERS_STEPS = 100
POINTS = 90
"""Epochs drawn at most, evenly spaced on the logarithmic axis."""


def training_figure(tables: Tables, protocol: str) -> Figure:
    """Validation F1 and loss against gradient steps, with bands over seeds."""
    table = by_protocol(tables["history"])[protocol]
    table = table[table["split"] == "val"]
    tasks = list(map(str, table["task"].unique()))
    sizes = shown_sizes(table["hidden"].unique())
    colours = ordered(sizes)
    size = max(2.3 * len(tasks) + 1.2, 6), 4.6
    drawing, grid = panels(2, len(tasks), size, sharex=True, sharey="row")
    table = table[table["hidden"].isin(sizes)]
    for column, task in enumerate(tasks):
        of_task = table[table["task"] == task]
        steps = of_task.groupby("epoch")["step"].mean()
        kept = _some_epochs(of_task)
        for hidden in sizes:
            rows = of_task[(of_task["hidden"] == hidden) & of_task["epoch"].isin(kept)]
            for axes, score in zip(grid[:, column], ("f1", "loss"), strict=True):
                curve = rows.groupby("epoch")[score].agg(["mean", "min", "max"])
                x = steps.reindex(curve.index)
                axes.plot(x, curve["mean"], color=colours[hidden])
                axes.fill_between(
                    x, curve["min"], curve["max"], color=colours[hidden], alpha=0.13, lw=0
                )
        grid[0][column].set_title(task)
        grid[1][column].set_xlabel("gradient steps")
        _mark(grid[:, column], float(steps.max()))
    grid[0][0].set_xscale("log")
    grid[0][0].xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    grid[0][0].set_ylabel("validation F1")
    grid[1][0].set_ylabel("validation loss (nats)")
    handles = [Line2D([], [], color=colours[h], label=str(h)) for h in sizes]
    if grid[0][0].lines and table["step"].max() > PAPERS_STEPS:
        handles.append(
            Line2D([], [], color=GREY, lw=1, ls=(0, (3, 3)), label="the paper's\n100 steps")
        )
    drawing.legend(handles=handles, title="hidden size", loc="outside right upper")
    framed(
        drawing,
        f"Training, {protocol} protocol",
        "Lines: mean over seeds; bands: range over seeds. n = "
        f"{seeds_in_words(table)} per size and task.",
    )
    caption = _caption(tables, table, protocol)
    return Figure(f"training-{protocol}", f"Training, {protocol}", caption, drawing)


def _some_epochs(of_task: pd.DataFrame) -> np.ndarray:
    """Epochs that every seed reached, thinned out to what the axis can show."""
    last = int(of_task.groupby("seed")["epoch"].max().min())
    return np.unique(np.geomspace(1, last, POINTS).round().astype(int))


def _mark(both: np.ndarray, most: float) -> None:
    if most > PAPERS_STEPS:
        for axes in both:
            axes.axvline(PAPERS_STEPS, color=GREY, lw=1, ls=(0, (3, 3)), zorder=1)


def _caption(tables: Tables, table: pd.DataFrame, protocol: str) -> str:
    last = table.groupby(["task", "seed"])["epoch"].transform("max")
    end, halfway = table[table["epoch"] == last], table[table["epoch"] == np.maximum(1, last // 2)]
    moved = (
        end.groupby("task", sort=False)["f1"].mean()
        - halfway.groupby("task", sort=False)["f1"].mean()
    )
    steps, most = end["step"], str(moved.abs().idxmax())
    number = f"{steps.min():,.0f}" + (
        f" to {steps.max():,.0f}" if steps.max() > steps.min() else ""
    )
    words = (
        f"Validation F1 and loss under the {protocol} protocol, {number} gradient steps in all. In "
        f"the second half of training mean F1 still changes by {moved.loc[most]:+.3f} on {most}"
    )
    if len(moved) > 1:
        least = str(moved.abs().idxmin())
        words += f" and by {moved.loc[least]:+.3f} on {least}"
    words += "."
    capacity = by_protocol(tables["capacity"])[protocol]
    if "val_loss_fall" in capacity and capacity["val_loss_fall"].notna().any():
        falls = capacity["val_loss_fall"].dropna()
        words += (
            f" In the last quarter of training the validation loss of {(falls > FALLING).sum()} of "
            f"{len(falls)} networks still falls by more than {FALLING} nats (a limit of ours)."
        )
    return real_minus(words.replace("-0.000", "0.000").replace("+0.000", "0.000"))
