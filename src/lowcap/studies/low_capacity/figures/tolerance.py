"""The figure of minimum capacity as a function of how much one is ready to lose."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.measures import scores_by_seed, stable_capacity
from lowcap.report import INK, Figure, panels
from lowcap.streams import stream
from lowcap.studies.low_capacity.claims.scores import in_words, level_of
from lowcap.studies.low_capacity.figures.common import (
    PROTOCOL_COLOURS,
    by_protocol,
    capitalised,
    headed,
    level_in_words,
    seeds_in_words,
)
from lowcap.studies.low_capacity.protocols import PROTOCOLS

TOLERANCES = np.geomspace(0.001, 0.1, 81)
SPOKEN = (0.001, 0.003, 0.01, 0.03)
"""Tolerances that the caption names."""

RESAMPLES = 400


class Choice(NamedTuple):
    """One task's scores twice: those that choose the best size, and those that are reported."""

    hidden: np.ndarray
    choosing: Float[np.ndarray, "seeds sizes"]
    reported: Float[np.ndarray, "seeds sizes"]


def choice_of(table: pd.DataFrame) -> Choice:
    """One task's scores under one protocol, the seeds that have every size.

    Validation data choose and test data report where the protocol scores test data; where it
    scores training data, they do both.
    """
    score = PROTOCOLS[table["protocol"].iloc[0]].score
    chooses = "val_f1" if score == "test_f1" else score
    both = list(dict.fromkeys([chooses, score]))
    square = table.pivot_table(index="seed", columns="hidden", values=both).dropna()
    sizes = square[score].columns.to_numpy()
    return Choice(sizes, square[chooses].to_numpy(), square[score].to_numpy())


def smallest_within(
    choice: Choice, tolerances: Float[np.ndarray, " levels"]
) -> Float[np.ndarray, " levels"]:
    """The smallest size whose mean reported score is within each tolerance of the best size's.

    The best size is the one with the best mean of the scores that choose.
    """
    means = choice.reported.mean(axis=0)
    best = means[choice.choosing.mean(axis=0).argmax()]
    enough = means[None] >= best - tolerances[:, None] - 1e-12
    return choice.hidden[enough.argmax(axis=1)].astype(float)


def band(choice: Choice, tolerances: Float[np.ndarray, " levels"]) -> tuple[np.ndarray, np.ndarray]:
    """Where that size lies in 95 % of resamples of the seeds."""
    generator = stream("tolerance figure", len(choice.reported))
    count, found = len(choice.reported), []
    for _ in range(RESAMPLES):
        rows = generator.integers(0, count, count)
        again = Choice(choice.hidden, choice.choosing[rows], choice.reported[rows])
        found.append(smallest_within(again, tolerances))
    low, high = np.quantile(found, [0.025, 0.975], axis=0, method="nearest")
    return low, high


def tolerance_figure(tables: Tables) -> Figure:
    """Smallest sufficient size against tolerance, a panel a task, a line a protocol."""
    table = tables["capacity"]
    parts = by_protocol(table)
    tasks = list(map(str, table["task"].unique()))
    size = max(2.35 * len(tasks), 5.5), 3.6
    drawing, grid = panels(1, len(tasks), size, sharex=True, sharey=True)
    spoken: dict[str, list[np.ndarray]] = {name: [] for name in parts}
    for axes, task in zip(grid[0], tasks, strict=True):
        for name, part in parts.items():
            rows = part[part["task"] == task]
            if len(rows) and len((choice := choice_of(rows)).reported):
                _line(axes, name, choice, rows)
                spoken[name].append(smallest_within(choice, np.array(SPOKEN)))
        axes.set_title(task)
        axes.set_xlabel("F1 one is ready to lose")
        _scales(axes, table["hidden"].unique())
    grid[0][0].set_ylabel("smallest hidden size within it")
    handles, labels = grid[0][0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside right upper", title="protocol")
    headed(
        drawing,
        "Minimum capacity depends on how much one is ready to lose",
        "Bands: 95 % of resamples of the seeds; circles: the paper's rule (s.d. below 0.02, mean "
        f"F1 above {level_in_words(table)}). n = {seeds_in_words(table)} per size and task.",
    )
    sentences = [
        capitalised(f"{name}: {_in_words(tasks, found)}.")
        for name, found in spoken.items()
        if found
    ]
    caption = (
        "For each task the smallest hidden size whose mean F1 is within a tolerance of the best "
        "size's; under the corrected protocol validation data choose the best size and test data "
        "report, otherwise both are the best training F1. The paper's rule is one mark, at the "
        "loss that its threshold of F1 would be. " + " ".join(sentences)
    )
    title = "Small enough for what?"
    return Figure("tolerance", title, caption, drawing)


def _line(axes: Axes, name: str, choice: Choice, rows: pd.DataFrame) -> None:
    colour = PROTOCOL_COLOURS[name]
    sizes = smallest_within(choice, TOLERANCES)
    if len(choice.reported) > 1:
        low, high = band(choice, TOLERANCES)
        axes.fill_between(TOLERANCES, low, high, step="mid", color=colour, alpha=0.14, lw=0)
    axes.step(TOLERANCES, sizes, where="mid", color=colour, label=name)
    level = level_of(rows)
    rule = stable_capacity(scores_by_seed(rows, PROTOCOLS[name].score), level)
    best = choice.reported.mean(axis=0)[choice.choosing.mean(axis=0).argmax()]
    if np.isfinite(rule) and best > level:
        place = float(np.clip(best - level, TOLERANCES[0], TOLERANCES[-1]))
        axes.plot(place, rule, "o", ms=7, mfc=colour, mec=INK, mew=0.8, clip_on=False, zorder=5)


def _scales(axes: Axes, sizes: np.ndarray) -> None:
    axes.set_xscale("log")
    axes.set_xlim(TOLERANCES[0], TOLERANCES[-1])
    axes.set_xticks([0.001, 0.01, 0.1], ["0.001", "0.01", "0.1"])
    axes.set_yscale("log", base=2)
    ticks = [h for h in sorted(sizes) if len(sizes) <= 6 or np.log2(h) % 1 == 0]
    axes.set_yticks(ticks, list(map(str, ticks)))
    axes.minorticks_off()


def _in_words(tasks: list[str], found: list[np.ndarray]) -> str:
    by_level = []
    for place, level in enumerate(SPOKEN):
        sizes = [in_words(each[place]) for each in found]
        middle = f"{np.median([each[place] for each in found]):.0f}"
        text = ", ".join(sizes) if len(sizes) <= 8 else middle
        by_level.append(f"{text} units at {level:g}")
    which = ", ".join(tasks) if len(tasks) <= 8 else "median over tasks"
    return f"({which}) {'; '.join(by_level)}"
