"""Intervals, tests and decisions over seeds. Plain numbers in, plain numbers out."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy import stats
from scipy.stats import rankdata

from lowcap.claims.estimates import Interval
from lowcap.claims.verdict import Verdict
from lowcap.streams import stream

CONFIDENCE = 0.95
_RESAMPLES = 2000


def mean_interval(values: Float[np.ndarray, " seeds"]) -> Interval:
    """The mean over seeds with Student's t interval.

    With one value nothing is known of the spread, and the interval is infinite. Few seeds give
    wide intervals, as they should; a percentile bootstrap of three values would not.
    """
    mean, n = float(np.mean(values)), len(values)
    if n < 2:
        return Interval(mean, -np.inf, np.inf)
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1) * np.std(values, ddof=1) / np.sqrt(n)
    return Interval(mean, mean - float(half), mean + float(half))


def bootstrap_interval(
    statistic: Callable[[Int[np.ndarray, " seeds"]], float], seeds: int
) -> Interval:
    """Percentile bootstrap over seeds of any statistic.

    Args:
        statistic: takes the numbers of the seeds to use (with repetitions).
        seeds: how many seeds there are. With fewer than two the interval is infinite.
    """
    everything = np.arange(seeds)
    estimate = float(statistic(everything))
    if seeds < 2:
        return Interval(estimate, -np.inf, np.inf)
    generator = stream("bootstrap")
    # A multiset of seeds gives one value, and few seeds have few multisets: count, then weigh.
    drawn = np.sort(generator.integers(seeds, size=(_RESAMPLES, seeds)), axis=1)
    distinct, back = np.unique(drawn, axis=0, return_inverse=True)
    values = np.array([statistic(chosen) for chosen in distinct])[back.ravel()]
    tail = (1 - CONFIDENCE) / 2
    # "nearest" never mixes two values: capacities are sizes, and some are infinite.
    low, high = np.quantile(values, [tail, 1 - tail], method="nearest")
    return Interval(estimate, float(low), float(high))


def gain_p_value(gains: Float[np.ndarray, " seeds"]) -> float:
    """One-sided paired t-test that the mean gain over seeds is above 0; 1 without evidence."""
    if len(gains) < 2 or np.ptp(gains) == 0:
        return 0.0 if len(gains) > 1 and gains[0] > 0 else 1.0
    result: Any = stats.ttest_1samp(gains, 0, alternative="greater")
    return float(result.pvalue)


def false_discovery(p_values: Sequence[float]) -> Float[np.ndarray, " tests"]:
    """Benjamini-Hochberg adjusted p-values."""
    return stats.false_discovery_control(p_values)


def rank_correlation(
    one: Float[np.ndarray, " items"], other: Float[np.ndarray, " items"]
) -> Interval:
    """Spearman's rank correlation with a percentile bootstrap interval over items.

    A resample in which one quantity does not vary shows no relation and counts as 0.
    """

    def correlation(chosen: Int[np.ndarray, " items"]) -> float:
        first, second = rankdata(one[chosen]), rankdata(other[chosen])
        if np.ptp(first) == 0 or np.ptp(second) == 0:
            return 0.0
        return float(np.corrcoef(first, second)[0, 1])

    return bootstrap_interval(correlation, len(one))


def holm(p_values: Sequence[float]) -> Float[np.ndarray, " tests"]:
    """Holm's step-down adjusted p-values (1979), which control the family-wise error rate."""
    values = np.asarray(p_values, float)
    order = np.argsort(values)
    stepped = values[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted


class RatioTest(NamedTuple):
    """A ratio of two groups' means and how often chance alone gives one as large."""

    ratio: float
    p_value: float


def spread_ratio_test(below: Float[np.ndarray, " a"], above: Float[np.ndarray, " b"]) -> RatioTest:
    """Permutation test of mean(below) / mean(above), one-sided for a ratio above 1."""

    def ratio(first, second, axis):
        lower = np.maximum(np.mean(second, axis=axis), np.finfo(float).tiny)
        return np.mean(first, axis=axis) / lower

    result = stats.permutation_test(
        (below, above),
        ratio,
        vectorized=True,
        alternative="greater",
        n_resamples=9999,
        rng=stream("bootstrap"),
    )
    return RatioTest(float(result.statistic), float(result.pvalue))


def below(interval: Interval, bound: float) -> Verdict:
    """Whether a quantity is under a bound, judged by its whole interval."""
    if interval.high < bound:
        return Verdict.HOLDS
    return Verdict.FAILS if interval.low >= bound else Verdict.UNDECIDED


def above(interval: Interval, bound: float) -> Verdict:
    """Whether a quantity is over a bound, judged by its whole interval."""
    if interval.low > bound:
        return Verdict.HOLDS
    return Verdict.FAILS if interval.high <= bound else Verdict.UNDECIDED
