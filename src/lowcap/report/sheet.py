"""Drawings laid out by hand, in inches from the top left corner."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle


def sheet(width: float, height: float) -> tuple[Drawing, Axes]:
    """A drawing and axes as large as it, in inches from its top left corner."""
    drawing = Drawing(figsize=(width, height))
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    return drawing, axes


def write(axes: Axes, x: float, y: float, words: str, colour: str, size: float, **look) -> None:
    """Words that start at a place, in points; `look` for `Axes.text`."""
    options: dict[str, Any] = {"va": "center", **look}
    axes.text(x, y, words, color=colour, fontsize=size, **options)


def area(
    axes: Axes, x: float, y: float, width: float, height: float, colour: str, edge: str = "none"
) -> Rectangle:
    """A filled rectangle by its upper left corner."""
    found = Rectangle((x, y), width, height, facecolor=colour, edgecolor=edge, linewidth=0.8)
    axes.add_patch(found)
    return found


def mark(
    axes: Axes, x: float | Sequence[float], y: float | Sequence[float], marker: str = "", **look
) -> None:
    """A line, or a marker at one place; `look` for `Line2D`.

    What `Axes.plot` asks of data and limits is not asked: on a sheet both are places.
    """
    xs, ys, line = np.atleast_1d(x), np.atleast_1d(y), "none" if marker else "-"
    axes.add_artist(Line2D(xs, ys, marker=marker, linestyle=line, clip_on=False, **look))


def link(axes: Axes, x: float, y: float, width: float, height: float, target: str) -> None:
    """An area that is not seen and leads somewhere; it lies above what is drawn there."""
    found = Rectangle((x, y), width, height, facecolor="none", edgecolor="none", zorder=9)
    found.set_url(target)
    axes.add_patch(found)
