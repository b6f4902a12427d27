"""Divisions of the training rows for cross-validation."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32

from lowcap.data.tasks import Split
from lowcap.errors import DataError
from lowcap.given import several
from lowcap.shown import card, counted, line, listed


class Folds(NamedTuple):
    """Divisions of the training rows for cross-validation."""

    held_out: Bool[np.ndarray, "folds rows"]
    """Which rows each fold leaves out of training."""

    def __repr__(self) -> str:
        return line("Folds", counted(len(self.held_out), "fold"), self._rows)

    def _repr_html_(self) -> str:
        rows = [
            {"fold": number, "rows in training": int((~out).sum()), "held out": int(out.sum())}
            for number, out in enumerate(self.held_out)
        ]
        note = "Next: lowcap.fit(members, split, weights=folds.weights(fold)), a fold a member"
        return card("Folds of a cross-validation", None, rows, note)

    @property
    def _rows(self) -> str:
        sizes = listed(self.held_out.sum(axis=1).tolist())
        return f"{counted(self.held_out.shape[1], 'row')}, {sizes} of them held out"

    def weights(self, fold: int | Sequence[int]) -> Float32[np.ndarray, "members rows"]:
        """Row weights of members that leave out the given fold each: 1 in training, else 0.

        Example:
            >>> folds = cross_validation(split, 5)
            >>> members, fold = grid([4] , seed=range(5)), range(5)
            >>> fitted = fit(members, split, weights=folds.weights(fold))
        """
        return (~self.held_out[np.asarray(several(fold))]).astype(np.float32)


def cross_validation(split: Split, folds: int, seed: int = 0) -> Folds:
    """Divide the training rows into folds at random, stratified by class, groups kept whole.

    Raises:
        DataError: there are too few rows, or groups, for so many folds.
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    by_class = split.target.kind != "regression"
    if split.groups is None:
        kind = StratifiedKFold if by_class else KFold
    else:
        kind = StratifiedGroupKFold if by_class else GroupKFold
    splitter = kind(folds, shuffle=True, random_state=seed)
    held_out = np.zeros((folds, len(split.train.y)), bool)
    try:
        divisions = splitter.split(split.train.x, split.train.y, split.groups)
        for number, (_, rows) in enumerate(divisions):
            held_out[number, rows] = True
    except ValueError as error:
        raise DataError(f"task {split.target.id}: {folds} folds are too many ({error})") from error
    return Folds(held_out)
