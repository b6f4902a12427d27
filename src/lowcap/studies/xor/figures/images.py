"""Figures on images: test errors of the convolutional networks, and their filters."""

import numpy as np
import pandas as pd

from lowcap.claims import Tables
from lowcap.report import QUIET, Figure, panels
from lowcap.report.palette import BLUE, DIVERGING
from lowcap.studies.xor.claims import choice
from lowcap.studies.xor.plan import NETWORKS


def _choices(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each choice of filter, pool, initial scale and length of training; in words."""
    keys = ["filter", "pool", "scale", "fitted"]
    found = []
    for _, rows in table.groupby(keys, sort=False):
        first = [rows[key].iloc[0] for key in keys]
        found.append((choice(int(first[0]), int(first[1]), float(first[2]), bool(first[3])), rows))
    return found


def _in_lines(words: str) -> str:
    return words.replace(", ", ",\n")


STARTS = ("random\nfilters", "random\ndirections", "filters of\nthe 120", "cluster\ncentres")


def compression_figure(tables: Tables) -> Figure:
    """Test errors of the convolutional networks, seed by seed."""
    table = tables["compression"]
    groups = _choices(table)
    places = [0, 1, 2, 3, 4.3]
    drawing, grid = panels(len(groups), 1, (8, 2.1 * len(groups)), sharex=True)
    words = []
    for axes, (name, rows) in zip(grid[:, 0], groups, strict=True):
        square = rows.pivot_table(index="seed", columns="network", values="test_error")
        square = square[list(NETWORKS)]
        for _, values in square.iterrows():
            axes.plot(places[:4], values[:4], color=QUIET, lw=0.8, marker="o", ms=3, alpha=0.6)
            axes.plot(places[4:], values[4:], color=QUIET, marker="o", ms=3, alpha=0.6)
        axes.plot(places[:4], square.mean()[:4], color=BLUE, marker="o", lw=2)
        axes.plot(places[4:], square.mean()[4:], color=BLUE, marker="o")
        axes.axhline(square["large"].mean(), color=BLUE, lw=0.9, ls=(0, (4, 3)))
        images, seeds = rows["images"].iloc[0], len(square)
        axes.set_title(f"{name} ({images:,} images, {seeds} seeds)", fontsize=9)
        axes.set_ylim(0, None)
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g} %")
        axes.set_ylabel("test error")
        said = " / ".join(f"{square[network].mean():.2%}" for network in NETWORKS)
        words.append(f"{name}: {said}")
    starts = [f"4 from\n{start}" for start in STARTS]
    grid[-1][0].set_xticks(places, [*starts, "120 from\nrandom filters"])
    caption = (
        "4 channels from four starts, and 120. Each grey line is a seed with training images of "
        "its own, blue the mean, dashed the mean of 120 channels. Random directions and filters of "
        "the large network are as long as the cluster centres. Mean test errors in this order: "
        f"{'; '.join(words)}."
    )
    return Figure("compression", "A small network from a large one's clusters", caption, drawing)


def images_figure(tables: Tables) -> Figure:
    """Angles of filters to their cluster centres, and the filters themselves."""
    angles, pictures = tables["conv_angles"], tables["conv_filters"]
    groups = _choices(angles)
    drawing, grid = panels(2, len(groups), (2.7 * len(groups), 5.4))
    words = []
    for column, (name, rows) in enumerate(groups):
        axes = grid[0][column]
        bins = np.linspace(0, 90, 31)
        for state, colour in (("random", QUIET), ("trained", BLUE)):
            found = rows[rows["state"] == state]["angle"]
            axes.hist(found, bins, density=True, color=colour, alpha=0.6, label=state)
        axes.set_title(_in_lines(name), fontsize=9)
        axes.set_xlabel("angle to nearest centre (degrees)", fontsize=8)
        axes.set_yticks([])
        means = rows.groupby("state")["angle"].mean()
        words.append(f"{name}: {means['trained']:.0f} against {means['random']:.0f}")
        shown = pictures
        for key in ("filter", "pool", "scale", "fitted"):
            shown = shown[shown[key] == rows[key].iloc[0]]
        _mosaic(grid[1][column], shown, int(rows["filter"].iloc[0]))
    grid[0][0].legend()
    caption = (
        "Above, the angle of the 120 filters to the nearest of four cluster centres, trained "
        f"against random (mean degrees: {'; '.join(words)}). Below, the four centres and two "
        "dozen of the filters of the first seed, red positive, blue negative, each choice on a "
        "scale of its own from minus to plus its largest weight."
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
    axes.imshow(canvas, cmap=DIVERGING, vmin=-limit, vmax=limit)
    axes.set_axis_off()
