"""Capacity against the number of gradient steps, batch size by batch size."""

import numpy as np
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import line
from lowcap.report.palette import CATEGORIES, GREY
from lowcap.report.scales import doublings, logarithmic
from lowcap.studies.low_capacity.claims.steps import Curve, curve_of, streams


def steps_figure(tables: Tables) -> Figure:
    """Minimum capacity against gradient steps: if the lines agree, steps are what counts."""
    sizes = tables["history"]["hidden"].unique()
    none = 2 * int(sizes.max())
    drawing, grid = panels(["minimum hidden size"], 1, (9, 4.2), below="gradient steps")
    axes, entries = grid[0][0], []
    for stream, colour in zip(streams(tables), CATEGORIES * 2, strict=False):
        _steps(axes, curve_of(stream.history), none, colour)
        seeds = stream.history["seed"].nunique()
        words = f"{stream.name}\n({seeds} seed{'s' * (seeds > 1)})"
        entries.append(entry(words, colour, lw=2.6))
    doublings(axes.yaxis, sizes, {none: "none"})
    logarithmic(axes.xaxis)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    tasks = tables["history"]["task"].nunique()
    framed(
        drawing,
        "Capacity, or patience?",
        "Rule: smallest size from which on mean validation F1 is above 0.90 and its s.d. over "
        f"seeds below 0.02. Thick: median over {tasks} task{'s' * (tasks > 1)}.",
        [*entries, entry("single tasks", GREY, lw=0.7)],
    )
    caption = (
        "The smallest hidden size from which on validation F1 is stable above 0.90 (the published "
        "rule) as training goes on, one line a way of training, all on one axis of gradient steps. "
        "Where lines lie on one another, the number of steps decides, whatever the batch size."
    )
    return Figure("steps", "Capacity, or patience?", caption, drawing)


def _steps(axes: Axes, curve: Curve, none: int, colour: str) -> None:
    """Single tasks thin, their median thick; where no size suffices, lines lie at `none`."""
    heights = curve.by_task.replace(np.inf, none)
    line(axes, curve.steps, heights, colour, step="post", lw=0.7, alpha=0.45)
    middle = 2 ** np.median(np.log2(heights.to_numpy()), axis=1)
    line(axes, curve.steps, middle, colour, step="post", lw=2.6)
