"""The figure of minimum capacity as a function of how much one is ready to lose."""

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.measures import scores_by_seed, stable_capacity
from lowcap.report import INK, Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import line
from lowcap.report.scales import doublings, logarithmic
from lowcap.streams import stream
from lowcap.studies.low_capacity.claims.scores import level_in_words, level_of, protocol_of
from lowcap.studies.low_capacity.claims.tolerances import Choice, choices, smallest_within
from lowcap.studies.low_capacity.figures.common import (
    PROTOCOL_COLOURS,
    seeds_in_words,
    tasks_of,
)
from lowcap.studies.low_capacity.protocols import by_protocol

TOLERANCES = np.geomspace(0.001, 0.1, 81)
RESAMPLES = 400


def band(choice: Choice, tolerances: Float[np.ndarray, " levels"]) -> tuple[np.ndarray, np.ndarray]:
    """Where the smallest sufficient size lies in 95 % of resamples of the seeds."""
    generator = stream("tolerance figure", len(choice.reported))
    count = len(choice.reported)
    rows = generator.integers(0, count, (RESAMPLES, count))
    again = Choice(choice.hidden, choice.choosing[rows], choice.reported[rows])
    found = smallest_within(again, tolerances)
    low, high = np.quantile(found, [0.025, 0.975], axis=0, method="nearest")
    return low, high


def tolerance_figure(tables: Tables) -> Figure:
    """Smallest sufficient size against tolerance, a panel a task, a line a protocol."""
    table = tables["capacity"]
    parts, tasks = by_protocol(table), tasks_of(table)
    drawing, grid = panels(
        ["smallest hidden size within it"],
        tasks,
        (max(2.35 * len(tasks), 5.5), 3.6),
        below="F1 one is ready to lose",
        sharex=True,
        sharey=True,
    )
    for part in parts.values():
        for task, choice in choices(part).items():
            _line(grid[0][tasks.index(task)], choice, part[part["task"] == task])
    for axes in grid[0]:
        logarithmic(axes.xaxis)
        axes.set_xlim(TOLERANCES[0], TOLERANCES[-1])
        axes.set_xticks([0.001, 0.01, 0.1], ["0.001", "0.01", "0.1"])
        doublings(axes.yaxis, table["hidden"])
    framed(
        drawing,
        "Minimum capacity depends on how much one is ready to lose",
        "Bands: 95 % of resamples of the seeds; circles: the paper's rule (s.d. below 0.02, mean "
        f"F1 above {level_in_words(table)}). n = {seeds_in_words(table)} per size and task.",
        [entry(name, PROTOCOL_COLOURS[name]) for name in parts],
        "protocol",
    )
    caption = (
        "For each task the smallest hidden size whose mean F1 is within a tolerance of the best "
        "size's; under the corrected protocol validation data choose the best size and test data "
        "report, otherwise both are the best training F1. The paper's rule is one mark, at the "
        "loss that its threshold of F1 would be."
    )
    return Figure("tolerance", "Small enough for what?", caption, drawing)


def _line(axes: Axes, choice: Choice, rows: pd.DataFrame) -> None:
    protocol = protocol_of(rows)
    colour, sizes = PROTOCOL_COLOURS[protocol.name], smallest_within(choice, TOLERANCES)
    limits = band(choice, TOLERANCES) if len(choice.reported) > 1 else (None, None)
    line(axes, TOLERANCES, sizes, colour, *limits, step="mid")
    wanted = level_of(rows)
    rule = stable_capacity(scores_by_seed(rows, protocol.score), wanted)
    if np.isfinite(rule) and choice.best > wanted:
        place = float(np.clip(choice.best - wanted, TOLERANCES[0], TOLERANCES[-1]))
        axes.plot(place, rule, "o", ms=7, mfc=colour, mec=INK, mew=0.8, clip_on=False, zorder=5)
