"""The figure of capacity against a difficulty that no network of the study defines."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.report import INK, QUIET, Figure, panels
from lowcap.report.grid import apart, entry, framed
from lowcap.report.scales import doublings, logarithmic
from lowcap.studies.low_capacity.claims.difficulty import MARGIN
from lowcap.studies.low_capacity.claims.scores import of_digits
from lowcap.studies.low_capacity.claims.tolerances import choices, smallest_within
from lowcap.studies.low_capacity.figures.common import PROTOCOL_COLOURS, seeds_in_words
from lowcap.studies.low_capacity.protocols import by_protocol
from lowcap.studies.low_capacity.settings import PAIRS

PAPERS = {"0-1": (4, 4), "1-7": (10, 10), "5-6": (10, 10), "4-9": (12, 24)}
"""The paper's minimum capacities (sec. 4.2), least and most."""

FEW = 12
"""As many tasks as can be named above the panel."""


def drawable(tables: Tables) -> bool:
    """Whether there are two tasks to compare."""
    return "difficulty" in tables and len(tables["difficulty"]["task"].unique()) > 1


def difficulty_figure(tables: Tables) -> Figure:
    """Smallest sufficient size against linear error; the paper's order against a measured one."""
    table = tables["capacity"]
    errors = tables["difficulty"].groupby("task", sort=False)["linear_error"].mean()
    ordered = [task for task in PAIRS if task in errors.index] if of_digits(table) else []
    both = len(ordered) > 1
    titles = ["", "the order, measured"][: 1 + both]
    drawing, grid = panels(1, titles, (5.6 + 4.2 * both, 4.0), width_ratios=(1.4, 1)[: 1 + both])
    parts, places = by_protocol(table), _places(errors)
    for place, (name, part) in enumerate(parts.items()):
        aside = 1.05 ** (place - (len(parts) - 1) / 2)  # equal sizes stand side by side
        _sizes(grid[0][0], aside * places, part, PROTOCOL_COLOURS[name])
    entries = [entry(name, PROTOCOL_COLOURS[name], "", "o") for name in parts]
    if ordered:
        _papers(grid[0][0], places)
        entries.append(entry("the paper's", INK, "-", "_", ms=11, lw=1.2))
    _axes(grid[0][0], places, table["hidden"].unique(), free=bool((errors == 0).any()))
    if both:
        _order(grid[0][1], errors[ordered])
    framed(
        drawing,
        "Do harder tasks need more units?",
        f"Rule: smallest size with a mean F1 within {MARGIN:g} of the best size's. n = "
        f"{seeds_in_words(table)} per size and task; one linear classifier a protocol and task.",
        entries,
        "protocol",
    )
    caption = (
        "Each point is a task under one protocol: the smallest hidden size whose mean F1 is within "
        f"{MARGIN:g} of the best size's (one rule for all; validation chooses the best size where "
        "test data are scored), against the test error of a linear least-squares classifier."
    )
    if both:
        caption += " Right, a line that rises throughout agrees with the paper's order."
    return Figure("difficulty", "Do harder tasks need more?", caption, drawing)


def _places(errors: pd.Series) -> pd.Series:
    """Where tasks stand on a logarithmic axis: those without an error at half the least error."""
    seen = errors[errors > 0]
    return errors.clip(lower=(float(seen.min()) if len(seen) else 0.002) / 2)


def _sizes(axes: Axes, places: pd.Series, part: pd.DataFrame, colour: str) -> None:
    look = {"ms": 6.5, "alpha": 1} if len(places) <= FEW else {"ms": 5, "alpha": 0.55}
    for task, choice in choices(part).items():
        size = smallest_within(choice, np.array([MARGIN]))
        axes.plot(100 * places.get(task, np.nan), size, "o", color=colour, mec="none", **look)


def _papers(axes: Axes, errors: pd.Series) -> None:
    for task, sizes in PAPERS.items():
        if task in errors.index:
            x = [100 * errors[task]] * 2
            axes.plot(x, sizes, "_-", color=INK, ms=11, lw=1.2, zorder=1)


def _axes(axes: Axes, errors: pd.Series, sizes: np.ndarray, *, free: bool) -> None:
    """Scales and names; `free`: the leftmost tasks have no error."""
    logarithmic(axes.xaxis)
    doublings(axes.yaxis, sizes)
    axes.set_ylim(min(sizes) / 1.25, max(sizes) * 1.25)
    low, high = 100 * errors.min(), 100 * errors.max()
    axes.xaxis.set_major_formatter(
        lambda value, _: "0" if free and np.isclose(value, low) else f"{value:g}"
    )
    ticks = [t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if low / 2 <= t <= high * 2]
    axes.set_xticks([low, *(t for t in ticks if t > 1.5 * low)] if free else ticks)
    if len(errors) <= FEW:
        _names(axes, errors.sort_values())
    axes.set_xlabel("test error of a linear classifier (%)")
    axes.set_ylabel("smallest sufficient hidden size")


def _names(axes: Axes, errors: pd.Series) -> None:
    """The tasks above the panel, where they stand or, if they are equally hard, side by side."""
    upright = len(errors) <= 6
    letters = max(len(str(task)) for task in errors.index) if upright else 2
    to_share = axes.transData + axes.transAxes.inverted()
    shares = to_share.transform([(100 * error, 1) for error in errors])[:, 0]
    for task, share in zip(errors.index, apart(list(shares), 0.02 * letters), strict=True):
        axes.text(
            share, 1.01, str(task), transform=axes.transAxes, fontsize=8, ha="center",
            rotation=0 if upright else 60, color=QUIET,
        )  # fmt: skip


def _order(axes: Axes, errors: pd.Series) -> None:
    """The paper's order along the axis: errors that rise agree with it."""
    places = np.arange(1, len(errors) + 1)
    axes.plot(places, 100 * errors, "o-", color=INK, lw=1, ms=6)
    axes.set_xticks(places, list(map(str, errors.index)))
    axes.set_xlim(0.5, len(errors) + 0.5)
    axes.set_ylim(0, 115 * max(errors.max(), 0.001))
    axes.set_xlabel("the paper's order, from easy to hard")
    axes.set_ylabel("test error of a linear classifier (%)")
