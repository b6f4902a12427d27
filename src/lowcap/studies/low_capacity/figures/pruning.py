"""Figures on pruning: every rule side by side, and each protocol's own by hidden size."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from lowcap.claims import Tables
from lowcap.report import INK, QUIET, Figure, panels
from lowcap.report.grid import entry, framed, label_ends
from lowcap.report.marks import level, line
from lowcap.report.palette import BLUE, GOLD, GREY, PINK, TEAL, ordered
from lowcap.report.scales import percents, place_of, sparsity_axis
from lowcap.studies.low_capacity.claims.costs import Costs, costs, scored_rows
from lowcap.studies.low_capacity.claims.scores import level_in_words, of_digits
from lowcap.studies.low_capacity.figures.common import (
    cut_by,
    scored_on,
    seeds_in_words,
    shown_sizes,
    tasks_of,
)
from lowcap.studies.low_capacity.protocols import (
    LISTING,
    PROTOCOLS,
    PRUNING_RULES,
    RELEASED,
    ROUNDED,
    of_protocol,
)

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


def rules_figure(tables: Tables, protocol: str) -> Figure:
    """Every reading of "remove the smallest 95 %", a panel a task, and whom it cuts in two."""
    found = costs(tables, protocol)
    own = PROTOCOLS[protocol].pruning.name
    drawing, grid = panels(
        ["F1 lost (dense − pruned)", "hidden units that\nstill take part"],
        list(found.above),
        (max(2.25 * len(found.above) + 2.2, 6.5), 4.9),
        sharex=True,
        sharey="row",
        height_ratios=(1.9, 1),
    )
    _loss_axis(grid[0][0], found.table["lost"].min())
    present = [rule for rule in RULES if rule in set(found.table["rule"])]
    lost, left = _losses(found), _units(found)
    for (upper, lower), (task, above) in zip(grid.T, found.above.items(), strict=True):
        for rule in present:
            width = 2.6 if rule == own else 1.5
            if (task, rule) in lost:
                _lost(upper, lost[task, rule], RULES[rule], width)
            if (task, rule) in left:
                _left(lower, left[task, rule], RULES[rule], width)
        words = f"{len(above)} sizes, {min(above)}–{max(above)} units" if above else "all sizes"
        upper.set_title(task, pad=14)
        upper.text(0, 1.02, words, transform=upper.transAxes, fontsize=7.5, color=QUIET)
        if task == "4-9" and of_digits(tables["pruning"]):
            level(upper, y=PAPERS_LOSS)
            label_ends(upper, {"paper:\nabout\n0.01": (PAPERS_LOSS, QUIET)})
        sparsity_axis(lower)
    percents(grid[1][0].yaxis)
    grid[1][0].set_ylim(-0.05, 1.12)
    cross = entry("some of these networks\ncut in two", GREY, "", "X", ms=7)
    framed(
        drawing,
        f"What 95 % means decides what pruning costs ({protocol} protocol)",
        f"Lines: median over sizes above critical capacity (mean F1 above "
        f"{level_in_words(tables['capacity'])}) of means over seeds; bands: quartiles over sizes. "
        f"Below: all sizes; numbers: networks cut in two. n = {_seeds(tables, protocol)} per size "
        "and task.",
        [*(entry(_MEANINGS[rule], RULES[rule], "-", "o", ms=4) for rule in present), cross],
        "rule",
    )
    caption = (
        "One-shot magnitude pruning without retraining by every reading of the paper's words; "
        f"heavier is the rule that this protocol's claims are read by first ({own}). The released "
        "code divides the percentage by 100 twice, so that it hardly prunes whatever it is asked "
        "for. A cross marks a median to which networks contribute that pruning cut in two: no path "
        "leads from their pixels to the output any more, and they answer the same to every image."
    )
    title = f"Every rule of pruning, {protocol}"
    return Figure(f"pruning-rules-{protocol}", title, caption, drawing, "paper's Fig. 4")


_CASES = ["task", "rule", "sparsity"]


_QUARTILES = np.array([0.25, 0.5, 0.75])


def _losses(found: Costs) -> dict[tuple[str, str], pd.DataFrame]:
    """By task and rule, quartiles over sizes of the F1 lost by sparsity; and networks cut in two.

    Of sizes above critical capacity.
    """
    cases = pd.concat([found.above_critical(task) for task in found.above]).groupby(_CASES)
    quartiles = cases["lost"].quantile(_QUARTILES).unstack()  # noqa: PD010 - one a case
    return cut_by(quartiles.assign(cut=cases["cut"].sum()), (0, 1))


def _units(found: Costs) -> dict[tuple[str, str], pd.DataFrame]:
    """By task and rule, the mean share of units that take part by sparsity; and networks cut."""
    table = found.table.groupby(_CASES).agg(live=("live", "mean"), cut=("cut", "sum"))
    return cut_by(table, (0, 1))


def _lost(axes: Axes, rows: pd.DataFrame, colour: str, width: float) -> None:
    """The median loss of one rule over sizes, in a band of its quartiles; crosses where cut."""
    low, middle, high = rows[list(_QUARTILES)].to_numpy().T
    x, heavy = place_of(rows.index), width > 2
    limits = (low, high) if len(middle) > 1 else (None, None)
    line(axes, x, middle, colour, *limits, lw=width, zorder=3 if heavy else 2.5)
    cut = (rows["cut"] > 0).to_numpy()
    axes.plot(x[~cut], middle[~cut], "o", ms=4, color=colour, zorder=4)
    axes.plot(x[cut], middle[cut], "X", ms=7, color=colour, mec="none", zorder=4)


def _left(axes: Axes, every: pd.DataFrame, colour: str, width: float) -> None:
    """The share of units that take part under one rule, and how many networks it cut in two."""
    x = place_of(every.index)
    line(axes, x, every["live"], colour, marker=".", lw=width)
    for place, height, count in zip(x, every["live"], every["cut"], strict=True):
        if count and place >= place_of(0.5):
            axes.text(place, height + 0.06, count, color=INK, fontsize=7, ha="center")


def _loss_axis(axes: Axes, least: float) -> None:
    axes.set_yscale("symlog", linthresh=0.01, linscale=0.6)
    axes.set_ylim(max(min(-0.003, 1.1 * least), -0.008), 1.05)
    axes.set_yticks([0, 0.01, 0.1, 1], ["0", "0.01", "0.1", "1"])
    axes.yaxis.set_minor_locator(NullLocator())


def _seeds(tables: Tables, protocol: str) -> str:
    return seeds_in_words(of_protocol(tables["capacity"], protocol))


def pruning_figure(tables: Tables, protocol: str) -> Figure:
    """F1 and AUC against sparsity by hidden size, pruned by the protocol's own rule."""
    rule, where = PROTOCOLS[protocol].pruning.name, scored_on(protocol)
    rows = scored_rows(tables, protocol)
    rows = rows[(rows["rule"] == rule) | (rows["sparsity"] == 0)]
    rows = rows.drop_duplicates(["task", "hidden", "seed", "sparsity"])
    tasks, colours = tasks_of(rows), ordered(shown_sizes(rows["hidden"].unique()))
    size = max(2.25 * len(tasks) + 1.2, 6), 4.6
    names = [f"{where} F1", f"{where} AUC"]
    drawing, grid = panels(names, tasks, size, sharex=True, sharey="row")
    cases = rows.groupby(["task", "hidden", "sparsity"])
    found = cut_by(
        cases.agg(f1=("f1", "mean"), auc=("auc", "mean"), connected=("connected", "min")), (0, 1)
    )
    for both, task in zip(grid.T, tasks, strict=True):
        for hidden, colour in colours.items():
            if (task, hidden) in found:
                for axes, score in zip(both, ("f1", "auc"), strict=True):
                    _score(axes, found[task, hidden], score, colour)
        sparsity_axis(both[-1])
    entries = [entry(str(h), colour, "-", "o", ms=3) for h, colour in colours.items()]
    framed(
        drawing,
        f"Pruned by the rule “{rule}”, size by size ({protocol} protocol)",
        f"Mean over seeds, no retraining; left end: dense. n = {_seeds(tables, protocol)} per size "
        "and task. AUC 0.5: nothing is known any more.",
        [*entries, entry("some cut\nin two", GREY, "", "X", ms=6)],
        "hidden size",
    )
    caption = (
        f"What one-shot pruning by the rule “{rule}” leaves of F1 (above) and AUC (below), by "
        "hidden size; F1 falls when the decision threshold is shifted, AUC when the order of the "
        "images is lost. Crosses mark means that contain networks cut in two."
    )
    return Figure(f"pruning-{protocol}", f"Pruning, {protocol}", caption, drawing)


def _score(axes: Axes, of_size: pd.DataFrame, score: str, colour: str) -> None:
    """Mean scores of one size by sparsity; crosses where networks are cut in two."""
    x, means = place_of(of_size.index), of_size[score].to_numpy()
    cut = ~of_size["connected"].to_numpy(bool)
    line(axes, x, means, colour, marker="o", ms=2.5)
    axes.plot(x[cut], means[cut], "X", ms=6, color=colour, mec="none")
