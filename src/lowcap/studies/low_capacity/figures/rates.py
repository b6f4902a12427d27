"""The figure of learning rates."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.claims.claim import real_minus
from lowcap.report import INK, Figure
from lowcap.report.grid import blank, framed
from lowcap.report.palette import DARK, LIGHT, ORDERED, SEQUENTIAL, scale
from lowcap.studies.low_capacity.claims.scores import of_digits
from lowcap.studies.low_capacity.figures.common import capitalised, seeds_in_words
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol
from lowcap.studies.low_capacity.settings import LEARNING_RATE, LEARNING_RATES

PUBLISHED_ROW = {2: 0.73, 4: 0.75, 6: 0.78, 8: 0.82, 10: 0.82, 12: 0.84, 16: 0.83, 24: 0.80,
                 32: 0.90, 48: 0.91, 64: 0.91}  # fmt: skip
"""The paper's heat map (Fig. 1) at learning rate 0.03, by hidden size; its seeds are unknown."""

SPREAD_AT = (0.003, 0.01, 0.03, 0.1)
"""The rates whose spread over seeds is drawn."""


def rate_score(protocol: str) -> str:
    """What rates are chosen by: validation data where test data are reported."""
    score = PROTOCOLS[protocol].score
    return "val_f1" if score == "test_f1" else score


def learning_rate_figure(tables: Tables) -> Figure:
    """F1 by hidden size and learning rate with the paper's own row; below, the spread of seeds."""
    names = list(by_protocol(tables["learning_rate"]))
    drawing = blank((5.6 * len(names) + 0.8, 5.4))
    grid = drawing.subplots(2, len(names), squeeze=False, height_ratios=(1.75, 1), sharex="col")
    sentences = []
    for (upper, lower), name in zip(grid.T, names, strict=True):
        table = by_protocol(tables["learning_rate"])[name]
        score = rate_score(name)
        square = table.pivot_table(index="learning_rate", columns="hidden", values=score)
        square = square.sort_index(ascending=False)
        spread = table.pivot_table(
            index="learning_rate", columns="hidden", values=score, aggfunc="std"
        )
        beside = score == "train_f1_best" and of_digits(table)
        _heat_map(upper, square, paper=beside)
        label = {"val_f1": "validation F1", "train_f1_best": "best training F1"}[score]
        upper.set_title(f"{name}: mean {label}")
        _spread(lower, spread, square.columns)
        sentences.append(capitalised(_in_words(name, square, beside)))
    drawing.colorbar(
        scale(SEQUENTIAL, 0.5, 1.0), ax=list(grid[0]), label="mean F1", pad=0.01, aspect=25
    )
    grid[0][0].set_ylabel("learning rate")
    grid[1][0].set_ylabel("s.d. of F1\nover seeds")
    task = tables["learning_rate"]["task"].iloc[0]
    framed(
        drawing,
        f"Which learning rate? ({task})",
        f"n = {seeds_in_words(tables['learning_rate'])} per size and rate. Framed: "
        f"the best of its column. Rates above {max(LEARNING_RATES):g} are not in the paper's grid.",
    )
    caption = (
        f"F1 on {task} by hidden size and learning rate, and how far seeds spread. "
        + real_minus(" ".join(sentences))
    )
    return Figure("learning-rate", "Which learning rate?", caption, drawing, "paper's Figs. 1, 2")


def _heat_map(axes: Axes, square: pd.DataFrame, *, paper: bool) -> None:
    values = square.to_numpy()
    names = [f"{rate:g}" for rate in square.index]
    if paper:
        row = [PUBLISHED_ROW.get(int(h), np.nan) for h in square.columns]
        values = np.vstack([values, np.full((1, len(row)), np.nan), row])
        names += ["", f"paper, {LEARNING_RATE:g}"]
    axes.imshow(values, cmap=SEQUENTIAL, vmin=0.5, vmax=1.0, aspect="auto")
    for (line, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            text = f"{value:.2f}".removeprefix("0")
            axes.text(
                column, line, text, ha="center", va="center", fontsize=7,
                color=DARK if value > 0.78 else LIGHT,
            )  # fmt: skip
    for column, best in enumerate(square.to_numpy().argmax(axis=0)):
        axes.plot(
            [column - 0.44, column + 0.44, column + 0.44, column - 0.44, column - 0.44],
            [best - 0.44, best - 0.44, best + 0.44, best + 0.44, best - 0.44],
            color=INK, lw=1.4,
        )  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    axes.grid(visible=False)


def _spread(axes: Axes, spread: pd.DataFrame, columns: pd.Index) -> None:
    present = [rate for rate in SPREAD_AT if rate in spread.index]
    for number, rate in enumerate(present):
        heights = spread.loc[rate].reindex(columns).to_numpy()
        colour = ORDERED(number / max(1, len(present) - 1))
        axes.plot(range(len(columns)), heights, ".-", color=colour, label=f"{rate:g}")
    axes.set_xticks(range(len(columns)), list(map(str, columns)))
    axes.set_ylim(bottom=0)
    axes.set_xlabel("hidden size")
    if not present:
        axes.text(
            0.5, 0.5, "one seed: no spread", transform=axes.transAxes, ha="center", fontsize=8
        )
    if present:
        axes.legend(title="learning rate", loc="upper right", ncols=2, fontsize=7, title_fontsize=7)


def _in_words(name: str, square: pd.DataFrame, beside: bool) -> str:
    best = square.idxmax()
    papers = square.loc[[rate for rate in square.index if rate <= max(LEARNING_RATES)]]
    leads = int((papers.idxmax() == LEARNING_RATE).sum())
    words = (
        f"{name}: of the paper's rates {LEARNING_RATE:g} is best at {leads} of {square.shape[1]} "
        "sizes"
    )
    above = [rate for rate in square.index if rate > max(LEARNING_RATES)]
    if above:
        better = int(best.isin(above).sum())
        gain = (square.loc[above].max() - square.loc[LEARNING_RATE]).mean()
        words += (
            f"; {', '.join(f'{rate:g}' for rate in above)}, above its grid, is better still at "
            f"{better} and changes F1 by {gain:+.3f} on average over all sizes"
        )
    words += "."
    if beside:
        shared = [h for h in square.columns if h in PUBLISHED_ROW]
        if shared:
            ours = square.loc[LEARNING_RATE, shared].to_numpy(float)
            apart = np.abs(ours - [PUBLISHED_ROW[h] for h in shared])
            words += (
                f" The paper's own row at {LEARNING_RATE:g} differs from it by {apart.mean():.3f} "
                f"on average and {apart.max():.3f} at most."
            )
    return words
