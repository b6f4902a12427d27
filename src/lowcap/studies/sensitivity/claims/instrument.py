"""From a layout to a verdict: statistics of each training sample, Student's t over samples."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.stats import rankdata

from lowcap.claims import Bound, Estimate, Evidence, Reading, Tables, mean_of
from lowcap.studies.sensitivity.layout import Layout, Quantity

PerSample = Float[np.ndarray, "*runs samples"]
Statistic = Callable[[Layout], PerSample]


class Part(NamedTuple):
    """One quantity that a bound decides on."""

    statistic: Statistic
    """Of each sample; for a ratio, its logarithm, whose mean over samples has a t interval."""
    ratio: bool
    """Whether it is the logarithm of what is shown and bounded."""
    moves: Quantity
    """The measurement that simulated worlds move to set its truth."""
    along: Callable[[Layout], Float[np.ndarray, " kinds"]]
    """By how much each kind's mean moves at a shift of 1 (of its logarithm, if it has one)."""
    clear: float
    """How far from its bound the truth is clear: a factor for a ratio, else a difference."""
    limits: tuple[float, float] = (-np.inf, np.inf)
    """Between which it always lies."""


Estimates = Mapping[str, Estimate]


@dataclass(frozen=True, eq=False)
class Instrument:
    """How one reading of a claim is measured, judged and simulated."""

    table: str
    lay: Callable[[Tables], Layout]
    parts: Mapping[str, Part]
    """By the names that the bound uses; a single one under the empty name."""
    say: Callable[[Layout, Estimates], str]
    """The sentence of a finding."""
    control: Callable[[Layout], Mapping[str, float]] = lambda layout: {}

    def estimates(self, layout: Layout) -> Estimates:
        """Every part's mean over samples, with its t interval."""
        found = {}
        for name, part in self.parts.items():
            one = mean_of(part.statistic(layout))
            one = replace(one, unit="training samples", limits=part.limits)
            found[name] = one.transformed(np.exp) if part.ratio else one
        return found

    def judge(self, tables: Tables) -> Evidence:
        """What the tables of one data set say."""
        layout = self.lay(tables)
        found = self.estimates(layout)
        estimates = found[""] if set(found) == {""} else found
        return Evidence(estimates, self.say(layout, found), self.control(layout))

    def reading(self, name: str, statistic: str, bound: Bound, primary: bool = False) -> Reading:
        """A reading of a claim by this instrument."""
        from lowcap.studies.sensitivity.claims.worlds import worlds

        return Reading(
            name,
            statistic,
            bound,
            self.judge,
            (self.table,),
            ("*",) if primary else (),
            worlds=lambda tables: worlds(self, bound, tables),
        )


def everywhere(layout: Layout) -> Float[np.ndarray, " kinds"]:
    """All kinds move alike."""
    return np.ones(len(layout.kinds))


def difference(column: str) -> Statistic:
    """Treated less reference, mean over kinds."""
    return lambda layout: (layout[column, "treated"] - layout[column, "reference"]).mean(axis=-1)


def log_ratio(column: str) -> Statistic:
    """Logarithm of treated over reference, mean over kinds."""

    def of_samples(layout: Layout) -> PerSample:
        return np.log(layout[column, "treated"] / layout[column, "reference"]).mean(axis=-1)

    return of_samples


def rank_correlation(
    one: Float[np.ndarray, "... kinds"], other: Float[np.ndarray, "... kinds"]
) -> Float[np.ndarray, "..."]:
    """Spearman's, over the kinds of each sample; 0 where one of the two does not vary."""
    first, second = (_standard_ranks(values) for values in np.broadcast_arrays(one, other))
    return (first * second).sum(axis=-1)


def _standard_ranks(values: np.ndarray) -> np.ndarray:
    ranks = rankdata(values, axis=-1)
    centred = ranks - ranks.mean(axis=-1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=-1, keepdims=True))
    return centred / np.where(length == 0, 1, length)


def spoken(estimate: Estimate, form: str) -> str:
    """An estimate with its interval in words."""
    interval = estimate.interval()
    value, low, high = (format(number, form) for number in interval)
    return f"{value} (95 % interval {low} to {high})"


def counted(layout: Layout) -> str:
    """How many kinds and samples a finding rests on."""
    return f"{len(layout.kinds)} kinds of network on each of {len(layout.samples)} training samples"
