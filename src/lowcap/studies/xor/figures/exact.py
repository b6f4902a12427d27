"""Figures of the exact problem: frequencies beside the bounds, and filters as points."""

import numpy as np
from matplotlib.ticker import NullLocator

from lowcap.claims import Tables
from lowcap.report import INK, QUIET, Figure, panels
from lowcap.report.palette import BLUE, GOLD, PURPLE, RED, TEAL
from lowcap.studies.xor.claims import diverse
from lowcap.studies.xor.exact import (
    coverage_chance,
    diverse_chance,
    frequency,
    large_bound,
    small_bound,
)
from lowcap.studies.xor.problem import PATTERNS
from lowcap.studies.xor.settings import GAMMA, LARGE, SMALL

_COLOURS = (RED, GOLD, TEAL, BLUE, PURPLE)
POSITIVE_COLOUR, NEGATIVE_COLOUR = BLUE, RED
PERFECT = "share of networks\nwith zero test error"


def _line(axes, x, counts, runs, **style) -> None:
    """Frequencies with their Wilson intervals as error bars."""
    found = [frequency(c, n) for c, n in zip(counts, runs, strict=True)]
    middle = np.array([f.estimate for f in found])
    # Wilson's interval holds the estimate but for rounding.
    below = np.maximum(middle - [f.low for f in found], 0)
    above = np.maximum([f.high for f in found] - middle, 0)
    axes.errorbar(x, middle, yerr=[below, above], marker="o", ms=3.5, lw=1.5, capsize=2, **style)


def _sizes(axes, values) -> None:
    axes.set_xscale("log", base=2)
    axes.set_xticks(list(values), [f"{v:g}" for v in values])
    axes.xaxis.set_minor_locator(NullLocator())


def bounds_figure(tables: Tables) -> Figure:
    """What becomes of networks of each size on diverse training sets, beside the two bounds."""
    table = diverse(tables["frequencies"])
    drawing, grid = panels(1, 1, (8, 4))
    axes = grid[0][0]
    sizes, runs = table.index.to_numpy(), table["runs"]
    _line(axes, sizes, table["perfect"], runs, color=TEAL, label="zero test error")
    _line(axes, sizes, table["fit_and_wrong"], runs, color=RED,
          label="zero loss, non-zero test error")  # fmt: skip
    _line(axes, sizes, runs - table["converged"], runs, color=QUIET, label="loss never zero")
    if (sizes >= LARGE).any():
        promised = large_bound(LARGE)
        axes.plot([LARGE, sizes.max()], [promised] * 2, color=INK, lw=5, alpha=0.25)
        axes.annotate(f"theorem 4.1: at least {promised:.4f}", (LARGE, promised), ha="right",
                      xytext=(-4, 12), textcoords="offset points", fontsize=8)  # fmt: skip
    axes.plot([SMALL], [small_bound()], "_", color=INK, ms=22, mew=3, alpha=0.5)
    axes.annotate(f"theorem 4.2: at least {small_bound():.4f}", (SMALL, small_bound()),
                  xytext=(4, 14), textcoords="offset points", fontsize=8)  # fmt: skip
    axes.set_ylim(-0.04, 1.12)
    _sizes(axes, sizes)
    axes.set_xlabel("k, filters of each sign")
    axes.set_ylabel("share of networks")
    axes.legend(loc="center right")
    words = "; ".join(
        f"k = {k}: {row['fit_and_wrong'] / row['runs']:.3f}" for k, row in table.iterrows()
        if row["fit_and_wrong"] > 0
    )  # fmt: skip
    caption = (
        f"{int(runs.sum()):,} runs of gradient descent at gamma {GAMMA:g} with all training points "
        f"diverse; bars are 95 % Wilson intervals. Zero loss with non-zero test error: {words}. "
        "With probability (p+ p-)^(m/2) a training set is like that; the theorems' bounds are "
        "these times that."
    )
    return Figure("bounds", "Larger generalizes better, beside the theorems", caption, drawing)


def coverage_figure(tables: Tables) -> Figure:
    """How often random filters cover all patterns, by size; and what becomes of those that do."""
    table = diverse(tables["frequencies"])
    drawing, grid = panels(1, 2, (12, 4))
    axes, right = grid[0]
    sizes = table.index.to_numpy()
    _line(axes, sizes, table["covered"], table["runs"], color=BLUE, ls="", label="measured")
    smooth = np.unique(np.rint(np.geomspace(sizes.min(), sizes.max(), 80)).astype(int))
    axes.plot(smooth, [coverage_chance(int(k)) for k in smooth], color=QUIET, lw=1.2,
              label="inclusion and exclusion")  # fmt: skip
    axes.set_ylabel("share of networks that start with\nall four patterns covered")
    for event, lacking, colour, words in (
        ("covered", False, BLUE, "every pattern covered"),
        ("covered", True, GOLD, "not every pattern covered"),
        ("found", False, TEAL, "what each label needs"),
        ("found", True, RED, "not what each label needs"),
    ):
        happened = table["runs"] - table[event] if lacking else table[event]
        both = table[f"{event}_perfect"]
        both = table["perfect"] - both if lacking else both
        some = (happened >= 5).to_numpy()
        _line(right, sizes[some], both[some], happened[some], color=colour, label=words)
    right.set_ylabel(PERFECT)
    right.set_ylim(-0.04, 1.04)
    for one in (axes, right):
        _sizes(one, sizes)
        one.tick_params(axis="x", labelsize=7)
        one.set_xlabel("k, filters of each sign")
    axes.legend(loc="lower right")
    drawing.legend(*right.get_legend_handles_labels(), loc="outside right center", fontsize=8)
    caption = (
        "Exploration. Left, the share of networks in which, before training, every pattern is the "
        "nearest one of some positive filter; with fewer than four filters it cannot be. Right, "
        "how many generalize of those that start so and of the others (groups of five or more "
        "networks). What each label needs: positive filters nearest to (1, 1) and to (-1, -1), "
        "and negative ones that lean to (1, -1) and to (-1, 1). All training points diverse, "
        "95 % Wilson intervals."
    )
    return Figure("coverage", "What a network can see at the start", caption, drawing)


def filters_figure(tables: Tables) -> Figure:
    """Filters of one run of each size, before and after: they have two dimensions."""
    table = tables["filters"]
    table = table[(table["gamma"] == GAMMA) & (table["run"] == 0)]
    table = table.drop_duplicates(["k", "state", "sign", "filter"])
    sizes = [k for k in (SMALL, 10, LARGE) if k in set(table["k"])] or [table["k"].min()]
    drawing, grid = panels(2, len(sizes), (3.1 * len(sizes), 6.2))
    for column, k in enumerate(sizes):
        for line, state in enumerate(("before", "after")):
            axes = grid[line][column]
            rows = table[(table["k"] == k) & (table["state"] == state)]
            reach = np.hypot(rows["x"], rows["y"]).max() * 1.15
            for pattern in PATTERNS:
                axes.plot([0, pattern[0] * reach], [0, pattern[1] * reach], color=QUIET, lw=0.7,
                          ls=(0, (3, 3)))  # fmt: skip
            for sign, colour in (("+", POSITIVE_COLOUR), ("-", NEGATIVE_COLOUR)):
                ends = rows[rows["sign"] == sign]
                for x, y in zip(ends["x"], ends["y"], strict=True):
                    axes.plot([0, x], [0, y], color=colour, lw=0.9, alpha=0.5)
                axes.plot(ends["x"], ends["y"], "o", ms=4, color=colour, alpha=0.8)
            axes.set_xlim(-reach, reach)
            axes.set_ylim(-reach, reach)
            axes.set_aspect("equal")
            axes.set_xticks([])
            axes.set_yticks([])
            axes.set_title(f"k = {k}, {state}")
            axes.set_xlabel(f"from the centre to the edge: {reach:.2g}", fontsize=8)
    angles = tables["angles"]
    angles = angles[angles["gamma"] == GAMMA].groupby(["k", "state"])["near"].mean()
    words = "; ".join(
        f"k = {k}: {angles[k, 'before']:.0%} before, {angles[k, 'after']:.0%} after"
        for k in sizes
        if (k, "after") in angles.index
    )
    caption = (
        "One network of each size, each picture on its own scale, written below it: positive "
        "filters blue, negative ones red, dashed the directions of the four patterns. Filters "
        "within 10 degrees of a pattern, both signs, mean over networks (22 % of random ones): "
        f"{words}."
    )
    return Figure("filters", "Filters cluster on the patterns", caption, drawing)


def samples_figure(tables: Tables) -> Figure:
    """The share of runs that generalize against training set size."""
    table = tables["frequencies"]
    table = table[table["points"] > 0]
    shares = np.sort(table["diversity"].unique())
    drawing, grid = panels(1, len(shares), (3.4 * len(shares), 3.6), sharey=True)
    for axes, p in zip(grid[0], shares, strict=True):
        rows = table[table["diversity"] == p]
        for (k, of_size), colour in zip(rows.groupby("k"), _COLOURS, strict=False):
            of_size = of_size.sort_values("points")
            _line(axes, of_size["points"], of_size["perfect"], of_size["runs"], color=colour,
                  label=f"k = {k}")  # fmt: skip
        points = np.sort(rows["points"].unique())
        bound = [diverse_chance(int(m), float(p), float(p)) * large_bound(LARGE) for m in points]
        axes.plot(points, bound, color=INK, lw=1.2, ls=(0, (4, 3)), label="theorem 4.1")
        _sizes(axes, points)
        axes.set_xticks(points[::2], [f"{m:g}" for m in points[::2]])
        axes.set_xlabel("training points")
        axes.set_title(f"p+ = p- = {p:g}")
    grid[0][0].set_ylabel(PERFECT)
    handles, labels = grid[0][-1].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside right center")
    caption = (
        "The share of networks that classify all 15 inputs right, against the number of training "
        "points (half of each label, diverse with probability p+ = p-), with Wilson intervals. "
        "Dashed, the bound for k = 120: it falls with m because it asks for a training set that is "
        "diverse throughout. On such sets k = 2 succeeds in 1 of 16 runs, whatever m is."
    )
    return Figure("samples", "How many samples does each size need?", caption, drawing)


def gamma_figure(tables: Tables) -> Figure:
    """The effect of the margin on both sizes."""
    table = tables["frequencies"]
    table = table[table["points"] == 0]
    counts = table.groupby("k")["gamma"].nunique()
    sizes = counts[counts > 1].index
    drawing, grid = panels(1, 1, (7, 3.4))
    axes = grid[0][0]
    words = []
    for k, colour in zip(sizes, _COLOURS, strict=False):
        rows = table[table["k"] == k].sort_values("runs").drop_duplicates("gamma", keep="last")
        rows = rows.sort_values("gamma")
        _line(axes, rows["gamma"], rows["perfect"], rows["runs"], color=colour, label=f"k = {k}")
        share = rows["perfect"] / rows["runs"]
        words.append(
            f"k = {k}: {share.iloc[0]:.2f} at {rows['gamma'].iloc[0]:g}, {share.iloc[-1]:.2f} at "
            f"{rows['gamma'].iloc[-1]:g}"
        )
    _sizes(axes, np.sort(table["gamma"].unique()))
    axes.set_xlabel("gamma, the margin asked of positive inputs")
    axes.set_ylabel(PERFECT)
    axes.legend()
    caption = (
        "The share of networks with zero test error, all training points diverse. The theorems "
        f"ask for gamma of at least 8. {'; '.join(words)}."
    )
    return Figure("gamma", "The margin matters", caption, drawing)
