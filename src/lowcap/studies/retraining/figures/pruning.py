"""Figures of what pruning costs and gains by every way to retrain."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from lowcap.claims import NotMeasured, Tables
from lowcap.report import INK, Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import level, line, matrix
from lowcap.report.palette import BLUE, DIVERGING, GREY, PINK, TEAL, categories
from lowcap.report.scales import logarithmic, place_of, sparsity_axis
from lowcap.studies.retraining.claims.difficulty import critical_sparsities
from lowcap.studies.retraining.claims.losses import HARD_LOSS
from lowcap.studies.retraining.figures.common import (
    METHODS,
    lost,
    of_dataset,
    seeds_in_words,
    tasks_of,
)

LEAST = 3e-4
"""F1: losses below this, and gains, are drawn at the foot of a logarithmic axis."""


def methods_figure(tables: Tables, dataset: str) -> Figure:
    """F1 lost against sparsity, a panel a task, a line a method."""
    here = of_dataset(tables, dataset)
    tasks = tasks_of(here)
    drawing, grid = panels(1, tasks, (2.1 * len(tasks) + 2.4, 3.6), sharey=True, sharex=True)
    present = [name for name in METHODS if (here["retraining"]["method"] == name).any()]
    for method in present:
        table, colour = lost(here, method), METHODS[method][0]
        for axes, task in zip(grid[0], tasks, strict=True):
            own = table[table["task"] == task]
            means = own.groupby(["requested_sparsity", "seed"])["lost"].mean()
            middle = means.groupby(level=0).mean().clip(lower=LEAST)
            dashed = "--" if method == "one-shot" else "-"
            axes.plot(place_of(middle.index), middle, color=colour, ls=dashed, marker="o", ms=2.5)
    for axes in grid[0]:
        logarithmic(axes.yaxis)
        axes.set_ylim(LEAST * 0.8, 1)
        level(axes, y=HARD_LOSS)
        sparsity_axis(axes)
    grid[0, 0].set_ylabel("F1 lost against dense\nnetworks of as many steps")
    grid[0, 0].set_yticks([LEAST, 1e-3, 1e-2, 1e-1, 1], ["≤ 0.0003", "0.001", "0.01", "0.1", "1"])
    entries = [
        entry(METHODS[name][1], METHODS[name][0], "--" if name == "one-shot" else "-", "o", ms=3)
        for name in present
    ]
    note = f"Means over hidden sizes and {seeds_in_words(here)}, on test images of {dataset}."
    framed(drawing, "What does pruning cost once networks are trained on?", note, entries)
    caption = (
        "F1 of dense networks less that of pruned ones trained for as many steps, by the share of "
        "the weights that was removed (axis by the logarithm of the weights left). Losses below "
        f"{LEAST:g}, and gains, stand at the foot. Dashed: {HARD_LOSS:g}, what the claim on 4-9 "
        "allows."
    )
    return Figure(f"methods-{dataset}", "What pruning costs by way of retraining", caption, drawing)


def weights_figure(tables: Tables, dataset: str) -> Figure:
    """F1 against the number of weights: small dense networks, and large ones that were pruned."""
    here = of_dataset(tables, dataset)
    tasks = tasks_of(here)
    table = here["retraining"]
    most = table.loc[table["method"] == "fine-tuned", ["task", "steps"]].drop_duplicates()
    dense = table[table["method"] == "dense"].merge(most, on=["task", "steps"])
    largest = table["hidden"].max()
    shown = {"fine-tuned": BLUE, "iterative": TEAL, "units": PINK}
    drawing, grid = panels(
        1, tasks, (2.1 * len(tasks) + 2.6, 3.6), below="weights", sharey=True, sharex=True
    )
    for axes, task in zip(grid[0], tasks, strict=True):
        own = dense[dense["task"] == task]
        _error_curve(axes, own, GREY, "s")
        for method, colour in shown.items():
            scope = "contribution" if method == "units" else "global"
            rows = table[(table["task"] == task) & (table["method"] == method)]
            rows = rows[(rows["scope"] == scope) & (rows["hidden"] == largest)]
            _error_curve(axes, rows, colour, "o")
        axes.set_xscale("log")
        logarithmic(axes.yaxis)
    ticks = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]
    grid[0, 0].set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    grid[0, 0].yaxis.set_minor_locator(NullLocator())
    grid[0, 0].set_ylabel("1 − F1 on test images")
    words = {"fine-tuned": "fine-tuned", "iterative": "iterative", "units": "whole units removed"}
    entries = [
        entry("small, dense from the start", GREY, marker="s", ms=4),
        *(entry(f"{largest} units, {words[name]}", colour, marker="o", ms=4)
          for name, colour in shown.items()),
    ]  # fmt: skip
    note = f"Medians of {seeds_in_words(here)} in bands from least to most."
    framed(drawing, "Prune a large network, or train a small one?", note, entries)
    caption = (
        f"What F1 lacks to 1, by the number of weights: dense networks of 1 to {largest} hidden "
        f"units, and networks of {largest} that were pruned to as many weights and trained on. "
        "Iterative pruning takes more steps than the others; the verdicts compare at equal steps."
    )
    return Figure(f"weights-{dataset}", "Pruned and small networks", caption, drawing)


def _error_curve(axes: Axes, rows: pd.DataFrame, colour: str, marker: str) -> None:
    """Median of 1 - F1 by number of weights in a band from least to most."""
    error = (1 - rows["test_f1"]).clip(lower=1e-3)
    each = error.groupby(rows["weights"]).agg(["median", "min", "max"])
    line(axes, each.index, each["median"], colour, each["min"], each["max"], marker=marker, ms=3)


def gains_figure(tables: Tables, dataset: str) -> Figure:
    """F1 gained by pruning on the harder tasks, by size and sparsity."""
    here = of_dataset(tables, dataset)
    tasks = [task for task in ("3-8", "4-9") if task in tasks_of(here)] or tasks_of(here)[-2:]
    methods = ("fine-tuned", "iterative", "gradual")
    drawing, grid = panels(tasks, methods, (9.6, 2.1 * len(tasks) + 1.4), sharex=True)
    for column, method in enumerate(methods):
        table = lost(here, method)
        for row, task in enumerate(tasks):
            means = table[table["task"] == task].pivot_table("lost", "hidden", "requested_sparsity")
            levels = [f"{100 * s:g}" for s in means.columns]
            matrix(
                grid[row, column], -1000 * means.to_numpy(), (-40, 40), signed,
                list(map(str, means.index)), levels,
                colours=DIVERGING.reversed(),
            )  # fmt: skip
    for axes in grid[-1]:
        axes.set_xlabel("sparsity (%)")
    for axes, task in zip(grid[:, 0], tasks, strict=True):
        axes.set_ylabel(f"{task}: hidden units")
    note = f"Thousandths of F1, means of {seeds_in_words(here)} on test images; blue is gained."
    framed(drawing, "Does pruning ever help?", note)
    caption = (
        "F1 of pruned and retrained networks less that of dense ones trained for as many steps, in "
        "thousandths."
    )
    return Figure(f"gains-{dataset}", "What pruning gains", caption, drawing)


def critical_figure(tables: Tables, dataset: str) -> Figure:
    """The weights that a task needs, against its difficulty."""
    here = of_dataset(tables, dataset)
    hard = here["difficulty"].set_index("task")["linear_error"]
    names = ("one-shot", "fine-tuned", "iterative")
    below = "test error of a linear classifier (%)"
    drawing, grid = panels(1, 1, (7.2, 4.2), below=below)
    axes, colours = grid[0, 0], categories(names)
    for name in names:
        try:
            critical = critical_sparsities(here, name)
        except NotMeasured:
            continue
        x, y = 100 * hard[critical.index], 100 * (1 - critical)
        order = np.argsort(x.to_numpy(), kind="stable")
        axes.plot(x.iloc[order], y.iloc[order], "o-", color=colours[name], ms=4, lw=1)
        for task, height in y.items() if name == names[0] else ():
            axes.annotate(
                str(task), (x[task], height), (0, 5), textcoords="offset points", fontsize=7,
                color=INK, ha="center",
            )  # fmt: skip
    logarithmic(axes.yaxis)
    ticks = [0.5, 1, 2, 5, 10, 20, 50]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_ylabel("share of the weights needed (%)")
    entries = [entry(METHODS[name][1], colours[name], marker="o", ms=4) for name in names]
    note = f"Means over hidden sizes and {seeds_in_words(here)}; 0.01 of F1 may be lost."
    framed(drawing, "Do harder tasks need more weights?", note, entries)
    caption = (
        "The share of the weights below which mean F1 over sizes falls more than 0.01 short of "
        "dense networks of as many steps."
    )
    return Figure(f"critical-{dataset}", "Weights needed and difficulty", caption, drawing)


def signed(value: float) -> str:
    """A whole number with its sign; 0 has none."""
    return f"{round(value):+d}" if round(value) else "0"
