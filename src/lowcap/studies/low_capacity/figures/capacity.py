"""The figure of scores against hidden size."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.measures import scores_by_seed, stable_capacity
from lowcap.report import Figure, panels
from lowcap.report.palette import GREY, categories
from lowcap.studies.low_capacity.claims.scores import in_words, level_of
from lowcap.studies.low_capacity.figures.common import (
    NONE_AT,
    by_protocol,
    capitalised,
    headed,
    label_ends,
    level_in_words,
    seeds_in_words,
    size_axis,
)
from lowcap.studies.low_capacity.protocols import PROTOCOLS


def capacity_figure(tables: Tables) -> Figure:
    """Error against hidden size, every task, each protocol by its own score on its own axis."""
    parts = by_protocol(tables["capacity"])
    drawing, grid = panels(1, len(parts), (max(4.2 * len(parts), 5.5), 4.1))
    linear = tables.get("difficulty")
    sentences = []
    for axes, (name, table) in zip(grid[0], parts.items(), strict=True):
        score = PROTOCOLS[name].score
        floor = None
        if linear is not None and score == "test_f1":
            floor = 1 - linear[linear["protocol"] == name].groupby("task")["linear_f1"].mean()
        _errors(axes, table, score, floor)
        axes.set_title(f"{name}: {PROTOCOLS[name].score_name}")
        axes.set_ylabel(f"1 − {PROTOCOLS[name].score_name} (smaller is better)")
        sentences.append(capitalised(_in_words(name, table, floor)))
    _same_limits([axes for axes, name in zip(grid[0], parts, strict=True) if name != "corrected"])
    headed(
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
        "corrected one. An error of 0 is drawn at the lower edge. " + " ".join(sentences)
    )
    return Figure("capacity", "How small can the network be?", caption, drawing, "paper's Fig. 3")


def _errors(axes: Axes, table: pd.DataFrame, score: str, floor: pd.Series | None) -> None:
    tasks = table["task"].unique()
    colours = categories(tasks)
    means = 1 - table.groupby(["task", "hidden"])[score].mean()
    least = max(1e-4, float(means[means > 0].min()) / 2 if (means > 0).any() else 1e-4)
    ends = {}
    for task, colour in colours.items():
        scores = scores_by_seed(table[table["task"] == task], score)
        errors = np.maximum(1 - scores.values, least)
        mean = np.maximum(1 - np.nanmean(scores.values, axis=1), least)
        low, high = np.nanmin(errors, axis=1), np.nanmax(errors, axis=1)
        axes.fill_between(scores.hidden, low, high, color=colour, alpha=0.13, lw=0)
        axes.plot(scores.hidden, mean, ".-", color=colour, ms=5)
        ends[task] = (float(mean[-1]), colour)
        if floor is not None and task in floor:
            axes.plot(NONE_AT, max(floor[task], least), "o", mfc="none", ms=5, color=colour)
    axes.axhline(1 - level_of(table), color=GREY, lw=1, ls=(0, (3, 3)))
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter(lambda value, _: "")
    size_axis(axes, table["hidden"].unique(), with_none=floor is not None)
    if floor is not None:
        axes.set_xlabel("hidden size (0: a linear classifier)")
    if len(tasks) <= 12:
        label_ends(axes, ends)


def _in_words(name: str, table: pd.DataFrame, floor: pd.Series | None) -> str:
    score = PROTOCOLS[name].score
    found = {
        str(task): stable_capacity(scores_by_seed(rows, score), level_of(rows))
        for task, rows in table.groupby("task", sort=False)
    }
    level = level_of(table)
    if len(found) > 12:
        values = np.array(list(found.values()))
        return (
            f"{name}: over {len(found)} tasks the smallest size with a stable F1 above {level:.2f} "
            f"is {in_words(np.median(values))} in the median."
        )
    stable = ", ".join(f"{task} {in_words(size)}" for task, size in found.items())
    words = f"{name}: smallest size with a stable F1 above {level:.2f} (s.d. below 0.02): {stable}."
    if floor is not None:
        means = 1 - table.groupby(["task", "hidden"])[score].mean()
        least = table["hidden"].min()
        listed = "; ".join(
            f"{task} {1 - floor[task]:.3f} and {1 - means[task, least]:.3f}"
            for task in found
            if task in floor
        )
        unit = "unit" if least == 1 else "units"
        words += f" Test F1 of a linear classifier and of {least} {unit}: {listed}."
    return words


def _same_limits(several: list[Axes]) -> None:
    if len(several) > 1:
        limits = np.array([axes.get_ylim() for axes in several])
        for axes in several:
            axes.set_ylim(limits[:, 0].min(), limits[:, 1].max())
