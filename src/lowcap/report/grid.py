"""Grids of panels: titles above the columns, names beside the rows, one legend and one note."""

from collections.abc import Iterable, Mapping, Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from lowcap.report.palette import GREY, INK, QUIET

DASHES = (0, (3, 3))
"""How lines are broken that others are held against."""


def blank(size: tuple[float, float]) -> Drawing:
    """An empty drawing of `size` inches that finds room for all its words; no global state."""
    return Drawing(figsize=size, layout="constrained")


def panels(
    rows: int | Iterable[str],
    columns: int | Iterable[str],
    size: tuple[float, float],
    *,
    below: str = "",
    **options,
) -> tuple[Drawing, np.ndarray]:
    """An empty drawing and its axes [rows, columns], such as conditions by tasks.

    Args:
        rows: how many, or what each row shows: the label of its first panel's y axis.
        columns: how many, or the title of each column's first panel.
        size: width and height in inches.
        below: what the x axes show: the label below the last row's panels.
        **options: for `matplotlib.figure.Figure.subplots`, such as `sharex` or `height_ratios`.
    """
    names, titles = ([""] * n if isinstance(n, int) else list(n) for n in (rows, columns))
    drawing = blank(size)
    grid = drawing.subplots(len(names), len(titles), squeeze=False, **options)
    for axes, title in zip(grid[0], titles, strict=True):
        axes.set_title(title)
    for axes, name in zip(grid[:, 0], names, strict=True):
        axes.set_ylabel(name)
    for axes in grid[-1]:
        axes.set_xlabel(below)
    return drawing, grid


def entry(label: str, colour: str = GREY, line: str | tuple = "-", marker: str = "", **look):
    """A legend's entry: a line, a marker or both; `line=""` for a marker alone."""
    return Line2D([], [], color=colour, label=label, ls=line, marker=marker, **look)


def framed(
    drawing: Drawing,
    title: str = "",
    note: str = "",
    entries: Sequence[Line2D] = (),
    heading: str = "",
    *,
    above: bool = False,
) -> None:
    """Write a title above the drawing, what its marks rest on below it, and a legend at its right.

    Args:
        drawing: with all its panels.
        title: broken to the drawing's width.
        note: in small letters, such as the numbers of seeds.
        entries: the legend's, made by `entry`.
        heading: the legend's.
        above: whether the legend stands in one line beside the title.
    """
    inches, beside = drawing.get_figwidth(), 0.0
    if entries:
        place = "outside upper right" if above else "outside right upper"
        columns = len(entries) if above else 1
        if not above:  # it begins as high as the title
            labels = [heading, *(str(one.get_label()) for one in entries)]
            beside = 0.6 + 0.075 * max(map(len, labels))
        drawing.legend(handles=list(entries), title=heading or None, loc=place, ncols=columns)
    if title:
        entitle(drawing, title, beside)
    if note:
        text = fill(note, int(15.5 * inches))
        drawing.supxlabel(text, x=0.01, ha="left", fontsize=8, color=QUIET)


def entitle(drawing: Drawing, title: str, beside: float = 0.0) -> None:
    """Write a title above the drawing, broken to its width less inches that stand beside it."""
    text = fill(title, max(20, int(9.5 * (drawing.get_figwidth() - beside))))
    drawing.suptitle(text, x=0.01, ha="left", fontsize=11.5, fontweight="bold", color=INK)


def label_ends(
    axes: Axes, ends: Mapping[str, tuple[float, str]], gap: float = 0.068, x: float = 1.015
) -> None:
    """Name lines where they end, at the right edge, instead of in a legend.

    Names are written in ink, each behind a dot of its colour: what is bright enough for a line is
    too pale for letters.

    Args:
        axes: with its limits and scale as they will be.
        ends: by name, where the line ends (data) and its colour.
        gap: least distance between two names, as a share of the axis.
        x: where the names start, as a share of the axis.
    """
    to_share = axes.transData.transform, axes.transAxes.inverted().transform
    left = axes.get_xlim()[0]
    heights = {name: to_share[1](to_share[0]((left, y)))[1] for name, (y, _) in ends.items()}
    order = sorted(heights, key=lambda name: heights[name])
    places = apart([float(np.clip(heights[name], 0, 1)) for name in order], gap)
    for name, place in zip(order, places, strict=True):
        colour = ends[name][1]
        plain = colour in (INK, QUIET)
        if not plain:
            axes.plot([x + 0.01], [place], "o", ms=3.5, color=colour, transform=axes.transAxes,
                      clip_on=False, scalex=False, scaley=False)  # fmt: skip
        axes.annotate(
            name, (x, place), (0 if plain else 7, 0), xycoords="axes fraction",
            textcoords="offset points", color=colour if plain else INK, fontsize=8, va="center",
            annotation_clip=False,
        )  # fmt: skip


def apart(heights: Sequence[float], gap: float) -> list[float]:
    """Ascending heights, moved as little as needed to be `gap` from one another."""
    groups = [[height] for height in heights]
    i = 0
    while i + 1 < len(groups):
        one, other = groups[i], groups[i + 1]
        if np.mean(other) - np.mean(one) < gap * (len(one) + len(other)) / 2:
            groups[i : i + 2] = [one + other]
            i = max(i - 1, 0)
        else:
            i += 1
    return [
        float(np.mean(group) + gap * (k - (len(group) - 1) / 2))
        for group in groups
        for k in range(len(group))
    ]
