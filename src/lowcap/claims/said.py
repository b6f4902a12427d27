"""What a paper itself says about a claim: its own words, its number, and its released code."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lowcap.claims.bounds import Above, AllOf, Below, Bound, Every, Some, Within


@dataclass(frozen=True)
class Code:
    """A place in the code that a paper's authors released."""

    place: str
    """File and lines, such as "src/model.py, line 55"."""
    url: str
    does: str
    """What stands there, in our words."""


@dataclass(frozen=True)
class Said:
    """What a paper says about a claim, as far as it is known for certain."""

    quote: str = ""
    """The paper's own words, letter by letter; empty where they are not at hand."""
    quoted_from: str = "abstract"
    value: str = ""
    """The paper's number, in words that stand alone."""
    effect: float | Mapping[str, float] = np.nan
    """The same on the scale of the primary reading's effect, by part if that has several; where
    the paper's number cannot be put on that scale there is none."""
    code: tuple[Code, ...] = ()

    def effect_of(self, part: str) -> float:
        """The paper's number for one part of the claim; NaN without one."""
        if isinstance(self.effect, Mapping):
            return float(self.effect.get(part, np.nan))
        return float(self.effect)


def region_of(bound: Bound, part: str = "") -> tuple[float, float]:
    """From where to where a bound's claim holds, for the part of it that is shown.

    Example:
        >>> region_of(Below(0.02))
        (-inf, 0.02)
    """
    if isinstance(bound, Every | Some):
        return region_of(bound.bound, part)
    if isinstance(bound, AllOf):
        return region_of(bound.parts[part]) if part in bound.parts else (np.nan, np.nan)
    if isinstance(bound, Above):
        return bound.limit, np.inf
    if isinstance(bound, Below):
        return -np.inf, bound.limit
    if isinstance(bound, Within):
        return bound.low, bound.high
    return np.nan, np.nan
