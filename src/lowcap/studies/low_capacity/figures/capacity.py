"""The figure of scores against hidden size."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.report.grid import framed, label_ends
from lowcap.report.marks import level, line, spread
from lowcap.report.palette import categories
from lowcap.report.scales import doublings, logarithmic
from lowcap.studies.low_capacity.claims.scores import level_in_words, level_of
from lowcap.studies.low_capacity.figures.common import seeds_in_words
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol

LINEAR_AT = 0.5
"""Where "0 units", a linear classifier, stands on the logarithmic axis of sizes."""


def capacity_figure(tables: Tables) -> Figure:
    """Error against hidden size, every task, each protocol by its own score on its own axis."""
    parts = by_protocol(tables["capacity"])
    titles = [f"{name}: {PROTOCOLS[name].score_name}" for name in parts]
    drawing, grid = panels(1, titles, (max(4.2 * len(parts), 5.5), 4.1), below="hidden size")
    linear = tables.get("difficulty")
    for axes, (name, table) in zip(grid[0], parts.items(), strict=True):
        score = PROTOCOLS[name].score
        floor = None
        if linear is not None and score == "test_f1":
            floor = 1 - linear[linear["protocol"] == name].groupby("task")["linear_f1"].mean()
            axes.set_xlabel("hidden size (0: a linear classifier)")
        _errors(axes, table, score, floor)
        axes.set_ylabel(f"1 − {PROTOCOLS[name].score_name} (smaller is better)")
    _same_limits([axes for axes, name in zip(grid[0], parts, strict=True) if name != "corrected"])
    framed(
        drawing,
        "How small can the network be?",
        f"Lines: mean over seeds; bands: range over seeds; dashed: the paper's rule, F1 "
        f"{level_in_words(tables['capacity'])}. n = {seeds_in_words(tables['capacity'])} per size "
        "and task.",
    )
    caption = (
        "What is missing to an F1 of 1 by hidden size, on a logarithmic axis. Each protocol is "
        "scored its own way, so heights compare within a panel only: the best training F1 of any "
        "epoch under the released code's procedure, test F1 at the end of training under the "
        "corrected one. An error of 0 is drawn at the lower edge."
    )
    return Figure("capacity", "How small can the network be?", caption, drawing, "paper's Fig. 3")


def _errors(axes: Axes, table: pd.DataFrame, score: str, floor: pd.Series | None) -> None:
    colours = categories(table["task"].unique())
    means = 1 - table.groupby(["task", "hidden"])[score].mean()
    least = max(1e-4, float(means[means > 0].min()) / 2 if (means > 0).any() else 1e-4)
    ends = {}
    for task, colour in colours.items():
        errors = 1 - spread(table[table["task"] == task], "hidden", score)
        errors = errors.clip(lower=least)
        sizes, mean = errors.index, errors["mean"]
        line(axes, sizes, mean, colour, errors["max"], errors["min"], marker=".", ms=5)
        ends[task] = (float(mean.iloc[-1]), colour)
        if floor is not None and task in floor:
            axes.plot(LINEAR_AT, max(floor[task], least), "o", mfc="none", ms=5, color=colour)
    level(axes, y=1 - level_of(table))
    logarithmic(axes.yaxis)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    doublings(axes.xaxis, table["hidden"], {} if floor is None else {LINEAR_AT: "0"})
    if len(colours) <= 12:
        label_ends(axes, ends)


def _same_limits(several: list[Axes]) -> None:
    if len(several) > 1:
        limits = np.array([axes.get_ylim() for axes in several])
        for axes in several:
            axes.set_ylim(limits[:, 0].min(), limits[:, 1].max())
