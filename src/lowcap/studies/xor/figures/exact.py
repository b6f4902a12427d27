"""Figures of the exact problem: frequencies beside the bounds, and filters as points."""

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.report import INK, QUIET, Figure, panels
from lowcap.report.grid import DASHES, entry, framed
from lowcap.report.palette import BLUE, GOLD, PURPLE, RED, TEAL
from lowcap.report.scales import doublings
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
SIGNS = {"+": BLUE, "-": RED}
PERFECT = "share of networks\nwith zero test error"


def _line(axes: Axes, x, counts, runs, colour: str, **look) -> None:
    """Frequencies with their Wilson intervals as error bars."""
    found = [frequency(c, n) for c, n in zip(counts, runs, strict=True)]
    middle = np.array([f.estimate for f in found])
    # Wilson's interval holds the estimate but for rounding.
    below = np.maximum(middle - [f.low for f in found], 0)
    above = np.maximum([f.high for f in found] - middle, 0)
    axes.errorbar(
        x, middle, yerr=[below, above], marker="o", ms=3.5, lw=1.5, capsize=2, color=colour, **look
    )


def _sizes(axes: Axes, values: Iterable) -> None:
    doublings(axes.xaxis, [], {float(v): f"{v:g}" for v in values})


def _note(runs, each: str = "size") -> str:
    """How many runs the shares rest on."""
    least, most = int(np.min(runs)), int(np.max(runs))
    count = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    return f"n = {count} runs per {each}; bars: 95 % intervals. k: filters of each sign."


def bounds_figure(tables: Tables) -> Figure:
    """What becomes of networks of each size on diverse training sets, beside the two bounds."""
    table = diverse(tables["frequencies"])
    below = "k, filters of each sign"
    drawing, grid = panels(["share of networks"], 1, (9, 4), below=below)
    axes = grid[0][0]
    sizes, runs = table.index.to_numpy(), table["runs"]
    lines = {
        "zero test error": (table["perfect"], TEAL),
        "zero loss,\nnon-zero test error": (table["fit_and_wrong"], RED),
        "loss never zero": (runs - table["converged"], QUIET),
    }
    for counts, colour in lines.values():
        _line(axes, sizes, counts, runs, colour)
    if (sizes >= LARGE).any():
        promised = large_bound(LARGE)
        axes.plot([LARGE, sizes.max()], [promised] * 2, color=INK, lw=5, alpha=0.25)
        axes.annotate(f"theorem 4.1: at least {promised:.4f}", (LARGE, promised), ha="right",
                      xytext=(-4, 12), textcoords="offset points", fontsize=8)  # fmt: skip
    axes.plot([SMALL], [small_bound()], "_", color=INK, ms=22, mew=3, alpha=0.5)
    axes.annotate(f"theorem 4.2:\nat least {small_bound():.4f}", (SMALL, small_bound()),
                  xytext=(4, 14), textcoords="offset points", fontsize=8)  # fmt: skip
    axes.set_ylim(-0.04, 1.12)
    _sizes(axes, sizes)
    title = "Do larger networks generalize where small ones only fit?"
    entries = [entry(name, c, "-", "o") for name, (_, c) in lines.items()]
    framed(drawing, title, _note(runs), entries)
    caption = (
        f"{int(runs.sum()):,} runs of gradient descent at gamma {GAMMA:g} with all training points "
        "diverse; bars are 95 % Wilson intervals. With probability (p+ p-)^(m/2) a training set is "
        "like that; the theorems' bounds are these times that."
    )
    return Figure("bounds", "Larger generalizes better, beside the theorems", caption, drawing)


STARTS = {
    "every pattern\ncovered": ("covered", False, BLUE),
    "not every pattern\ncovered": ("covered", True, GOLD),
    "what each label\nneeds": ("found", False, TEAL),
    "not what each\nlabel needs": ("found", True, RED),
}
"""What networks start with: a column of the table, whether it is lacking, and a colour."""


def coverage_figure(tables: Tables) -> Figure:
    """How often random filters cover all patterns, by size; and what becomes of those that do."""
    table = diverse(tables["frequencies"])
    drawing, grid = panels(1, 2, (12, 4), below="k, filters of each sign")
    left, right = grid[0]
    sizes = table.index.to_numpy()
    _line(left, sizes, table["covered"], table["runs"], BLUE, ls="", label="measured")
    smooth = np.unique(np.rint(np.geomspace(sizes.min(), sizes.max(), 80)).astype(int))
    chances = [coverage_chance(int(k)) for k in smooth]
    left.plot(smooth, chances, color=QUIET, lw=1.2, label="as computed")
    left.legend(loc="lower right")
    left.set_ylabel("share of networks that start with\nall four patterns covered")
    for event, lacking, colour in STARTS.values():
        happened = table["runs"] - table[event] if lacking else table[event]
        both = table[f"{event}_perfect"]
        both = table["perfect"] - both if lacking else both
        some = (happened >= 5).to_numpy()
        _line(right, sizes[some], both[some], happened[some], colour)
    right.set_ylabel(PERFECT)
    right.set_ylim(-0.04, 1.04)
    for axes in grid[0]:
        _sizes(axes, sizes)
        axes.tick_params(axis="x", labelsize=7)
    entries = [entry(words, colour, "-", "o") for words, (*_, colour) in STARTS.items()]
    title = "Which networks see every pattern at the start, and does it help?"
    framed(drawing, title, _note(table["runs"]), entries, "at the start")
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
    for both, k in zip(grid.T, sizes, strict=True):
        for axes, state in zip(both, ("before", "after"), strict=True):
            _filters(axes, table[(table["k"] == k) & (table["state"] == state)])
            axes.set_title(f"k = {k}, {state}")
    entries = [
        entry(words, SIGNS[s], "-", "o") for words, s in (("positive", "+"), ("negative", "-"))
    ]
    entries.append(entry("a pattern", QUIET, DASHES, lw=0.7))
    note = f"n = 1 network of each size, margin gamma = {GAMMA:g}, before and after training."
    framed(drawing, "Do filters gather on the patterns?", note, entries, "filters")
    caption = (
        "One network of each size, each picture on its own scale, written below it: positive "
        "filters blue, negative ones red, dashed the directions of the four patterns. Of random "
        "filters 22 % lie within 10 degrees of a pattern."
    )
    return Figure("filters", "Filters cluster on the patterns", caption, drawing)


def _filters(axes: Axes, rows) -> None:
    """The filters of one network as lines from 0, on a scale of their own."""
    reach = float(np.hypot(rows["x"], rows["y"]).max() * 1.15)
    for x, y in PATTERNS:
        axes.plot([0, x * reach], [0, y * reach], color=QUIET, lw=0.7, ls=DASHES)
    for sign, colour in SIGNS.items():
        ends = rows[rows["sign"] == sign]
        for x, y in zip(ends["x"], ends["y"], strict=True):
            axes.plot([0, x], [0, y], color=colour, lw=0.9, alpha=0.5)
        axes.plot(ends["x"], ends["y"], "o", ms=4, color=colour, alpha=0.8)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-reach, reach)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlabel(f"from the centre to the edge: {reach:.2g}", fontsize=8)


def samples_figure(tables: Tables) -> Figure:
    """The share of runs that generalize against training set size."""
    table = tables["frequencies"]
    table = table[table["points"] > 0]
    parts = {f"p+ = p- = {p:g}": rows for p, rows in table.groupby("diversity")}
    size = max(3.4 * len(parts) + 1.2, 7), 3.6
    drawing, grid = panels([PERFECT], parts, size, below="training points", sharey=True)
    colours = dict(zip(np.sort(table["k"].unique()), _COLOURS, strict=False))
    for axes, rows in zip(grid[0], parts.values(), strict=True):
        for k, of_size in rows.sort_values("points").groupby("k"):
            if k in colours:
                _line(axes, of_size["points"], of_size["perfect"], of_size["runs"], colours[k])
        points, p = np.sort(rows["points"].unique()), float(rows["diversity"].iloc[0])
        bound = [diverse_chance(int(m), p, p) * large_bound(LARGE) for m in points]
        axes.plot(points, bound, color=INK, lw=1.2, ls=DASHES)
        _sizes(axes, points[::2])
    entries = [entry(f"k = {k}", colour, "-", "o") for k, colour in colours.items()]
    entries.append(entry("theorem 4.1", INK, DASHES, lw=1.2))
    title = "How many training points does each size need?"
    framed(drawing, title, _note(table["runs"], "size and number of points"), entries)
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
    colours = dict(zip(counts[counts > 1].index, _COLOURS, strict=False))
    below = "gamma, the margin asked of positive inputs"
    drawing, grid = panels([PERFECT], 1, (8, 3.4), below=below)
    for k, colour in colours.items():
        rows = table[table["k"] == k].sort_values("runs").drop_duplicates("gamma", keep="last")
        rows = rows.sort_values("gamma")
        _line(grid[0][0], rows["gamma"], rows["perfect"], rows["runs"], colour)
    _sizes(grid[0][0], np.sort(table["gamma"].unique()))
    entries = [entry(f"k = {k}", c, "-", "o") for k, c in colours.items()]
    note = _note(table["runs"], "size and margin")
    framed(drawing, "Does it take a large margin?", note, entries)
    caption = (
        "The share of networks with zero test error, all training points diverse, with 95 % Wilson "
        "intervals. The theorems ask for gamma of at least 8."
    )
    return Figure("gamma", "The margin matters", caption, drawing)
