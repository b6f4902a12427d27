"""How good each member became, epoch by epoch and in the end; how small a network may be."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from lowcap.data import Split
from lowcap.measures.scoring import keys, respond
from lowcap.training import Fitted, auc, f1, loss, narrow, to_device


def capacity(fitted: Fitted, split: Split) -> pd.DataFrame:
    """The scores of every trained member, one row a member.

    Columns: `hidden, learning_rate, seed`; `train_f1_best`, the largest training F1 of any epoch;
    and at the end of training `train_loss, val_loss, val_f1, val_auc, test_f1, test_auc`.
    """
    wide = narrow(fitted.wide, split.active)
    logits = {
        part: respond(wide, to_device(getattr(split, part), split.active))[0]
        for part in ("train", "validation", "test")
    }
    return keys(fitted.members).assign(
        train_f1_best=fitted.history.train_f1.max(axis=0),
        train_loss=loss(logits["train"], split.train.y),
        val_loss=loss(logits["validation"], split.validation.y),
        val_f1=f1(logits["validation"], split.validation.y),
        val_auc=auc(logits["validation"], split.validation.y),
        test_f1=f1(logits["test"], split.test.y),
        test_auc=auc(logits["test"], split.test.y),
    )


def history(fitted: Fitted) -> pd.DataFrame:
    """Loss and F1 after each epoch: one row a member, epoch (from 1) and split (train, val)."""
    members = keys(fitted.members)
    parts = []
    for split, name in (("train", "train"), ("val", "validation")):
        losses = getattr(fitted.history, f"{name}_loss")
        scores = getattr(fitted.history, f"{name}_f1")
        epochs = len(losses)
        table = members.loc[np.tile(members.index, epochs)].reset_index(drop=True)
        table["epoch"] = np.repeat(np.arange(1, epochs + 1), len(members))
        table["split"] = split
        table["loss"], table["f1"] = losses.ravel(), scores.ravel()
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


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
    square = table.pivot_table(index="hidden", columns="seed", values=score).sort_index()
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
