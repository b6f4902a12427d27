"""Who trains, who chooses and who reports: repeated folds, each with an inner part of its own."""

import warnings
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int

from lowcap.data import Task, cross_validation
from lowcap.streams import state_of

INNER_FOLDS = 5
"""One fold in so many of the training rows is the inner part; of few rows, one in fewer."""


class Division(NamedTuple):
    """The rows of a task by what they are used for; no row has two uses."""

    repeat: int
    fold: int
    train: Int[np.ndarray, " train"]
    """Rows that weights are fitted on."""
    inner: Int[np.ndarray, " inner"]
    """Rows that choose the epoch, the learning rate and the start."""
    held_out: Int[np.ndarray, " held_out"]
    """Rows that are scored once everything is chosen."""

    @property
    def seen(self) -> Int[np.ndarray, " seen"]:
        """All rows but those held out."""
        return np.sort(np.concatenate([self.train, self.inner]))


def divisions(task: Task, folds: int, repeats: int) -> list[Division]:
    """All folds of all repeats, stratified by class, groups kept whole at either level.

    Raises:
        DataError: there are too few rows, or groups, for so many folds.
    """
    found = []
    for repeat in range(repeats):
        for fold, held_out in enumerate(_folds(task, folds, "folds", repeat)):
            found.append(divided(task, np.flatnonzero(~held_out), repeat, fold))
    return found


def divided(task: Task, rows: Int[np.ndarray, " some"], repeat: int, fold: int) -> Division:
    """Keep an inner part of some rows back, about a fifth; all other rows are held out."""
    part = replace(
        task,
        x=task.x[rows],
        y=task.y[rows],
        weights=None if task.weights is None else task.weights[rows],
        groups=None if task.groups is None else task.groups[rows],
    )
    inner = _folds(part, _inner_folds(part), "inner", repeat, fold)[0]
    held_out = np.setdiff1d(np.arange(len(task.y)), rows)
    return Division(repeat, fold, rows[~inner], rows[inner], held_out)


def _inner_folds(task: Task) -> int:
    """No more than there are groups, or rows of the most frequent class: each fold wants one."""
    most = len(task.y)
    if task.target.kind != "regression":
        most = int(np.bincount(task.y.astype(int)).max())
    if task.groups is not None:
        most = min(most, len(np.unique(task.groups)))
    return max(2, min(INNER_FOLDS, most))


def _folds(task: Task, folds: int, name: str, *keys: int) -> Bool[np.ndarray, "folds rows"]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class has fewer rows than there are folds
        seed = state_of("small divisions", name, *keys)
        return cross_validation(task.whole(), folds, seed).held_out
