"""How far effects lie from their bounds: one direction and one scale for claims of any unit.

A claim may ask for much or for little, in F1 or in per cent. Measured from its bound towards
where it holds, every effect, interval and number of a paper lies on one line: what is positive is
on the side of the claim.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

ROOM = 1.12
"""How much more than its farthest point a row shows."""


class Distance(NamedTuple):
    """What was found of a claim, from its bound towards where it holds."""

    effect: float
    low: float
    high: float
    paper: float
    """The paper's own number; NaN without one."""


def distance(row: Mapping[str, Any]) -> Distance | None:
    """The distances of a row of the claims table; None where there is no effect or no bound.

    Of two limits the one nearer to the effect is its bound.
    """
    start, end = float(row["holds_from"]), float(row["holds_to"])
    effect, low, high = (float(row[name]) for name in ("effect", "low", "high"))
    if np.isnan(effect) or np.isnan(start) or np.isnan(end):
        return None
    both = np.isfinite(start) and np.isfinite(end)
    lower = effect - start <= end - effect if both else np.isfinite(start)
    paper = float(row["paper_effect"])
    if lower:
        return Distance(effect - start, low - start, high - start, paper - start)
    return Distance(end - effect, end - high, end - low, end - paper)


def reach(rows: Sequence[Distance]) -> float:
    """The distance that a row shows to each side: every effect, and at least one whole interval."""
    points = [abs(value) for row in rows for value in (row.effect, row.paper)]
    ends = [max(abs(row.low), abs(row.high)) for row in rows]
    finite = [value for value in points if np.isfinite(value)]
    shortest = min((end for end in ends if np.isfinite(end)), default=0.0)
    farthest = max([*finite, shortest])
    return ROOM * farthest if farthest > 0 else 1.0
