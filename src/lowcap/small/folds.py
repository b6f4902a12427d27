"""Scores of thinned networks on the rows that a fold holds out, in floating point and as int8."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from lowcap.interrupt import check
from lowcap.runs import default_workers
from lowcap.small.export.coding import Codes, Coding, integer_coding
from lowcap.small.export.quantise import quantised
from lowcap.small.export.quantised import Whole
from lowcap.small.prepared import Prepared
from lowcap.small.search.divisions import Division
from lowcap.small.search.search import Searched
from lowcap.small.search.trial import Trial, best_of
from lowcap.small.thin import SPARSITIES, Level, thinned
from lowcap.streams import stream

CALIBRATION = 1000
"""Rows that set the ranges of whole numbers in a fold."""


class Ranges(NamedTuple):
    """How a fold's whole numbers come about, from rows that it does not hold out."""

    coding: Coding
    calibration: Whole
    held_out: Codes


def fold_scores(
    prepared: Prepared,
    searched: Searched,
    places: Sequence[int],
    sizes: Sequence[int],
    sparsities: Sequence[float] = SPARSITIES,
    progress: Callable[[], None] | None = None,
) -> pd.DataFrame:
    """Thin the networks of some folds out and score them, folds beside one another.

    Args:
        prepared: the rows.
        searched: the dense networks.
        places: numbers of divisions of the search.
        sizes: hidden sizes.
        sparsities: see `thinned`.
        progress: called after each fold.

    Returns:
        One row per size, sparsity, bits and fold: `hidden, sparsity, bits, repeat, fold, score`.
        The score is, as the search's, that to expect of the best of some starts.
    """

    def one(place: int) -> pd.DataFrame:
        division, trial = searched.divisions[place], searched.trials[place]
        levels = thinned(prepared.task, division, trial, searched.settings, sizes, sparsities)
        return _scored(prepared, searched, division, trial, levels)

    found = []
    with ThreadPoolExecutor(min(default_workers(), max(len(places), 1))) as threads:
        for table in threads.map(one, places):
            check()
            found.append(table)
            if progress is not None:
                progress()
    return pd.concat(found, ignore_index=True)


def _scored(
    prepared: Prepared,
    searched: Searched,
    division: Division,
    trial: Trial,
    levels: Sequence[Level],
) -> pd.DataFrame:
    ranges = ranges_of(prepared, division)
    x = trial.scaling.rows(prepared.task, division.held_out).x
    y, rows = prepared.task.y[division.held_out], []
    for level in levels:
        hidden = level.population.keys["hidden"].to_numpy()
        said = {
            32: trial.scaling.said(level.population.logits(x)),
            8: whole_logits(prepared, trial, level, ranges),
        }
        for bits, logits in said.items():
            scores = searched.metric(logits, y)
            for size in np.unique(hidden).tolist():
                own = hidden == size
                score = best_of(level.inner_loss[own], scores[own], searched.settings.starts)
                rows.append((size, level.sparsity, bits, division.repeat, division.fold, score))
    return pd.DataFrame(rows, columns=["hidden", "sparsity", "bits", "repeat", "fold", "score"])


def ranges_of(prepared: Prepared, division: Division) -> Ranges:
    """How whole numbers are sent in a fold."""
    seen = some_rows(division.seen, CALIBRATION, division.repeat, division.fold)
    table = prepared.train.table
    model = prepared.any_model()
    coding = integer_coding(model, table.iloc[seen])
    calibration = coding.inputs(coding.encode(table.iloc[seen]))
    return Ranges(coding, calibration, coding.encode(table.iloc[division.held_out]))


def some_rows(
    rows: Shaped[np.ndarray, " rows"], most: int, *keys: int | str
) -> Shaped[np.ndarray, " some"]:
    """At most so many of some rows, at random, in their order."""
    if len(rows) <= most:
        return rows
    return np.sort(stream("calibration rows", *keys).choice(rows, most, replace=False))


def whole_logits(
    prepared: Prepared, trial: Trial, level: Level, ranges: Ranges
) -> Float[np.ndarray, "members rows outputs"]:
    """What the networks say of the rows held out once they are made whole numbers."""
    said = []
    for network in level.population:
        model = prepared.model(trial.scaling.folded(network))
        said.append(quantised(model, ranges.coding, ranges.calibration).logits(ranges.held_out))
    return np.stack(said)
