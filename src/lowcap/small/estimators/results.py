"""What a search found, as scikit-learn's searches show it."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from lowcap.small.search.answer import Answer
from lowcap.small.search.intervals import score_interval
from lowcap.small.search.search import Searched


def chosen_size(answered: Answer) -> int:
    """The size to keep: the answer, or the largest where there is none."""
    return answered.reference if answered.hidden is None else answered.hidden


def cv_results(searched: Searched) -> dict[str, Any]:
    """Scores by size, in the form of `GridSearchCV.cv_results_`; times are not taken by size."""
    sizes, scores = searched.settings.sizes, searched.scores
    mean = scores.mean(axis=1)
    worst_last = np.where(np.isnan(mean), -np.inf, mean)
    found: dict[str, Any] = {
        "params": [{"hidden": size} for size in sizes],
        "param_hidden": np.ma.array(sizes, mask=False),
        "n_parameters": np.array(searched.parameters),
    }
    found |= {f"split{place}_test_score": one for place, one in enumerate(scores.T)}
    return found | {
        "mean_test_score": mean,
        "std_test_score": scores.std(axis=1),
        "rank_test_score": rankdata(-worst_last, method="min").astype(np.int32),
    }


def frontier(searched: Searched, answered: Answer) -> pd.DataFrame:
    """One row a size, from the fewest parameters to the most: its score and where that puts it.

    Returns:
        `hidden, parameters, score, low, high, standing`. The interval of 95 % allows for folds
        that share rows. `standing` is "answer", "larger", "not excluded", "too small", or
        "reference" for the largest size unless that is the answer; "not reached" for all where
        that is the verdict.
    """
    there = np.isfinite(searched.scores).all(axis=0) & np.isfinite(searched.constant)
    order = np.argsort(searched.parameters, kind="stable")
    sizes = [searched.settings.sizes[place] for place in order]
    shown = sizes.index(chosen_size(answered))
    rows = []
    for number, place in enumerate(order):
        scores = searched.scores[place][there]
        interval = score_interval(scores, searched.ratio, searched.metric, searched.rows)
        rows.append(
            {
                "hidden": sizes[number],
                "parameters": searched.parameters[place],
                "score": interval.estimate,
                "low": interval.low,
                "high": interval.high,
                "standing": _standing(sizes[number], number < shown, answered),
            }
        )
    return pd.DataFrame(rows)


def _standing(size: int, smaller: bool, answered: Answer) -> str:
    if answered.verdict == "not reached":
        return answered.verdict
    if size == answered.hidden:
        return "answer"
    if size == answered.reference:
        return "reference"
    if not smaller:
        return "larger"
    return "not excluded" if size in answered.not_excluded else "too small"
