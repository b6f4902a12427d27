"""Estimates: a value and how far it may be off, at any level of confidence.

Every judge gives one of these, and every bound decides on one (`lowcap.claims.bounds`), so that a
verdict never rests on a point estimate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from scipy import stats
from scipy.special import stdtrit
from scipy.stats import rankdata

from lowcap.claims.verdict import NotMeasured

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """An estimate with its confidence interval."""

    estimate: float
    low: float
    high: float


@runtime_checkable
class Estimate(Protocol):
    """A value that knows its confidence interval."""

    @property
    def value(self) -> float:
        """The point estimate."""
        ...

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """The two-sided interval that covers the truth with this probability."""
        ...


@dataclass(frozen=True)
class Exact:
    """A quantity without sampling error: a count over all cases, a proof by construction."""

    value: float

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """The value itself."""
        return Interval(self.value, self.value, self.value)


@dataclass(frozen=True)
class Student:
    """A value with a standard error and degrees of freedom: Student's t interval."""

    value: float
    error: float
    df: float
    replicates: int = 0
    """How many seeds (samples, ...) it rests on, and..."""
    replicate_error: float = np.nan
    """...the part of the standard error that shrinks as they grow; the rest comes from the test
    images."""
    unit: str = "seeds"
    """What replicates are, in the plural."""
    limits: tuple[float, float] = (-np.inf, np.inf)
    """Within which the truth must lie, as a correlation's."""

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """Value plus and minus the t quantile times the standard error, within the limits.

        What is cut off holds no truth, so that the interval covers as often as before.
        """
        half = float(stdtrit(self.df, 0.5 + confidence / 2)) * self.error
        low, high = np.clip([self.value - half, self.value + half], *self.limits).tolist()
        return Interval(self.value, low, high)

    def transformed(self, function: Callable[[float], float]) -> "Transformed":
        """The same on another scale, such as a ratio from its logarithm."""
        return Transformed(self, function)


@dataclass(frozen=True)
class Transformed:
    """An estimate seen through an increasing function; the limits are transformed too."""

    inner: Estimate
    function: Callable[[float], float]

    @property
    def value(self) -> float:
        """The transformed value."""
        return float(self.function(self.inner.value))

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """The transformed limits."""
        return Interval(*(float(self.function(x)) for x in self.inner.interval(confidence)))


@dataclass(frozen=True)
class Share:
    """A share of independent trials, with a binomial interval.

    Wilson's interval (1927) is short and errs at a bound a little more or less often than it
    says; the exact one (Clopper and Pearson, 1934) is longer and never errs more often.
    """

    successes: int
    trials: int
    method: Literal["wilson", "exact"] = "wilson"

    @property
    def value(self) -> float:
        """Successes over trials."""
        return self.successes / self.trials

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """By the method, without correction for continuity."""
        if self.method == "exact":  # in closed form, since SciPy searches for its limits
            k, n, tail = self.successes, self.trials, (1 - confidence) / 2
            low = float(stats.beta.ppf(tail, k, n - k + 1)) if k > 0 else 0.0
            high = float(stats.beta.ppf(1 - tail, k + 1, n - k)) if k < n else 1.0
            return Interval(self.value, low, high)
        test = stats.binomtest(int(self.successes), int(self.trials))
        found = test.proportion_ci(confidence, method=self.method)
        return Interval(self.value, float(found.low), float(found.high))


@dataclass(frozen=True, eq=False)
class Resampled:
    """A value with its bootstrap distribution: the percentile interval."""

    value: float
    samples: Float[np.ndarray, " resamples"]

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """Quantiles of the resamples; "nearest" never mixes two values, since some are sizes."""
        tail = (1 - confidence) / 2
        low, high = np.quantile(self.samples, [tail, 1 - tail], method="nearest")
        return Interval(self.value, float(low), float(high))


@dataclass(frozen=True, eq=False)
class Permuted:
    """A value with its distribution under exchange of labels: a permutation test.

    The limits are the value less the null distribution's critical values, so that the interval
    lies above 0 exactly when the one-sided p-value is at most half of one minus the confidence.
    """

    value: float
    null: Float[np.ndarray, " permutations"]
    limits: tuple[float, float] = (-np.inf, np.inf)
    """The range of the statistic."""

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """The value shifted by the null distribution's critical values."""
        tail = (1 - confidence) / 2
        # A value that chance reaches too often is no evidence, so the critical value itself lies
        # inside; but where nothing varies there is only one value.
        margin = 1e-9 if np.ptp(self.null) > 0 else 0.0
        low = self.value - self._critical(self.null, tail) - margin
        high = self.value + self._critical(-self.null, tail) + margin
        return Interval(self.value, max(low, self.limits[0]), min(high, self.limits[1]))

    @staticmethod
    def _critical(null: Float[np.ndarray, " permutations"], tail: float) -> float:
        """The largest value that the null reaches or exceeds with more probability than `tail`."""
        ordered = np.sort(null)
        reached = 1 - np.searchsorted(ordered, ordered - 1e-12) / len(ordered)
        return float(ordered[np.flatnonzero(reached > tail + 1e-12)[-1]])


def mean_of(values: Float[np.ndarray, " replicates"]) -> Student:
    """The mean over independent replicates, such as seeds.

    Raises:
        NotMeasured: there are fewer than two.
    """
    values = np.asarray(values, float)
    if len(values) < 2:
        raise NotMeasured("an interval needs at least two seeds")
    error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
    return Student(float(np.mean(values)), error, len(values) - 1, len(values), error)


def jackknife(
    statistic: Callable[[Float[np.ndarray, " *cases"]], float],
    by_seed: Float[np.ndarray, "seeds *cases"],
    without: Float[np.ndarray, "blocks *cases"] | None = None,
) -> Student:
    """A smooth statistic of mean scores, with the spread over seeds and over test images.

    Leaves out one seed, then one block of test images, at a time (Efron and Stein, 1981). Seeds
    and images are crossed: every network meets the same images. Their variances add; what the
    two have in common is counted twice, which errs on the side of caution. Degrees of freedom
    after Satterthwaite (1946).

    Args:
        statistic: from the mean scores of all cases to a number.
        by_seed: the scores of each seed's networks.
        without: the mean scores over seeds when one block of test images is left out; None when
            each seed has its own images, whose spread then is in the seeds'.

    Raises:
        NotMeasured: there are fewer than two seeds.
    """
    seeds = len(by_seed)
    if seeds < 2:
        raise NotMeasured("an interval needs at least two seeds")
    total = by_seed.sum(axis=0)
    value = float(statistic(total / seeds))
    left_out = [statistic((total - one) / (seeds - 1)) for one in by_seed]
    of_seeds = _jackknife_variance(np.array(left_out))
    parts = [(of_seeds, seeds - 1)]
    if without is not None:
        of_images = _jackknife_variance(np.array([statistic(scores) for scores in without]))
        parts.append((of_images, len(without) - 1))
    variance = sum(part for part, _ in parts)
    spread = sum(part**2 / df for part, df in parts)
    df = variance**2 / spread if spread > 0 else seeds - 1
    return Student(value, float(np.sqrt(variance)), df, seeds, float(np.sqrt(of_seeds)))


def crossed(
    statistic: Callable[[Float[np.ndarray, " cases"]], float],
    scores: Float[np.ndarray, "cases seeds blocks"],
) -> Student:
    """`jackknife` of scores of which every seed has one on each block of test images.

    Args:
        statistic: from the mean scores of all cases to a number.
        scores: by case (such as a hidden size), seed, and block; blocks hold equally many images.

    Raises:
        NotMeasured: there are fewer than two seeds.
    """
    of_blocks = scores.mean(axis=1)  # [cases, blocks]
    count = of_blocks.shape[1]
    without = (of_blocks.sum(axis=1, keepdims=True) - of_blocks) / (count - 1)
    return jackknife(statistic, scores.mean(axis=2).T, without.T)


def _jackknife_variance(left_out: Float[np.ndarray, " replicates"]) -> float:
    n = len(left_out)
    return float((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())


def spearman(one: Float[np.ndarray, " items"], other: Float[np.ndarray, " items"]) -> float:
    """Spearman's rank correlation, ties at their mean rank; 0 when one of them does not vary."""
    first, second = rankdata(one), rankdata(other)
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
