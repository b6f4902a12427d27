"""What panels hold: lines with bands, points with intervals, matrices with values, pictures."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure as Drawing

from lowcap.report.grid import DASHES
from lowcap.report.palette import DARK, GREY, IMAGES, LIGHT, SEQUENTIAL

BRIGHTNESS = (0.299, 0.587, 0.114)
"""How bright red, green and blue look (ITU-R BT.601)."""

BAND = 0.13
"""Opacity of bands."""


def spread(table: pd.DataFrame, by: str, value: str, over: Sequence[str] = ("seed",)):
    """Mean, least and most of a column over replicates.

    Columns: `mean, min, max`; one row per value of `by`.

    Args:
        table: one row or several per replicate; several, such as draws of noise, are averaged.
        by: the column whose values become the index, ascending.
        value: the column of numbers.
        over: the columns that tell replicates apart.
    """
    return _over(table, [by], value, over)


def spreads(table: pd.DataFrame, of: str, by: str, value: str, over: Sequence[str] = ("seed",)):
    """What `spread` gives for each value of the column `of`, several times faster."""
    found = _over(table, [of, by], value, over)
    return {key: found.loc[key] for key in found.index.unique(0)}


def _over(table: pd.DataFrame, keys: list[str], value: str, over: Sequence[str]) -> pd.DataFrame:
    each = table.groupby([*keys, *over], observed=True)[value].mean()
    return each.groupby(level=keys).agg(["mean", "min", "max"])


def line(
    axes: Axes,
    x: Any,
    middle: Any,
    colour: str,
    low: Any = None,
    high: Any = None,
    *,
    step: Literal["mid", "post"] | None = None,
    **look,
) -> None:
    """A line, in a band if it has limits.

    Args:
        axes: where.
        x: places, as many as there are values in `middle`, `low` and `high`.
        middle: heights of the line.
        colour: of line and band.
        low: lower limits of the band.
        high: upper limits of the band.
        step: "mid" or "post" to draw steps that change there.
        **look: of the line, for `Axes.plot`.
    """
    if low is not None and high is not None:
        _band(axes, x, low, high, colour, step)
    drawn = np.asarray(x), np.asarray(middle)  # of pandas' own much is asked first
    axes.plot(*drawn, color=colour, drawstyle=f"steps-{step}" if step else None, **look)


def _band(axes: Axes, x: Any, low: Any, high: Any, colour: str, step: Any) -> None:
    """The area between two lines, as one polygon where nothing is missing: it is drawn sooner."""
    look = {"color": colour, "alpha": BAND, "lw": 0}
    places, lower, upper = (np.asarray(one, float) for one in (x, low, high))
    if step or not np.isfinite([places, lower, upper]).all():
        axes.fill_between(x, low, high, step=step, **look)
        return
    around = np.concatenate([places, places[::-1]]), np.concatenate([lower, upper[::-1]])
    axes.fill(*around, **look)


def curve(axes: Axes, found: pd.DataFrame, colour: str, x=None, **look) -> None:
    """A line of means in a band from least to most; `found` is what `spread` gives."""
    x = found.index if x is None else x
    line(axes, x, found["mean"], colour, found["min"], found["max"], **look)


def intervals(axes: Axes, heights, found: pd.DataFrame, colour: str, marker: str = "o") -> None:
    """Means as marks on horizontal bars from least to most; `found` is what `spread` gives."""
    axes.hlines(heights, found["min"], found["max"], color=colour, lw=1.3)
    axes.plot(found["mean"], heights, marker, ms=4.5, color=colour, ls="")


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Names along the y axis, the first at the top, at heights 0, 1, 2..."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)


def offsets(count: int, gap: float) -> np.ndarray:
    """Heights of marks that share a row, `gap` apart and around 0."""
    return gap * (np.arange(count) - (count - 1) / 2)


def matrix(axes: Axes, values: np.ndarray, limits: tuple[float, float], write: Callable,
           rows: Sequence[str], columns: Iterable | None = None, *, colours: Colormap = SEQUENTIAL,
           ) -> None:  # fmt: skip
    """Numbers as coloured squares, each written in its square.

    Args:
        axes: where.
        values: numbers [rows, columns]; what is not a number stays empty.
        limits: the values of the scale's ends; the same for panels that are compared.
        write: a number in words.
        rows: names along the y axis.
        columns: names along the x axis; none if another panel below has them.
        colours: the scale; numbers are dark on its bright colours and bright on its dark ones.
    """
    low, high = limits
    axes.imshow(values, cmap=colours, vmin=low, vmax=high, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            place = float(np.clip((value - low) / (high - low), 0, 1))
            bright = np.dot(colours(place)[:3], BRIGHTNESS) > 0.5
            colour = DARK if bright else LIGHT
            axes.text(
                column, row, write(value), ha="center", va="center", fontsize=7, color=colour,
                in_layout=False,
            )  # fmt: skip
    axes.set_yticks(range(len(rows)), rows)
    if columns is not None:
        axes.set_xticks(range(values.shape[1]), list(map(str, columns)))
    axes.grid(visible=False)


def colour_bar(drawing: Drawing, colours: Colormap, low: float, high: float, **options) -> Colorbar:
    """A bar that shows which value each colour stands for; `options` for `Figure.colorbar`.

    It is one image: matplotlib's own is hundreds of rectangles, which take a page's room.
    """
    bar = drawing.colorbar(ScalarMappable(Normalize(low, high), colours), **options)
    if bar.solids is not None:
        bar.solids.set_visible(False)
    edges, every = (*bar.ax.get_xlim(), *bar.ax.get_ylim()), np.linspace(0, 1, colours.N)
    along = every[:, None] if bar.orientation == "vertical" else every[None, :]
    bar.ax.imshow(along, colours, vmin=0, vmax=1, extent=edges, aspect="auto", origin="lower")
    bar.ax.grid(visible=False)
    return bar


def picture(axes: Axes, pixels: np.ndarray, colours: Colormap = IMAGES, low: float = 0,
            high: float = 1, **options) -> None:  # fmt: skip
    """An image without ticks or frame; `options` for `Axes.imshow`."""
    axes.imshow(pixels, cmap=colours, vmin=low, vmax=high, **options)
    bare(axes)


def pictures(
    axes: Axes,
    images: Sequence[Float[np.ndarray, "height width"] | None],
    colours: Colormap = IMAGES,
    low: float = 0,
    high: float = 1,
    gap: int = 3,
) -> list[float]:
    """Images of one size side by side in one panel, which takes far less time than a panel each.

    Args:
        axes: where.
        images: pixels; None leaves a place free.
        colours: the scale.
        low: the value of its one end.
        high: the value of its other end.
        gap: free pixels between two images.

    Returns:
        The middle of each place, left to right; the images' upper edges lie at 0.
    """
    height, width = next(image.shape for image in images if image is not None)
    starts = [place * (width + gap) for place in range(len(images))]
    canvas = np.full((height, starts[-1] + width), np.nan)
    for start, image in zip(starts, images, strict=True):
        if image is not None:
            canvas[:, start : start + width] = image
    edges = (0, canvas.shape[1], height, 0)
    picture(axes, canvas, colours, low, high, interpolation="nearest", extent=edges)
    return [start + width / 2 for start in starts]


def bare(axes: Axes) -> None:
    """Take away ticks, grid and frame; labels and titles stay."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def level(
    axes: Axes, *, x: float | None = None, y: float | None = None, colour: str = GREY
) -> None:
    """A dashed line across the panel, upright at `x` or level at `y`, behind what is drawn."""
    look = {"color": colour, "lw": 1, "ls": DASHES, "zorder": 1}
    if x is not None:
        axes.axvline(x, **look)
    if y is not None:
        axes.axhline(y, **look)
