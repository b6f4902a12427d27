"""Means over folds that share rows, and the limits of what they may be."""

import numpy as np
from jaxtyping import Float
from scipy.stats import norm, t

from lowcap.claims.estimates import Interval, Student
from lowcap.small.search.metrics import Metric

CONFIDENCE = 0.95
"""Of each one-sided bound that decides, and of the two-sided interval that is shown."""


def corrected_mean(values: Float[np.ndarray, " folds"], ratio: float) -> Student:
    """The mean over repeated folds, with the variance of Nadeau and Bengio (2003).

    Folds share training rows, so that their scores vary together: the variance of the mean is
    taken to be (1 / folds + ratio) times that of one fold.

    Args:
        values: scores, or differences of scores, one for each fold of each repeat.
        ratio: held-out rows to training rows.
    """
    count = len(values)
    error = float(np.sqrt((1 / count + ratio) * np.var(values, ddof=1)))
    return Student(float(np.mean(values)), error, count - 1)


def one_sided(estimate: Student) -> tuple[float, float]:
    """The lower and the upper bound of a difference, each of which errs in 5 % of all cases."""
    found = estimate.interval(2 * CONFIDENCE - 1)
    return found.low, found.high


def score_interval(
    values: Float[np.ndarray, " folds"],
    ratio: float,
    metric: Metric,
    rows: int,
    confidence: float = CONFIDENCE,
) -> Interval:
    """A mean score over folds with its interval.

    Where few mistakes are made, folds vary little in those data that happen to hold fewer than
    others do, so that an interval as long as they vary is too short just where the mean is too
    high. Of a score from 0 to 1 the limits are therefore Wilson's, of a share of as many rows as
    would vary so much, and of no more than there are: that no fold has a mistake does not make it
    certain that there are none. (Korn and Graubard, 1998, count the rows of surveys by clusters so,
    "Confidence intervals for proportions with small expected number of positive counts".)

    Args:
        values: scores of one size, one for each fold of each repeat.
        ratio: see `corrected_mean`.
        metric: of the scores.
        rows: of all folds of a repeat together.
        confidence: of the interval; for bounds that err in 5 % each, 0.9.
    """
    found = corrected_mean(values, ratio)
    if metric.limits != (0.0, 1.0):
        low, high = metric.limits
        interval = found.interval(confidence)
        return Interval(interval.estimate, max(interval.low, low), min(interval.high, high))
    share = min(max(found.value, 0.0), 1.0)
    variance = share * (1 - share)
    worth = min(rows, variance / found.error**2) if variance and found.error else rows
    quantile = float(t.ppf((1 + confidence) / 2, found.df))
    return Interval(found.value, *wilson(share, worth, quantile))


def wilson(
    share: float, rows: float, quantile: float = float(norm.ppf(0.975))
) -> tuple[float, float]:
    """Wilson's limits of a share of rows, whose number, unlike SciPy's, need not be whole.

    Args:
        share: from 0 to 1.
        rows: of which it is the share.
        quantile: of a standardised share at the limits; unless given, for 95 %.
    """
    square = quantile**2
    middle = (share + square / (2 * rows)) / (1 + square / rows)
    apart = square * share * (1 - share) / rows + (square / (2 * rows)) ** 2
    half = float(np.sqrt(apart)) / (1 + square / rows)
    return min(share, middle - half), max(share, middle + half)  # rounding may miss an end
