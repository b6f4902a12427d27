"""Figures on pruning: every rule side by side, and each protocol's own by hidden size."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator, PercentFormatter

from lowcap.claims import Tables
from lowcap.claims.claim import real_minus
from lowcap.report import QUIET, Figure, panels
from lowcap.report.grid import framed
from lowcap.report.palette import BLUE, GOLD, GREY, PINK, TEAL, ordered
from lowcap.studies.low_capacity.claims.scores import level_of, of_digits, percent
from lowcap.studies.low_capacity.figures.common import (
    level_in_words,
    listed,
    seeds_in_words,
    shown_sizes,
)
from lowcap.studies.low_capacity.protocols import (
    LISTING,
    PROTOCOLS,
    PRUNING_RULES,
    RELEASED,
    ROUNDED,
    by_protocol,
)
from lowcap.studies.low_capacity.settings import PAPER_HIDDEN

PAPERS_LOSS = 0.01
"""The paper's loss of F1 on 4-9 at 95 to 99 %, read off its axis."""

RULES = {
    rule.name: colour
    for rule, colour in zip(
        (*PRUNING_RULES, RELEASED),
        (PINK, BLUE, TEAL, GOLD, GREY),
        strict=True,
    )
}
_MEANINGS = {
    LISTING.name: "listing C.1 (paper's text)",
    "global": "global (both layers together)",
    "first layer": "first layer only",
    ROUNDED.name: "each layer, rounded",
    RELEASED.name: "released code (÷ 100 twice)",
}
_TICKS = (0.5, 0.8, 0.9, 0.95, 0.99)


class Losses(NamedTuple):
    """What pruning costs by task, rule, sparsity and size, means over seeds."""

    table: pd.DataFrame
    """`task, rule, sparsity, hidden, lost` (F1, dense less pruned), `live` (share of units that
    still take part), `cut` and `networks` (how many networks were cut in two, of how many)."""
    above: dict[str, list[int]]
    """By task, the sizes above its critical capacity."""


def scored_rows(tables: Tables, protocol: str) -> pd.DataFrame:
    """The pruning table of one protocol on the split that it scores, the paper's sizes if any."""
    table = by_protocol(tables["pruning"])[protocol]
    table = table[table["split"] == PROTOCOLS[protocol].scored_split]
    papers = table[table["hidden"].isin(PAPER_HIDDEN)]
    table = papers if len(papers) else table
    return table.assign(sparsity=table["requested_sparsity"].round(4))


def losses(tables: Tables, protocol: str) -> Losses:
    """Dense less pruned F1, case by case, and which sizes lie above critical capacity."""
    rows = scored_rows(tables, protocol)
    dense = rows[rows["sparsity"] == 0].drop_duplicates(["task", "hidden", "seed"])
    keys = ["task", "hidden", "seed"]
    pruned = rows[rows["sparsity"] > 0].merge(
        dense[[*keys, "f1"]], on=keys, suffixes=("", "_dense")
    )
    pruned = pruned.assign(
        lost=pruned["f1_dense"] - pruned["f1"],
        live=pruned["live_units"] / pruned["hidden"],
        cut=~pruned["connected"].astype(bool),
    )
    cases = pruned.groupby(["task", "rule", "sparsity", "hidden"], sort=False)
    table = cases.agg(
        lost=("lost", "mean"), live=("live", "mean"), cut=("cut", "sum"), networks=("cut", "size")
    )
    score = by_protocol(tables["capacity"])[protocol]
    means = score.groupby(["task", "hidden"])[PROTOCOLS[protocol].score].mean()
    levels = {task: level_of(of_task) for task, of_task in score.groupby("task")}
    above = {}
    for task, of_task in rows.groupby("task", sort=False):
        sizes = np.sort(of_task["hidden"].unique())
        good = [h for h in sizes if means.get((task, h), 0) > levels[task]]
        above[str(task)] = [int(h) for h in sizes if good and h > min(good)]
    return Losses(table.reset_index(), above)


def rules_figure(tables: Tables, protocol: str) -> Figure:
    """Every reading of "remove the smallest 95 %", a panel a task, and whom it cuts in two."""
    found = losses(tables, protocol)
    table = found.table
    tasks = list(found.above)
    size = max(2.25 * len(tasks) + 2.2, 6.5), 4.9
    drawing, grid = panels(2, len(tasks), size, sharex=True, sharey="row", height_ratios=(1.9, 1))
    present = [rule for rule in RULES if rule in set(table["rule"])]
    own = PROTOCOLS[protocol].pruning.name
    for (upper, lower), task in zip(grid.T, tasks, strict=True):
        rows = table[table["task"] == task]
        for rule in present:
            _rule(upper, lower, rows[rows["rule"] == rule], found.above[task], rule, rule == own)
        above = found.above[task]
        upper.set_title(task, pad=14)
        words = f"{len(above)} sizes, {min(above)}–{max(above)} units" if above else "all sizes"
        upper.text(0, 1.02, words, transform=upper.transAxes, fontsize=7.5, color=QUIET)
        if task == "4-9" and of_digits(tables["pruning"]):
            upper.axhline(PAPERS_LOSS, color=GREY, lw=1, ls=(0, (3, 3)))
            upper.text(
                place_of(0.99), PAPERS_LOSS * 0.93, "paper: about 0.01",
                ha="right", va="top", fontsize=7, color=QUIET,
            )  # fmt: skip
        sparsity_axis(lower)
    _loss_axis(grid[0][0], table["lost"].min())
    grid[1][0].set_ylabel("hidden units that\nstill take part")
    grid[1][0].yaxis.set_major_formatter(PercentFormatter(1))
    grid[1][0].set_ylim(-0.05, 1.12)
    drawing.legend(handles=_legend(present), loc="outside right upper", title="rule")
    framed(
        drawing,
        f"What 95 % means decides what pruning costs ({protocol} protocol)",
        f"Lines: median over sizes above critical capacity (mean F1 above "
        f"{level_in_words(tables['capacity'])}) of means over seeds; bands: quartiles over sizes. "
        "Below: all sizes; numbers: networks cut in two. "
        f"n = {_seeds(tables, protocol)} per size and task.",
    )
    return Figure(
        f"pruning-rules-{protocol}",
        f"Every rule of pruning, {protocol}",
        _rules_caption(tables, protocol, found),
        drawing,
        "paper's Fig. 4",
    )


def _rule(
    upper: Axes, lower: Axes, rows: pd.DataFrame, above: list[int], rule: str, own: bool
) -> None:
    """One rule in one task's two panels."""
    if rows.empty:
        return
    colour, width = RULES[rule], 2.6 if own else 1.5
    counted = rows[rows["hidden"].isin(above)] if above else rows
    by_level = counted.groupby("sparsity")
    middle = by_level["lost"].median()
    x = place_of(middle.index)
    upper.plot(x, middle, color=colour, lw=width, zorder=3 if own else 2.5)
    if len(middle) > 1:
        low, high = by_level["lost"].quantile(0.25), by_level["lost"].quantile(0.75)
        upper.fill_between(x, low, high, color=colour, alpha=0.16, lw=0)
    cut = (by_level["cut"].sum() > 0).to_numpy()
    upper.plot(x[~cut], middle[~cut], "o", ms=4, color=colour, zorder=4)
    upper.plot(x[cut], middle[cut], "X", ms=7, color=colour, mec="none", zorder=4)
    every = rows.groupby("sparsity").agg(live=("live", "mean"), cut=("cut", "sum"))
    x, live = place_of(every.index), every["live"].to_numpy()
    lower.plot(x, live, ".-", color=colour, lw=width)
    for place, height, count in zip(x, live, every["cut"], strict=True):
        if count and place >= place_of(0.5):
            lower.text(place, height + 0.06, count, color=colour, fontsize=7, ha="center")


def place_of(sparsity) -> np.ndarray:
    """Where a sparsity stands: by the logarithm of the weights left."""
    return np.asarray(-np.log10(1 - np.asarray(sparsity, float)))


def sparsity_axis(axes: Axes, ticks: tuple[float, ...] = _TICKS) -> None:
    """Sparsities on the axis of `place_of`."""
    axes.set_xticks(place_of(ticks), [f"{100 * s:g}" for s in ticks])
    axes.set_xlabel("sparsity asked for (%)")


def _loss_axis(axes: Axes, least: float) -> None:
    axes.set_yscale("symlog", linthresh=0.01, linscale=0.6)
    axes.set_ylim(max(min(-0.003, 1.1 * least), -0.008), 1.05)
    axes.set_yticks([0, 0.01, 0.1, 1], ["0", "0.01", "0.1", "1"])
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylabel("F1 lost (dense − pruned)")


def _legend(present: list[str]) -> list[Line2D]:
    handles = [
        Line2D([], [], color=RULES[rule], marker="o", ms=4, label=_MEANINGS[rule])
        for rule in present
    ]
    cross = Line2D(
        [], [], color=GREY, marker="X", ms=7, ls="", label="some of these networks\ncut in two"
    )
    return [*handles, cross]


def _seeds(tables: Tables, protocol: str) -> str:
    table = tables["capacity"]
    return seeds_in_words(table[table["protocol"] == protocol])


def _rules_caption(tables: Tables, protocol: str, found: Losses) -> str:
    table = found.table
    at_95 = table[table["sparsity"] == 0.95]
    hardest = "4-9" if "4-9" in found.above else list(found.above)[-1]
    above = found.above[hardest]
    parts = []
    for rule in RULES:
        rows = at_95[(at_95["rule"] == rule) & (at_95["task"] == hardest)]
        if rows.empty:
            continue
        counted = rows[rows["hidden"].isin(above)] if above else rows
        lost, cut = counted["lost"].median(), int(rows["cut"].sum())
        words = f"{_MEANINGS[rule]} {lost:.3f}"
        parts.append(f"{words} ({cut} of {int(rows['networks'].sum())} networks cut in two)")
    whom = f"the {len(above)} sizes above critical capacity" if above else "all sizes"
    achieved = scored_rows(tables, protocol)
    released = achieved[(achieved["rule"] == RELEASED.name) & (achieved["sparsity"] == 0.95)]
    sentences = [
        "One-shot magnitude pruning without retraining by every reading of the paper's words; "
        f"heavier is the rule that this protocol's claims are read by first "
        f"({PROTOCOLS[protocol].pruning.name}). At 95 % on {hardest}, F1 lost (absolute, median "
        f"over {whom}): {'; '.join(parts)}."
        if parts
        else "One-shot magnitude pruning without retraining by every reading of the paper's words."
    ]
    if len(released):
        sentences.append(
            "The released code divides the percentage by 100 twice: asked for 95 % it removes "
            f"{percent(released['achieved_sparsity'].mean())}, so that 95 % was not tested by it."
        )
    sentences.append(
        "A cross marks a median to which networks contribute that pruning cut in two: no path "
        "leads from their pixels to the output any more, and they answer the same to every image."
    )
    return real_minus(" ".join(sentences))


def pruning_figure(tables: Tables, protocol: str) -> Figure:
    """F1 and AUC against sparsity by hidden size, pruned by the protocol's own rule."""
    rule = PROTOCOLS[protocol].pruning.name
    rows = scored_rows(tables, protocol)
    rows = rows[(rows["rule"] == rule) | (rows["sparsity"] == 0)]
    rows = rows.drop_duplicates(["task", "hidden", "seed", "sparsity"])
    tasks = list(map(str, rows["task"].unique()))
    sizes = shown_sizes(rows["hidden"].unique())
    colours = ordered(sizes)
    size = max(2.25 * len(tasks) + 1.2, 6), 4.6
    drawing, grid = panels(2, len(tasks), size, sharex=True, sharey="row")
    for column, task in enumerate(tasks):
        for axes, score in zip(grid[:, column], ("f1", "auc"), strict=True):
            for hidden, means, cut in _curves(rows[rows["task"] == task], sizes, score):
                x = place_of(means.index)
                axes.plot(x, means, "o-", ms=2.5, color=colours[hidden])
                axes.plot(x[cut], means[cut], "X", ms=6, color=colours[hidden], mec="none")
        grid[0][column].set_title(task)
        sparsity_axis(grid[1][column])
    where = {"val": "validation", "test": "test"}[PROTOCOLS[protocol].scored_split]
    grid[0][0].set_ylabel(f"{where} F1")
    grid[1][0].set_ylabel(f"{where} AUC")
    handles = [Line2D([], [], color=colours[h], marker="o", ms=3, label=str(h)) for h in sizes]
    handles.append(Line2D([], [], color=GREY, marker="X", ms=6, ls="", label="some cut\nin two"))
    drawing.legend(handles=handles, title="hidden size", loc="outside right upper")
    framed(
        drawing,
        f"Pruned by the rule “{rule}”, size by size ({protocol} protocol)",
        f"Mean over seeds, no retraining; left end: dense. n = {_seeds(tables, protocol)} per size "
        "and task. AUC 0.5: nothing is known any more.",
    )
    return Figure(
        f"pruning-{protocol}", f"Pruning, {protocol}", _sizes_caption(rows, protocol), drawing
    )


def _curves(
    rows: pd.DataFrame, sizes: list[int], score: str
) -> Iterator[tuple[int, pd.Series, np.ndarray]]:
    """By size: mean scores by sparsity, and at which of them networks are cut in two."""
    for hidden in sizes:
        by_level = rows[rows["hidden"] == hidden].groupby("sparsity")
        means = by_level[score].mean()
        cut = (~by_level["connected"].min().astype(bool)).to_numpy()
        yield hidden, means, cut


def _sizes_caption(rows: pd.DataFrame, protocol: str) -> str:
    rule = PROTOCOLS[protocol].pruning.name
    at = rows[rows["sparsity"] == 0.95]
    if at.empty:
        return f"F1 and AUC after pruning by the rule “{rule}”, by hidden size."
    small, large = at["hidden"].min(), at["hidden"].max()
    parts = []
    for hidden in dict.fromkeys((small, large)):
        part = at[at["hidden"] == hidden]
        cut = int((~part["connected"].astype(bool)).sum())
        parts.append(
            f"with {hidden} units F1 is {part['f1'].mean():.3f} and AUC {part['auc'].mean():.3f} "
            f"({cut} of {len(part)} networks cut in two)"
        )
    return (
        f"What one-shot pruning by the rule “{rule}” leaves of F1 (above) and AUC (below), by "
        "hidden size; F1 falls when the decision threshold is shifted, AUC when the order of the "
        f"images is lost. At 95 %, mean over tasks, {listed(parts)}. Crosses mark means that "
        "contain networks cut in two."
    )
