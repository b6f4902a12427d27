"""Test rows: put aside before anything is learned, and scored once when all is done."""

import warnings
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Shaped

from lowcap.claims import wilson
from lowcap.errors import DataError
from lowcap.small.search.metrics import Metric
from lowcap.small.table.reading import Source
from lowcap.small.table.target import TargetColumn
from lowcap.streams import state_of, stream

PARTS = 5
"""One row in so many is put aside."""
DRAWS = 2000


def put_aside(source: Source, target: TargetColumn) -> tuple[Source, Source]:
    """Training rows and test rows: a fifth, with each class's share of it, or of whole groups.

    Raises:
        DataError: there are too few rows or groups.
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    by_class, grouped = target.kind != "regression", source.groups is not None
    seed, rows = state_of("test rows"), np.zeros((len(source.target), 1))
    if grouped:
        kind = StratifiedGroupKFold if by_class else GroupKFold
    else:
        kind = StratifiedKFold if by_class else KFold
    labels = target.encode(source.target)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # rare classes are judged by the caller
            folds = kind(PARTS, shuffle=True, random_state=seed)
            groups = None if source.groups is None else pd.factorize(source.groups)[0]
            train, test = next(iter(folds.split(rows, labels, groups)))
    except ValueError as error:
        raise DataError(f"{source.path}: too few rows to put some aside ({error})") from error
    return _some(source, train), _some(source, test)


def _some(source: Source, rows: Shaped[np.ndarray, " some"]) -> Source:
    return replace(
        source,
        table=source.table.iloc[rows],
        target=source.target.iloc[rows],
        groups=None if source.groups is None else source.groups.iloc[rows],
        test=None,
    )


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
    """The score of one network on rows that nothing was chosen on, with a simple interval.

    Of accuracy it is Wilson's; of balanced accuracy the classes' Wilson intervals put together, as
    limits of a sum are (Zou and Donner, 2008); of others, and where rows come in groups, that of a
    bootstrap of rows or of groups.

    Args:
        metric: of the score.
        logits: what the network says.
        y: what is true, as the task has it.
        groups: of the rows.
    """
    score = float(metric(logits[None], y)[0])
    if groups is None and metric.name in ("accuracy", "balanced_accuracy"):
        said = logits.argmax(axis=1) if logits.shape[1] > 1 else logits[:, 0] >= 0
        right = said.astype(int) == y.astype(int)
        parts = [right] if metric.name == "accuracy" else [right[y == one] for one in np.unique(y)]
        low, high = _summed(parts)
    else:
        low, high = _bootstrap(metric, logits, y, groups)
    return Scored(score, low, high, len(y))


def _summed(parts: list[Bool[np.ndarray, " _"]]) -> tuple[float, float]:
    """The interval of the mean of several shares."""
    shares = np.array([part.mean() for part in parts])
    limits = np.array([wilson(float(part.mean()), len(part)) for part in parts])
    below, above = (
        np.sqrt(((limits[:, side] - shares) ** 2).sum()) / len(parts) for side in (0, 1)
    )
    return float(shares.mean() - below), float(shares.mean() + above)


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
