"""What holds of single cases among many: the best of them, and the share beyond a limit."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy import stats

from lowcap.claims.cubes import Cube
from lowcap.claims.estimates import Estimate, Interval
from lowcap.claims.verdict import NotMeasured


class Cases(NamedTuple):
    """The mean of every case, with its standard error and degrees of freedom."""

    values: Float[np.ndarray, " cases"]
    errors: Float[np.ndarray, " cases"]
    df: Float[np.ndarray, " cases"]

    def limits(self, confidence: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper limits of Student's t interval, case by case."""
        half = stats.t.ppf(0.5 + confidence / 2, self.df) * self.errors
        return self.values - half, self.values + half


def every_case(cube: Cube) -> Cases:
    """The jackknife over seeds and images of each single case; see `lowcap.claims.jackknife`."""
    seeds = len(cube.by_seed)
    if seeds < 2:
        raise NotMeasured("an interval needs at least two seeds")
    of_seeds = cube.by_seed.var(axis=0, ddof=1) / seeds
    variance, spread = of_seeds, of_seeds**2 / (seeds - 1)
    if cube.without is not None:
        blocks = len(cube.without)
        of_images = cube.without.var(axis=0) * (blocks - 1)
        variance, spread = of_seeds + of_images, spread + of_images**2 / (blocks - 1)
    df = np.where(spread > 0, variance**2 / np.where(spread > 0, spread, 1), seeds - 1)
    return Cases(cube.by_seed.mean(axis=0), np.sqrt(variance), df)


class Best(NamedTuple):
    """The largest gain of many, without the luck of having been looked for.

    The lower limit is that of the gain on seeds other than those that selected the case; the upper
    limit is the largest that any single case leaves open.
    """

    picked: Estimate
    cases: Cases

    @property
    def value(self) -> float:
        """The gain on seeds that did not select the case."""
        return self.picked.value

    def interval(self, confidence: float = 0.95) -> Interval:
        """From what the selected case surely gains to what any case may gain."""
        low = self.picked.interval(confidence).low
        high = float(self.cases.limits(confidence)[1].max())
        return Interval(self.value, low, max(high, self.value))


class Portion(NamedTuple):
    """The share of cases beyond a limit, with what noise leaves open.

    The lower limit is the largest share of cases that must truly be beyond the limit, by a test
    that so many of all hypotheses are false (Benjamini and Heller, 2008, after Simes); the upper
    limit leaves out the share that must truly keep within it. Counting single significant cases
    would not do: of hundreds some are significant by chance.
    """

    cases: Cases
    limit: float

    @property
    def value(self) -> float:
        """The share of cases whose mean is beyond the limit."""
        return float((self.cases.values > self.limit).mean())

    def interval(self, confidence: float = 0.95) -> Interval:
        """Surely beyond, and possibly beyond."""
        values, errors, df = self.cases
        apart = values - self.limit
        score = np.where(errors > 0, apart / np.where(errors > 0, errors, 1), np.sign(apart) * 1e9)
        tail = (1 - confidence) / 2
        low = surely(stats.t.sf(score, df), tail)
        high = 1 - surely(stats.t.cdf(score, df), tail)
        return Interval(self.value, min(low, self.value), max(high, self.value))


def surely(p_values: Float[np.ndarray, " cases"], level: float) -> float:
    """The largest share of null hypotheses that must be false at a level.

    That at least u of n are false is rejected or not by Simes' test of the n - u + 1 largest
    p-values (Benjamini and Heller, 2008, eq. 4).
    """
    p, n = np.sort(p_values), len(p_values)
    for u in range(n, 0, -1):
        rest = p[u - 1 :]
        if (rest * len(rest) / np.arange(1, len(rest) + 1)).min() <= level:
            return u / n
    return 0.0
