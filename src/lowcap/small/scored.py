"""The score of one network on rows that nothing was chosen on, with an interval."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Shaped
from scipy.optimize import brentq
from scipy.stats import norm

from lowcap.small.search.intervals import wilson
from lowcap.small.search.metrics import Metric
from lowcap.streams import stream

DRAWS = 2000
Limits = tuple[float, float]


class Scored(NamedTuple):
    """A score on test rows, with a 95 % interval for draws of the test rows alone."""

    score: float
    low: float
    high: float
    rows: int


def final_score(
    metric: Metric,
    logits: Float[np.ndarray, "rows outputs"],
    y: Shaped[np.ndarray, " rows"],
    groups: pd.Series | None = None,
) -> Scored:
    """The score on rows that nothing was chosen on, with a simple interval.

    Of shares of rows it is Wilson's, or made of his, and of the area under the ROC curve
    Newcombe's; these stay wide where no row is wrong. Of other scores, and where rows come in
    groups, it is that of a bootstrap of rows or of groups.

    Args:
        metric: of the score.
        logits: what the network says.
        y: what is true, as the task has it.
        groups: of the rows.
    """
    score = float(metric(logits[None], y)[0])
    if groups is not None:
        low, high = _bootstrap(metric, logits, y, groups)
        if low == high and metric.limits == (0.0, 1.0):  # as if each group were one row
            low, high = wilson(score, groups.nunique())
    elif metric.name in _OF_CLASSES:
        said = logits.argmax(axis=1) if logits.shape[1] > 1 else logits[:, 0] >= 0
        true = y.astype(int)
        if metric.name == "f1":
            said, true = (one == metric.positive for one in (said, true))
        low, high = _OF_CLASSES[metric.name](said.astype(int), true.astype(int))
    elif metric.name == "roc_auc":
        low, high = area_limits(score, int((y > 0).sum()), int((y <= 0).sum()))
    else:
        low, high = _bootstrap(metric, logits, y, groups)
    return Scored(score, low, high, len(y))


def _accuracy(said: Shaped[np.ndarray, " rows"], true: Shaped[np.ndarray, " rows"]) -> Limits:
    return wilson(float((said == true).mean()), len(true))


def _balanced_accuracy(
    said: Shaped[np.ndarray, " rows"], true: Shaped[np.ndarray, " rows"]
) -> Limits:
    """The wider of two intervals of a mean of shares, each too narrow where the other is not.

    The limits of the classes' shares put together, as those of a sum (Zou and Donner, 2008), are so
    where many classes have no mistake: with ten of them they hold the truth in 86 to 89 % of all
    cases. Wilson's limits of one share of as many rows as vary alike are so where a rare class is
    worse than the others.
    """
    parts: list[Bool[np.ndarray, " _"]] = [(said == true)[true == one] for one in np.unique(true)]
    shares, rows = np.array([(part.mean(), len(part)) for part in parts]).T
    low, high = np.transpose([wilson(*one) for one in zip(shares, rows, strict=True)])
    mean, classes = float(shares.mean()), len(parts)
    below, above = (np.sqrt(((side - shares) ** 2).sum()) / classes for side in (low, high))
    alike = wilson(mean, classes**2 / float((1 / rows).sum()))
    return min(mean - float(below), alike[0]), max(mean + float(above), alike[1])


def _f1(said: Shaped[np.ndarray, " rows"], true: Shaped[np.ndarray, " rows"]) -> Limits:
    """Of rows that are of class 1 or called so, a share J is both, and F1 is 2 J / (1 + J).

    Given how many such rows there are, that share is of independent rows, so that Wilson's limits
    of it give those of F1.
    """
    either = int(((said == 1) | (true == 1)).sum())
    if not either:
        return 0.0, 1.0
    low, high = wilson(float(((said == 1) & (true == 1)).sum() / either), either)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def _f1_macro(said: Shaped[np.ndarray, " rows"], true: Shaped[np.ndarray, " rows"]) -> Limits:
    """The means of the classes' limits, which is careful: what is too high of one class may be so
    of all, as a row that is mistaken counts against two of them."""
    classes = np.union1d(said, true)
    limits = np.array([_f1((said == one).astype(int), (true == one).astype(int))
                       for one in classes])  # fmt: skip
    return float(limits[:, 0].mean()), float(limits[:, 1].mean())


_OF_CLASSES = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "f1": _f1,
    "f1_macro": _f1_macro,
}


def area_limits(area: float, ones: int, zeros: int) -> Limits:
    """95 % limits of an area under the ROC curve (Newcombe, 2006, method 5).

    The areas from which the one that was seen is 1.96 of their own standard errors away.

    Args:
        area: that was seen.
        ones: rows of class 1.
        zeros: rows of class 0.
    """
    if not ones or not zeros or not np.isfinite(area):
        return 0.0, 1.0
    more, square = (ones + zeros) / 2 - 1, float(norm.ppf(0.975)) ** 2

    def beyond(true: float) -> float:
        spread = 1 + more * ((1 - true) / (2 - true) + true / (1 + true))
        return (area - true) ** 2 - square * true * (1 - true) * spread / (ones * zeros)

    def limit(low: float, high: float) -> float:
        found: Any = brentq(beyond, low, high)
        return float(found)

    tiny = 1e-12
    return (
        0.0 if area < tiny else limit(0.0, area - tiny),
        1.0 if area > 1 - tiny else limit(area + tiny, 1.0),
    )


def _bootstrap(
    metric: Metric,
    logits: Float[np.ndarray, "rows outputs"],
    y: Shaped[np.ndarray, " rows"],
    groups: pd.Series | None,
) -> tuple[float, float]:
    generator = stream("test rows drawn again")
    place = np.arange(len(y)) if groups is None else pd.factorize(groups)[0]
    count = int(place.max()) + 1
    found = []
    for _ in range(min(DRAWS, max(200, 10**8 // logits.size))):
        times = np.bincount(generator.integers(count, size=count), minlength=count)
        with np.errstate(all="ignore"):  # a class may not be drawn
            found.append(float(metric(logits[None], y, times[place].astype(float))[0]))
    scores = np.array(found)
    scores = scores[np.isfinite(scores)]
    if not len(scores):
        return metric.limits
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)
