"""Figures on images: test errors of the convolutional networks, and their filters."""

import numpy as np
import pandas as pd

from lowcap.claims import Tables
from lowcap.report import QUIET, Figure, panels
from lowcap.report.grid import DASHES, entry, framed
from lowcap.report.marks import picture
from lowcap.report.palette import BLUE, DIVERGING
from lowcap.studies.xor.claims import choice
from lowcap.studies.xor.plan import NETWORKS

_KEYS = ["filter", "pool", "scale", "fitted"]


def _choices(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each choice of filter, pool, initial scale and length of training; in words."""
    return [
        (choice(int(f), int(p), float(s), bool(fit)), rows)  # pyright: ignore[reportArgumentType]
        for (f, p, s, fit), rows in table.groupby(_KEYS, sort=False)
    ]


STARTS = ("random\nfilters", "random\ndirections", "filters of\nthe 120", "cluster\ncentres")


def compression_figure(tables: Tables) -> Figure:
    """Test errors of the convolutional networks, seed by seed."""
    groups = _choices(tables["compression"])
    places = [0, 1, 2, 3, 4.3]
    rows = ["test error"] * len(groups)
    drawing, grid = panels(rows, 1, (9.2, 2.1 * len(groups)), sharex=True)
    for axes, (name, rows) in zip(grid[:, 0], groups, strict=True):
        square = rows.pivot_table(index="seed", columns="network", values="test_error")
        square = square[list(NETWORKS)].to_numpy()
        for part in (slice(4), slice(4, None)):  # the last network is no other start of the small
            x = places[part]
            axes.plot(x, square.T[part], color=QUIET, lw=0.8, marker="o", ms=3, alpha=0.6)
            axes.plot(x, square.mean(axis=0)[part], color=BLUE, marker="o", lw=2)
        axes.axhline(square[:, -1].mean(), color=BLUE, lw=0.9, ls=DASHES)
        images = rows["images"].iloc[0]
        axes.set_title(f"{name} ({images:,} images, {len(square)} seeds)", fontsize=9)
        axes.set_ylim(0, None)
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g} %")
    starts = [f"4 from\n{start}" for start in STARTS]
    grid[-1][0].set_xticks(places, [*starts, "120 from\nrandom filters"])
    entries = [
        entry("a seed", QUIET, "-", "o", ms=3, lw=0.8),
        entry("mean", BLUE, "-", "o", lw=2),
        entry("mean of\n120 channels", BLUE, DASHES, lw=0.9),
    ]
    title = "Can a small network start from a large one's clusters?"
    framed(drawing, title, "Lines: seeds, each with training images of its own.", entries)
    caption = (
        "4 channels from four starts, and 120. Each grey line is a seed with training images of "
        "its own, blue the mean, dashed the mean of 120 channels. Random directions and filters of "
        "the large network are as long as the cluster centres."
    )
    return Figure("compression", "A small network from a large one's clusters", caption, drawing)


def images_figure(tables: Tables) -> Figure:
    """Angles of filters to their cluster centres, and the filters themselves."""
    angles, pictures = _choices(tables["conv_angles"]), dict(_choices(tables["conv_filters"]))
    titles = [name.replace(", ", ",\n") for name, _ in angles]
    drawing, grid = panels(["share of filters", ""], titles, (2.7 * len(angles) + 1, 5.4))
    colours = {"random": QUIET, "trained": BLUE}
    for (upper, lower), (name, rows) in zip(grid.T, angles, strict=True):
        for state, colour in colours.items():
            found = rows[rows["state"] == state]["angle"]
            upper.hist(found, np.linspace(0, 90, 31), density=True, color=colour, alpha=0.6)
        upper.set_title(upper.get_title(loc="left"), fontsize=9)
        upper.set_xlabel("angle to nearest centre (degrees)", fontsize=8)
        upper.set_yticks([])
        _mosaic(lower, pictures[name], int(rows["filter"].iloc[0]))
    entries = [entry(state, colour, lw=6, alpha=0.6) for state, colour in colours.items()]
    note = "n = 120 filters of the first seed. Below: the cluster centres, then single filters."
    framed(drawing, "Do the filters of a real network cluster?", note, entries, "filters")
    caption = (
        "Above, the angle of the 120 filters to the nearest of four cluster centres, trained "
        "against random. Below, the four centres (first row) and two dozen of the filters of the "
        "first seed, red positive, blue negative, each choice on a scale of its own from minus to "
        "plus its largest weight."
    )
    return Figure("conv-filters", "Do real filters cluster?", caption, drawing)


def _mosaic(axes, shown: pd.DataFrame, side: int) -> None:
    """The centres in the first row, filters below, a space between pictures."""
    canvas = np.full((5 * (side + 1), 7 * (side + 1)), np.nan)
    for kind, first in (("centre", 0), ("filter", 1)):
        rows = shown[shown["kind"] == kind].sort_values(["number", "pixel"])
        for number, pixels in rows.groupby("number"):
            row, column = first + int(str(number)) // 7, int(str(number)) % 7
            if row >= 5:
                continue
            top, left = row * (side + 1), column * (side + 1)
            block = pixels["value"].to_numpy().reshape(side, side)
            canvas[top : top + side, left : left + side] = block
    limit = float(np.nanmax(np.abs(canvas)))
    picture(axes, canvas, DIVERGING, -limit, limit)
