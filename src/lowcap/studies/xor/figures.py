"""Figures: frequencies against the bounds, filters as the points they are, real filters."""

import numpy as np
import pandas as pd
from matplotlib.ticker import NullLocator

from lowcap.claims import Tables
from lowcap.data.xor import PATTERNS
from lowcap.measures.xor import coverage_chance, diverse_chance, frequency, large_bound, small_bound
from lowcap.report import INK, QUIET, Figure, Sketch, panels
from lowcap.studies.xor.claims import OFTEN, choice, diverse
from lowcap.studies.xor.settings import GAMMA, LARGE, SMALL

_COLOURS = ("#d0417e", "#d98a1f", "#169c8a", "#2f74d0", "#8a63d2")
POSITIVE_COLOUR, NEGATIVE_COLOUR = "#2f74d0", "#d0417e"


def figures(tables: Tables) -> list[Sketch]:
    """Every figure that the run's tables allow."""
    draw = []
    if "frequencies" in tables:
        draw += [bounds_figure, coverage_figure, filters_figure]
        if (tables["frequencies"]["points"] > 0).any():
            draw.append(samples_figure)
        if len(tables["frequencies"]["gamma"].unique()) > 1:
            draw.append(gamma_figure)
    if "compression" in tables:
        draw += [compression_figure, images_figure]
    return [Sketch(one, tables) for one in draw]


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
    _line(axes, sizes, table["perfect"], runs, color="#169c8a", label="zero test error")
    _line(axes, sizes, table["fit_and_wrong"], runs, color="#d0417e",
          label="zero loss, non-zero test error")  # fmt: skip
    _line(axes, sizes, runs - table["converged"], runs, color=QUIET, label="loss never zero")
    if (sizes >= LARGE).any():
        axes.plot([LARGE, sizes.max()], [large_bound(LARGE)] * 2, color=INK, lw=3, alpha=0.35)
        promised = large_bound(LARGE)
        axes.annotate(f"theorem 4.1: at least {promised:.4f}", (LARGE, promised), ha="right",
                      xytext=(-6, -16), textcoords="offset points", fontsize=8)  # fmt: skip
    axes.plot([SMALL], [small_bound()], "_", color=INK, ms=18, mew=3, alpha=0.5)
    axes.annotate(f"theorem 4.2: at least {small_bound():.4f}", (SMALL, small_bound()),
                  xytext=(16, 2), textcoords="offset points", fontsize=8)  # fmt: skip
    _sizes(axes, sizes)
    axes.set_xlabel("k, filters of each sign")
    axes.set_ylabel("share of runs")
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
    """How often random filters cover all patterns, by size."""
    table = diverse(tables["frequencies"])
    drawing, grid = panels(1, 1, (8, 3.4))
    axes = grid[0][0]
    sizes = table.index.to_numpy()
    _line(axes, sizes, table["covered"], table["runs"], color="#2f74d0", ls="", label="measured")
    smooth = np.unique(np.rint(np.geomspace(sizes.min(), sizes.max(), 80)).astype(int))
    axes.plot(smooth, [coverage_chance(int(k)) for k in smooth], color=QUIET, lw=1.2,
              label="inclusion and exclusion")  # fmt: skip
    _sizes(axes, sizes)
    axes.set_xlabel("k, filters of each sign")
    axes.set_ylabel("all four patterns covered")
    axes.legend(loc="lower right")
    caption = (
        "Exploration: the share of networks in which, before training, every pattern is the "
        "nearest one of some positive filter. With fewer than four filters it cannot be."
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
                mine = rows[rows["sign"] == sign]
                for x, y in zip(mine["x"], mine["y"], strict=True):
                    axes.plot([0, x], [0, y], color=colour, lw=0.9, alpha=0.5)
                axes.plot(mine["x"], mine["y"], "o", ms=4, color=colour, alpha=0.8)
            axes.set_xlim(-reach, reach)
            axes.set_ylim(-reach, reach)
            axes.set_aspect("equal")
            axes.set_xticks([])
            axes.set_yticks([])
            axes.set_title(f"k = {k}, {state}")
    angles = tables["angles"]
    angles = angles[angles["gamma"] == GAMMA].groupby(["k", "state"])["angle"].mean()
    words = "; ".join(
        f"k = {k}: {angles[k, 'before']:.1f} before, {angles[k, 'after']:.1f} after"
        for k in sizes
        if (k, "after") in angles.index
    )
    caption = (
        "One run of each size, each picture on its own scale: positive filters blue, negative ones "
        "red, dashed the directions of the four patterns. Mean angle in degrees of positive "
        f"filters that training moved to the nearest pattern: {words}."
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
        for (k, mine), colour in zip(rows.groupby("k"), _COLOURS, strict=False):
            mine = mine.sort_values("points")
            _line(axes, mine["points"], mine["perfect"], mine["runs"], color=colour,
                  label=f"k = {k}")  # fmt: skip
        points = np.sort(rows["points"].unique())
        bound = [diverse_chance(int(m), float(p), float(p)) * large_bound(LARGE) for m in points]
        axes.plot(points, bound, color=INK, lw=1.2, ls=(0, (4, 3)), label="theorem 4.1")
        axes.axhline(OFTEN, color=QUIET, lw=0.8, ls=(0, (2, 3)))
        _sizes(axes, points)
        axes.set_xticks(points[::2], [f"{m:g}" for m in points[::2]])
        axes.set_xlabel("training points")
        axes.set_title(f"p+ = p- = {p:g}")
    grid[0][0].set_ylabel("zero test error")
    handles, labels = grid[0][-1].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside right center")
    caption = (
        "The share of runs that classify all 15 inputs right, against the number of training "
        "points (half of each label, diverse with probability p+ = p-), with Wilson intervals. "
        "Dashed, the bound for k = 120; dotted, the share at which sample complexity is read "
        "off. The bound falls with m because it asks for a training set that is diverse "
        "throughout."
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
    axes.set_ylabel("zero test error")
    axes.legend()
    caption = (
        "The share of runs with zero test error, all training points diverse. The theorems ask for "
        f"gamma of at least 8. {'; '.join(words)}."
    )
    return Figure("gamma", "The margin matters", caption, drawing)


def _choices(table: pd.DataFrame) -> list[tuple[tuple[int, int, float], pd.DataFrame]]:
    """The rows of each choice of filter, pool and initial scale."""
    keys = ["filter", "pool", "scale"]
    return [
        ((int(rows["filter"].iloc[0]), int(rows["pool"].iloc[0]), float(rows["scale"].iloc[0])),
         rows)
        for _, rows in table.groupby(keys, sort=False)
    ]  # fmt: skip


def compression_figure(tables: Tables) -> Figure:
    """Test errors of the three convolutional networks, seed by seed."""
    table = tables["compression"]
    groups = _choices(table)
    names = ["small", "small from clusters", "large"]
    drawing, grid = panels(1, len(groups), (3.3 * len(groups), 3.6), sharey=True)
    words = []
    for axes, (chosen, rows) in zip(grid[0], groups, strict=True):
        square = rows.pivot_table(index="seed", columns="network", values="test_error")[names]
        for _, values in square.iterrows():
            axes.plot(range(3), values, color=QUIET, lw=0.8, marker="o", ms=3, alpha=0.7)
        axes.plot(range(3), square.mean(), color="#2f74d0", marker="o", lw=2)
        axes.set_xticks(range(3), ["4 channels", "4, from\nclusters", "120"])
        axes.set_title(choice(*chosen).replace(", large", ",\nlarge"))
        axes.set_ylim(0, None)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        said = " / ".join(f"{square[name].mean():.2%}" for name in names)
        words.append(f"{choice(*chosen)}: {said}")
    grid[0][0].set_ylabel("test error")
    caption = (
        f"Each grey line is a seed ({table['images'].iloc[0]:,} training images), blue the mean. "
        f"{'; '.join(words)}."
    )
    return Figure("compression", "A small network from a large one's clusters", caption, drawing)


def images_figure(tables: Tables) -> Figure:
    """Angles of filters to their cluster centres, and the filters themselves."""
    angles, pictures = tables["conv_angles"], tables["conv_filters"]
    groups = _choices(angles)
    drawing, grid = panels(2, len(groups), (3.3 * len(groups), 5.6))
    words = []
    for column, (chosen, rows) in enumerate(groups):
        axes = grid[0][column]
        bins = np.linspace(0, 90, 31)
        for state, colour in (("random", QUIET), ("trained", "#2f74d0")):
            mine = rows[rows["state"] == state]["angle"]
            axes.hist(mine, bins, density=True, color=colour, alpha=0.6, label=state)
        axes.set_title(choice(*chosen).replace(", large", ",\nlarge"))
        axes.set_xlabel("angle to the nearest centre (degrees)")
        axes.set_yticks([])
        means = rows.groupby("state")["angle"].mean()
        words.append(f"{choice(*chosen)}: {means['trained']:.0f} against {means['random']:.0f}")
        shown = pictures
        for key, value in zip(("filter", "pool", "scale"), chosen, strict=True):
            shown = shown[shown[key] == value]
        _mosaic(grid[1][column], shown, chosen[0])
    grid[0][0].legend()
    caption = (
        "Above, the angle of the 120 filters to the nearest of four cluster centres, trained "
        f"against random (mean degrees: {'; '.join(words)}). Below, the four centres and two "
        "dozen of the filters of the first seed, red positive, blue negative."
    )
    return Figure("conv-filters", "Do real filters cluster?", caption, drawing)


def _mosaic(axes, shown: pd.DataFrame, side: int) -> None:
    """The centres in the first row, filters below, a space between pictures."""
    canvas = np.full((5 * (side + 1), 7 * (side + 1)), np.nan)
    for kind, first in (("centre", 0), ("filter", 1)):
        rows = shown[shown["kind"] == kind].sort_values(["number", "pixel"])
        for number, picture in rows.groupby("number"):
            row, column = first + int(str(number)) // 7, int(str(number)) % 7
            if row >= 5:
                continue
            block = picture["value"].to_numpy().reshape(side, side)
            top, left = row * (side + 1), column * (side + 1)
            canvas[top : top + side, left : left + side] = block
    limit = np.nanmax(np.abs(canvas))
    axes.imshow(canvas, cmap="RdBu_r", vmin=-limit, vmax=limit)
    axes.set_axis_off()
