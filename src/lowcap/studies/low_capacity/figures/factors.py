"""The figure of what lies between the published and the corrected protocol, factor by factor."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.report import INK, QUIET, Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import name_rows
from lowcap.report.palette import BLUE, GREY
from lowcap.studies.low_capacity.claims.factors import (
    FACTORS,
    QUANTITIES,
    SCORE,
    Quantity,
    corners,
    effects,
    pure_ends,
)


def factors_figure(tables: Tables) -> Figure:
    """Which factor between the two protocols moves which claim's quantity."""
    found = corners(tables)
    shown = {q: effects(q, found) for q in QUANTITIES}
    shown = {q: e for q, e in shown.items() if all(np.isfinite(v).all() for v in e.values())}
    rows = -(-len(shown) // 3)
    drawing, grid = panels(rows, 3, (12, 2.25 * rows + 1.3))
    for axes in grid.ravel()[len(shown) :]:
        axes.set_axis_off()
    for axes, (quantity, changes) in zip(grid.ravel(), shown.items(), strict=False):
        _panel(axes, quantity, changes)
        ends = pure_ends(quantity, found)
        axes.text(0, 1.03, ends, transform=axes.transAxes, fontsize=7.5, color=QUIET)
        if axes not in grid[:, 0]:
            axes.set_yticklabels([])
    task, sizes = str(tables["factors"]["task"].iloc[0]), tables["factors"]["hidden"]
    framed(
        drawing,
        f"What separates the two protocols ({task})",
        "Right of 0: larger under the corrected protocol's setting. n = "
        f"{tables['factors']['seed'].nunique()} seeds of each of {len(found)} mixtures, sizes "
        f"{sizes.min()} to {sizes.max()}.",
        [
            entry("main effect", BLUE, "", "o", ms=8),
            entry("with the other factors fixed", GREY, "", "o", mfc="none", ms=4),
        ],
        above=True,
    )
    caption = (
        "The published and the corrected protocol differ in several things at once; here each is "
        f"changed alone on {task}, from published to corrected, under every setting of the others. "
        "Minimum capacity is counted in doublings of the size. Pruned and noisy networks are "
        "scored on validation data."
    )
    return Figure("factors", "Which factor moves which claim?", caption, drawing)


def _panel(axes: Axes, quantity: Quantity, changes: Mapping[str, np.ndarray]) -> None:
    for place, each in enumerate(changes.values()):
        axes.plot(each, np.full(len(each), place), "o", ms=4, mfc="none", color=GREY)
        axes.plot(each.mean(), place, "o", ms=8, color=BLUE, zorder=4)
    axes.axvline(0, color=INK, lw=0.8)
    name_rows(axes, [*FACTORS.values(), SCORE])
    if not quantity.scored:
        axes.text(0.5, 0.11, "score: validation only", transform=axes.transAxes, fontsize=7,
                  color=QUIET, ha="center")  # fmt: skip
    axes.set_title(quantity.name, pad=16, fontsize=9)
    axes.set_xlabel(f"change in {quantity.unit}")
