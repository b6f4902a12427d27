"""How good each member became, epoch by epoch and in the end; how small a network may be."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from lowcap.data import Split
from lowcap.measures.scoring import scores
from lowcap.networks import Population


def capacity(population: Population, split: Split) -> pd.DataFrame:
    """The scores of every member on training, validation and test rows, one row per member.

    Columns: the members' keys, and for each part (train, val, test) what `scores` gives for the
    kind of task, such as `train_loss, val_f1, test_auc`. Parts without rows are left out.
    """
    columns = {}
    for name, part in (("train", split.train), ("val", split.validation), ("test", split.test)):
        if len(part.y):
            logits = population.logits(population.prepare(part.x, split.active))
            found = scores(split.target.kind, logits, part.y)
            columns |= {f"{name}_{score}": values for score, values in found.items()}
    return population.keys.assign(**columns)


def costs(population: Population) -> pd.DataFrame:
    """What the members cost, one row per member, whatever their architecture.

    Columns: the members' keys; `parameters`, weights and biases, 0 or not; `multiply_adds`,
    products of a weight and a value in one forward pass of one row, with all weights;
    `weights_left`, weights that are not 0 (biases are none).
    """
    networks = list(population)
    return population.keys.assign(
        parameters=[network.parameters for network in networks],
        multiply_adds=[network.multiply_adds for network in networks],
        weights_left=population.weights_each - population.zeros_each(),
    )


def constant_f1(labels: Float[np.ndarray, " rows"]) -> float:
    """The F1 of saying class 1 of every image: a score that no network need know anything for."""
    share = float(np.mean(labels))
    return 2 * share / (1 + share)


class Scores(NamedTuple):
    """One task's score of each hidden size (rows, ascending) and seed (columns)."""

    hidden: np.ndarray
    values: np.ndarray


def scores_by_seed(table: pd.DataFrame, score: str) -> Scores:
    """Lay out one task's rows of a capacity table as hidden size by seed."""
    means = table.groupby(["hidden", "seed"])[score].mean().dropna()
    square = means.unstack()  # noqa: PD010 - several times faster than a pivot
    return Scores(square.index.to_numpy(), square.to_numpy())


def _first_of_suffix(hidden: np.ndarray, good: np.ndarray) -> float:
    """The smallest size from which on every size is good; infinity when the largest is not."""
    suffix = np.logical_and.accumulate(good[::-1])[::-1]
    return float(hidden[suffix.argmax()]) if suffix.any() else np.inf


def stable_capacity(scores: Scores, f1: float = 0.90, spread: float = 0.02) -> float:
    """Minimum capacity by the published rule (2507.16278, sec. 4.2).

    The smallest hidden size from which on, for it and every larger size, the mean F1 over seeds
    is above `f1` and its standard deviation over seeds (n - 1) below `spread`; infinity if none.
    """
    good = scores.values.mean(axis=1) > f1
    if scores.values.shape[1] > 1:
        good &= scores.values.std(axis=1, ddof=1) < spread
    return _first_of_suffix(scores.hidden, good)


def plateau_capacity(scores: Scores, margin: float = 0.01) -> float:
    """Minimum capacity relative to the plateau.

    The smallest hidden size from which on no size's mean score over seeds is more than `margin`
    below that of the best size. Always exists; says nothing of an absolute level.
    """
    means = scores.values.mean(axis=1)
    return _first_of_suffix(scores.hidden, means >= means.max() - margin)
