"""Bounds: what an interval is held against. A bound decides and prints itself.

Three values, from the whole interval: the claim holds when the interval lies on the right side,
fails when it lies on the wrong side, and is undecided when it straddles the bound. Absence of
evidence is never a failure. Each side of a two-sided 95 % interval errs with 2.5 %, so at the
bound itself a judge says "holds" and "fails" wrongly in at most 2.5 % of runs each.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Protocol, runtime_checkable

from lowcap.claims.estimates import Estimate, Interval
from lowcap.claims.verdict import Verdict

ALPHA = 0.05
"""The two-sided error rate of a verdict."""

Estimates = Estimate | Mapping[str, Any]
"""One estimate; or several by name, of which each may be several again."""


class Decision(NamedTuple):
    """A verdict with the estimate that decided it."""

    verdict: Verdict
    interval: Interval
    part: str = ""
    """Of several estimates, the name of the one shown: of those that decided, or stand in the way
    of a decision, the one that keeps its bound least; of `Some`, the one that keeps it best."""


@runtime_checkable
class Bound(Protocol):
    """What an estimate, or several by name, are held against."""

    def decide(self, estimates: Estimates, alpha: float = ALPHA) -> Decision:
        """The verdict at a two-sided error rate of `alpha`."""
        ...

    def room(self, interval: Interval) -> float:
        """How far an interval lies within the bound, in its own lengths; below 0 if not wholly.

        So that parts with units of their own can be compared.
        """
        ...


def _plain(value: float, percent: bool) -> str:
    text = f"{100 * value:.6g} %" if percent else f"{value:.6g}"
    return text.replace("-", "−")


def _in_lengths(room: float, interval: Interval) -> float:
    """A distance in lengths of an interval; at the bound itself 0, however short that is."""
    if not room:
        return 0.0
    if math.isnan(room):
        return -math.inf
    length = interval.high - interval.low
    return room / length if 0 < length < math.inf else math.copysign(math.inf, room)


def _single(estimates: Estimates) -> Estimate:
    if isinstance(estimates, Mapping):
        (estimate,) = estimates.values()
        return estimate
    return estimates


@dataclass(frozen=True)
class Above:
    """The whole interval lies above a limit."""

    limit: float
    percent: bool = False
    ours: bool = False
    """Whether the limit is ours and not the paper's."""

    def decide(self, estimates: Estimates, alpha: float = ALPHA) -> Decision:
        """Holds above the limit, fails below it."""
        interval = _single(estimates).interval(1 - alpha)
        if interval.low > self.limit:
            return Decision(Verdict.HOLDS, interval)
        verdict = Verdict.FAILS if interval.high <= self.limit else Verdict.UNDECIDED
        return Decision(verdict, interval)

    def room(self, interval: Interval) -> float:
        """How far the lower end lies above the limit."""
        return _in_lengths(interval.low - self.limit, interval)

    def __str__(self) -> str:
        return f"above {_plain(self.limit, self.percent)}{_ours(self.ours)}"


@dataclass(frozen=True)
class Below:
    """The whole interval lies below a limit."""

    limit: float
    percent: bool = False
    ours: bool = False
    """Whether the limit is ours and not the paper's."""

    def decide(self, estimates: Estimates, alpha: float = ALPHA) -> Decision:
        """Holds below the limit, fails above it."""
        interval = _single(estimates).interval(1 - alpha)
        if interval.high < self.limit:
            return Decision(Verdict.HOLDS, interval)
        verdict = Verdict.FAILS if interval.low >= self.limit else Verdict.UNDECIDED
        return Decision(verdict, interval)

    def room(self, interval: Interval) -> float:
        """How far the upper end lies below the limit."""
        return _in_lengths(self.limit - interval.high, interval)

    def __str__(self) -> str:
        return f"below {_plain(self.limit, self.percent)}{_ours(self.ours)}"


@dataclass(frozen=True)
class Within:
    """The whole interval lies between two limits, which belong to it.

    With limits -m and m this is an equivalence test: "no difference worth speaking of".
    """

    low: float
    high: float
    percent: bool = False
    ours: bool = False
    """Whether the limits are ours and not the paper's."""

    def decide(self, estimates: Estimates, alpha: float = ALPHA) -> Decision:
        """Holds inside the limits, fails outside of them."""
        interval = _single(estimates).interval(1 - alpha)
        if self.low <= interval.low and interval.high <= self.high:
            return Decision(Verdict.HOLDS, interval)
        outside = interval.high < self.low or interval.low > self.high
        return Decision(Verdict.FAILS if outside else Verdict.UNDECIDED, interval)

    def room(self, interval: Interval) -> float:
        """How far the nearer end lies within its limit."""
        return _in_lengths(min(interval.low - self.low, self.high - interval.high), interval)

    def __str__(self) -> str:
        low, high = _plain(self.low, self.percent), _plain(self.high, self.percent)
        text = f"equal to {low}" if self.low == self.high else f"from {low} to {high}"
        return text + _ours(self.ours)


def equivalent(margin: float, percent: bool = False, ours: bool = True) -> Within:
    """No difference larger than a margin, in either direction."""
    return Within(-margin, margin, percent, ours)


@dataclass(frozen=True)
class Every:
    """Every estimate by name keeps the same bound.

    To hold, each part must hold at the full level: a conjunction is wrong only if a part is. To
    fail, one part must fail at the level divided by their number (Bonferroni), since there are
    that many ways to fail by chance.
    """

    bound: Bound

    def decide(self, estimates: Estimates, alpha: float = ALPHA) -> Decision:
        """Holds when all parts do, fails when any does."""
        assert isinstance(estimates, Mapping)
        return _all_of({name: self.bound for name in estimates}, estimates, alpha)

    def room(self, interval: Interval) -> float:
        """As for a single estimate."""
        return self.bound.room(interval)

    def __str__(self) -> str:
        return f"every one {self.bound}"


@dataclass(frozen=True)
class Some:
    """At least one estimate by name keeps the bound: the mirror image of `Every`."""

    bound: Bound

    def decide(self, estimates: Estimates, alpha: float = ALPHA) -> Decision:
        """Holds when any part does (at the level divided by their number), fails when all do."""
        assert isinstance(estimates, Mapping)
        careful = {
            name: self.bound.decide(one, alpha / len(estimates)) for name, one in estimates.items()
        }
        full = {name: self.bound.decide(one, alpha) for name, one in estimates.items()}
        holding = {name: one for name, one in careful.items() if one.verdict == Verdict.HOLDS}
        if holding:
            verdict, shown = Verdict.HOLDS, holding
        else:
            failing = all(one.verdict == Verdict.FAILS for one in full.values())
            verdict, shown = Verdict.FAILS if failing else Verdict.UNDECIDED, full
        name = max(shown, key=lambda one: self.bound.room(shown[one].interval))
        return Decision(verdict, shown[name].interval, name)

    def room(self, interval: Interval) -> float:
        """As for a single estimate."""
        return self.bound.room(interval)

    def __str__(self) -> str:
        return f"at least one {self.bound}"


@dataclass(frozen=True)
class AllOf:
    """Each named estimate keeps its own bound; errors as in `Every`."""

    parts: Mapping[str, Bound]

    def decide(self, estimates: Estimates, alpha: float = ALPHA) -> Decision:
        """Holds when all parts do, fails when any does."""
        assert isinstance(estimates, Mapping)
        return _all_of(self.parts, estimates, alpha)

    def room(self, interval: Interval) -> float:
        """That of the bound which an interval keeps least; which part it is of is not known."""
        return min(bound.room(interval) for bound in self.parts.values())

    def __str__(self) -> str:
        return " and ".join(f"{name} {bound}" for name, bound in self.parts.items())


def _all_of(parts: Mapping[str, Bound], estimates: Mapping[str, Any], alpha: float) -> Decision:
    """Shown is the part with the least room; its interval is at the level that decided."""
    full = {name: bound.decide(estimates[name], alpha) for name, bound in parts.items()}
    careful = {
        name: bound.decide(estimates[name], alpha / len(parts)) for name, bound in parts.items()
    }
    failing = {name: one for name, one in careful.items() if one.verdict == Verdict.FAILS}
    open_ = {name: one for name, one in full.items() if one.verdict != Verdict.HOLDS}
    if failing:
        verdict, shown = Verdict.FAILS, failing
    elif open_:
        verdict, shown = Verdict.UNDECIDED, open_
    else:
        verdict, shown = Verdict.HOLDS, full
    name = min(shown, key=lambda one: parts[one].room(shown[one].interval))
    return Decision(verdict, shown[name].interval, name)


def ordered(names: tuple[str, ...]) -> AllOf:
    """Each of the named quantities is larger than the next; give estimates of the differences.

    Example:
        >>> str(ordered(("64", "48", "24")))
        '64 − 48 above 0 and 48 − 24 above 0'
    """
    pairs = pairwise(names)
    return AllOf({f"{larger} − {smaller}": Above(0) for larger, smaller in pairs})


def _ours(ours: bool) -> str:
    return " (our threshold)" if ours else ""


def unit_of(bound: Bound, part: str = "") -> str:
    """The unit in which a bound speaks of its estimates: "%" or none."""
    if isinstance(bound, Every | Some):
        return unit_of(bound.bound)
    if isinstance(bound, AllOf):
        return unit_of(bound.parts[part]) if part in bound.parts else ""
    return "%" if getattr(bound, "percent", False) else ""
