"""All verdicts of a claims table in one picture."""

from collections.abc import Mapping
from textwrap import shorten
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from lowcap.errors import SettingsError
from lowcap.plot.sheet import axes_on
from lowcap.report import styled
from lowcap.report.distances import distance
from lowcap.report.grid import entry
from lowcap.report.marks import level, name_rows
from lowcap.report.page import VERDICTS, number
from lowcap.report.palette import GOLD, GREY, QUIET, RED, TEAL

COLOURS = {"holds": TEAL, "fails": RED, "undecided": GOLD}
MARKERS = {"holds": "o", "fails": "X", "undecided": "d"}
FURTHEST = 4.0
"""Intervals end here: how far beyond the bound a verdict lies no longer matters."""


@runtime_checkable
class _Judged(Protocol):
    """What has a claims table, such as a run."""

    @property
    def claims(self) -> pd.DataFrame: ...


def forest(
    claims: pd.DataFrame | _Judged, *, condition: str | None = None, ax: Axes | None = None
) -> Axes:
    """One line a claim: where its 95 % interval lies from the bound that decides.

    Claims are measured in different units, so the distance from the bound is in half-widths of the
    interval: right of the line the claim holds, left of it it fails, across it is undecided. The
    effect itself stands at the right. Of two limits the nearer counts; claims whose parts have
    bounds of their own show their mark alone.

    Args:
        claims: a run, such as ``lowcap.open(RUN)``, or its claims table.
        condition: of which protocol or data set; not needed where there is one.
        ax: where to draw.

    Raises:
        SettingsError: there are several conditions, or not this one.

    Example:
        >>> lowcap.plot.forest(lowcap.open("runs/low-capacity-mnist"), condition="corrected")
    """
    table = claims if isinstance(claims, pd.DataFrame) else claims.claims
    primary = table[table["primary"]]
    known = list(primary["condition"].unique())
    if condition is None and len(known) == 1:
        condition = known[0]
    if condition not in known:
        raise SettingsError(f"give a condition: {', '.join(known)}")
    here = primary[primary["condition"] == condition]
    rows: list[dict[str, Any]] = here.to_dict("records")  # type: ignore[assignment]
    with styled():
        axes = axes_on(ax, (9, 1.2 + 0.27 * len(rows)))
        for height, row in enumerate(rows):
            _draw(axes, height, row)
        name_rows(axes, [shorten(str(row["statement"]), 70) for row in rows])
        level(axes, x=0)
        axes.set_xlim(-FURTHEST - 0.5, FURTHEST + 0.5)
        axes.set_xticks([-FURTHEST / 2, FURTHEST / 2], ["against the claim", "for the claim"])
        axes.set_xlabel("faint marks: no effect, or parts with bounds of their own", fontsize=8)
        axes.set_title(f"{len(rows)} claims, {condition}: 95 % intervals around the bound")
        told = [name for name in VERDICTS if any(row["verdict"] == name for row in rows)]
        handles = [
            entry(name, COLOURS.get(name, GREY), "", MARKERS.get(name, "s"), ms=5) for name in told
        ]
        # Inches below the panel, however tall that is, lie below the words of its axis.
        below = axes.transAxes + ScaledTranslation(0, -0.45, axes.figure.dpi_scale_trans)
        axes.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=below,
            ncols=max(len(told), 1), borderaxespad=0,
        )  # fmt: skip
    return axes


def _draw(axes: Axes, height: int, row: Mapping[Any, Any]) -> None:
    verdict = str(row["verdict"])
    colour, marker = COLOURS.get(verdict, GREY), MARKERS.get(verdict, "s")
    span = _span(row)
    if span is None:
        axes.plot([0], [height], marker, ms=5, color=colour, alpha=0.5)
    else:
        low, middle, high = np.clip(span, -FURTHEST, FURTHEST)
        axes.plot([low, high], [height, height], color=colour, lw=1.6)
        axes.plot([middle], [height], marker, ms=6, color=colour)
    effect = number(row["effect"], str(row["unit"] or "")) if verdict != "not measured" else verdict
    axes.annotate(
        effect, (1.01, height), xycoords=("axes fraction", "data"), va="center", fontsize=8,
        color=QUIET, annotation_clip=False,
    )  # fmt: skip


def _span(row: Mapping[Any, Any]) -> tuple[float, float, float] | None:
    """The interval as distances from the bound in its half-widths, the claim's side positive."""
    far = distance(row)
    if far is None or not np.isfinite((far.low, far.effect, far.high)).all():
        return None
    half = (far.high - far.low) / 2
    if half <= 0:
        half = abs(far.effect) / FURTHEST or 1.0
    return far.low / half, far.effect / half, far.high / half
