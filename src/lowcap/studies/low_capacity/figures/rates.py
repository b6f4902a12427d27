"""The figure of learning rates: scores by hidden size and rate, and the spread over seeds."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from lowcap.claims import Tables
from lowcap.report import INK, Figure, panels
from lowcap.report.grid import framed
from lowcap.report.marks import colour_bar, line, matrix
from lowcap.report.palette import ORDERED, SEQUENTIAL
from lowcap.studies.low_capacity.claims.rates import rate_score
from lowcap.studies.low_capacity.claims.scores import of_digits
from lowcap.studies.low_capacity.figures.common import seeds_in_words
from lowcap.studies.low_capacity.protocols import by_protocol
from lowcap.studies.low_capacity.settings import LEARNING_RATE, LEARNING_RATES

PUBLISHED_ROW = {2: 0.73, 4: 0.75, 6: 0.78, 8: 0.82, 10: 0.82, 12: 0.84, 16: 0.83, 24: 0.80,
                 32: 0.90, 48: 0.91, 64: 0.91}  # fmt: skip
"""The paper's heat map (Fig. 1) at learning rate 0.03, by hidden size; its seeds are unknown."""

SPREAD_AT = (0.003, 0.01, 0.03, 0.1)
"""The rates whose spread over seeds is drawn."""

LIMITS = (0.5, 1.0)
_LABELS = {"val_f1": "validation F1", "train_f1_best": "best training F1"}


def learning_rate_figure(tables: Tables) -> Figure:
    """F1 by hidden size and learning rate with the paper's own row; below, the spread of seeds."""
    table = tables["learning_rate"]
    parts = by_protocol(table)
    drawing, grid = panels(
        ["learning rate", "s.d. of F1\nover seeds"],
        [f"{name}: mean {_LABELS[rate_score(name)]}" for name in parts],
        (5.6 * len(parts) + 0.8, 5.4),
        below="hidden size",
        height_ratios=(1.75, 1),
        sharex="col",
    )
    for (upper, lower), (name, rows) in zip(grid.T, parts.items(), strict=True):
        score = rate_score(name)
        means, deviations = (
            rows.pivot_table(score, "learning_rate", "hidden", aggfunc=how)
            for how in ("mean", "std")
        )
        paper = score == "train_f1_best" and of_digits(rows)
        _heat_map(upper, means.sort_index(ascending=False), paper=paper)
        _spread(lower, deviations.reindex(columns=means.columns))
    look = {"label": "mean F1", "pad": 0.01, "aspect": 25}
    colour_bar(drawing, SEQUENTIAL, *LIMITS, ax=list(grid[0]), **look)
    framed(
        drawing,
        f"Which learning rate? ({table['task'].iloc[0]})",
        f"n = {seeds_in_words(table)} per size and rate. Framed: the best of its column. Rates "
        f"above {max(LEARNING_RATES):g} are not in the paper's grid.",
    )
    caption = (
        f"F1 on {table['task'].iloc[0]} by hidden size and learning rate, and how far seeds "
        "spread. Where the released code's procedure is repeated on digits, the lowest row is the "
        f"paper's own, at {LEARNING_RATE:g}."
    )
    return Figure("learning-rate", "Which learning rate?", caption, drawing, "paper's Figs. 1, 2")


def _heat_map(axes: Axes, means: pd.DataFrame, *, paper: bool) -> None:
    values, names = means.to_numpy(), [f"{rate:g}" for rate in means.index]
    if paper:
        row = [PUBLISHED_ROW.get(int(h), np.nan) for h in means.columns]
        values = np.vstack([values, np.full((1, len(row)), np.nan), row])
        names += ["", f"paper, {LEARNING_RATE:g}"]
    matrix(axes, values, LIMITS, lambda value: f"{value:.2f}".removeprefix("0"), names)
    corners = 0.44 * np.array([[-1, 1, 1, -1, -1], [-1, -1, 1, 1, -1]])
    for column, best in enumerate(means.to_numpy().argmax(axis=0)):
        axes.plot(column + corners[0], best + corners[1], color=INK, lw=1.4)


def _spread(axes: Axes, deviations: pd.DataFrame) -> None:
    places = range(deviations.shape[1])
    present = [rate for rate in SPREAD_AT if rate in deviations.index]
    for number, rate in enumerate(present):
        colour = to_hex(ORDERED(number / max(1, len(present) - 1)))
        line(axes, places, deviations.loc[rate], colour, marker=".", label=f"{rate:g}")
    axes.set_xticks(places, list(map(str, deviations.columns)))
    axes.set_ylim(bottom=0)
    if present:
        axes.legend(title="learning rate", loc="upper right", ncols=2, fontsize=7, title_fontsize=7)
    else:
        axes.text(0.5, 0.5, "one seed: no spread", transform=axes.transAxes, ha="center",
                  fontsize=8)  # fmt: skip
