"""Axes with few, plain labels: sizes by doublings, quantities by decades, shares in percent."""

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis, XAxis
from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator, NullLocator, PercentFormatter


def logarithmic(axis: Axis, base: int = 10) -> None:
    """A logarithmic axis with ticks at powers of `base` alone."""
    scaled = axis.axes.set_xscale if isinstance(axis, XAxis) else axis.axes.set_yscale
    scaled("log", base=base)
    axis.set_minor_locator(NullLocator())


def doublings(axis: Axis, values: Iterable, names: dict[float, str] | None = None) -> None:
    """A logarithmic axis of sizes, each labelled; only powers of 2 where there are more than eight.

    Args:
        axis: `axes.xaxis` or `axes.yaxis`.
        values: the sizes.
        names: labels at further places, such as one for "0 units", which has no logarithm.
    """
    every, more = sorted(set(values)), names or {}
    ticks = [v for v in every if len(every) <= 8 or np.log2(v) % 1 == 0]
    logarithmic(axis, 2)
    axis.set_major_locator(FixedLocator([*more, *ticks]))
    axis.set_major_formatter(lambda value, _: more.get(value, f"{value:g}"))


def decades(axis: Axis) -> None:
    """A logarithmic axis with few labels, however short it is; call it when the data are drawn."""
    logarithmic(axis, 10)
    low, high = axis.get_data_interval()
    count = np.log10(high / low) if low > 0 else np.inf
    if count < 0.6:
        axis.set_major_locator(MaxNLocator(5))
    else:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if count < 2.5 else (1,), numticks=12))
    axis.set_major_formatter(lambda value, _: short(value))


def short(value: float) -> str:
    """A number with k for thousands and M for millions: "20k"."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def percents(axis: Axis) -> None:
    """Shares in percent."""
    axis.set_major_formatter(PercentFormatter(1))


SPARSITIES = (0.5, 0.8, 0.9, 0.95, 0.99)
"""Those with a label on an axis of sparsities."""


def place_of(sparsity: object) -> np.ndarray:
    """Where a sparsity stands on an axis: by the logarithm of the weights left."""
    return np.asarray(-np.log10(1 - np.asarray(sparsity, float)))


def sparsity_axis(axes: Axes) -> None:
    """An x axis of sparsities in per cent, at the places of `place_of`."""
    axes.set_xticks(place_of(SPARSITIES), [f"{100 * s:g}" for s in SPARSITIES])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("sparsity asked for (%)")
