"""What is to be predicted: one of two classes, of several, or a number."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Shaped

from lowcap.data.tasks import Kind
from lowcap.errors import DataError, SettingsError
from lowcap.small.table.cells import COUNTED, as_numbers, as_words, cell, is_number, shown
from lowcap.small.table.checks import check_target


@dataclass(frozen=True)
class TargetColumn:
    """The target as it stands in the file, and as a network learns it."""

    name: str
    kind: Kind
    classes: tuple[Any, ...] = ()
    """The labels in the file's own form, ascending; empty for a regression."""
    mean: float = 0.0
    scale: float = 1.0
    """A regression is learned as (number - mean) / scale; both come from the training rows."""

    @property
    def outputs(self) -> int:
        """Outputs that a network needs: one for two classes or a number, else one each."""
        return len(self.classes) if self.kind == "classes" else 1

    def encode(self, values: pd.Series) -> Shaped[np.ndarray, " rows"]:
        """What a network learns: 0.0 and 1.0 for two classes, numbers of classes, or scaled ones.

        Raises:
            DataError: a label that was not seen in training, with its row; or a missing value.
        """
        if self.kind == "regression":
            numbers = as_numbers(values, f"target column '{self.name}'")
            if not np.isfinite(numbers).all():
                bad = ~np.isfinite(numbers)
                raise DataError(f"target column '{self.name}': {cell(values, bad)}, no number")
            return ((numbers - self.mean) / self.scale).astype(np.float32)
        place = {label: number for number, label in enumerate(self.classes)}
        found = np.array([place.get(label, -1) for label in _labels(values)], np.int32)
        if (found < 0).any():
            raise DataError(
                f"target column '{self.name}': {cell(values, found < 0)}, a label that no "
                f"training row has ({_shown(self.classes)})"
            )
        return found.astype(np.float32) if self.kind == "binary" else found


def learn_target(values: pd.Series, *, kind: Kind | None = None) -> TargetColumn:
    """What a target is, from the training rows.

    Args:
        values: the target of the training rows; the index holds their numbers in the file.
        kind: what it is; by default "regression" for numbers that are not all whole, else
            "binary" or "classes" by the number of different labels. Two classes are always
            "binary", whatever is asked for.

    Raises:
        DataError: it has gaps, one value only, or is not of that kind.
        SettingsError: there is no such kind.
    """
    if kind not in (None, "binary", "classes", "regression"):
        raise SettingsError(f"a target is binary, classes or regression, not '{kind}'")
    name = str(values.name)
    check_target(values, "training rows")
    kind = kind_of(values) if kind is None else kind
    if kind == "regression":
        if not is_number(values):
            raise DataError(f"target column '{name}' holds texts; a regression needs numbers")
        numbers = as_numbers(values)
        return TargetColumn(name, kind, (), float(numbers.mean()), _scale(numbers))
    classes = tuple(sorted(set(_labels(values))))
    if kind == "binary" and len(classes) != 2:
        raise DataError(
            f"target column '{name}' has {len(classes):,} different labels "
            f"({_shown(classes)}); a binary one has two"
        )
    return TargetColumn(name, "binary" if len(classes) == 2 else "classes", classes)


def kind_of(values: pd.Series) -> Kind:
    """The kind of a target, if nothing is said about it."""
    if is_number(values):
        numbers = as_numbers(values)
        if (numbers != np.rint(numbers)).any():
            return "regression"
    return "binary" if values.nunique() == 2 else "classes"


def check_folds(
    target: TargetColumn, values: pd.Series, folds: int, groups: pd.Series | None = None
) -> None:
    """Refuse a table too small to be divided into so many folds with every class in each.

    Args:
        target: from `learn_target`.
        values: the target of the training rows.
        folds: of cross-validation.
        groups: of the training rows, if rows belong together.

    Raises:
        SettingsError: fewer than two folds.
        DataError: rows, groups, or the rows of a class are fewer than the folds.
    """
    if folds < 2:
        raise SettingsError(f"cross-validation needs two folds or more, not {folds}")
    if len(values) < folds:
        raise DataError(f"{len(values)} training rows are fewer than the {folds} folds")
    if groups is not None and groups.nunique() < folds:
        raise DataError(
            f"group column '{groups.name}' has {groups.nunique()} groups, fewer than the "
            f"{folds} folds; take fewer folds"
        )
    if target.kind == "regression":
        return
    labels = pd.Series(_labels(values), dtype=object)
    counts = labels.value_counts()
    rare = counts[counts < folds]
    if rare.empty:
        return
    label = rare.index[-1]
    row = values.index[int(np.flatnonzero(labels == label)[0])]
    one = rare.iloc[-1] == 1
    number = "; if it is a number to predict, ask for a regression" if is_number(values) else ""
    raise DataError(
        f"target column '{target.name}': label {shown(label)} is in {rare.iloc[-1]} "
        f"{'row' if one else 'rows'} only (row {row}, {COUNTED}), fewer than the {folds} folds"
        f"{f', and so are {len(rare) - 1:,} more labels' if len(rare) > 1 else ''}; leave such "
        f"rows out{'' if one else ', or take fewer folds'}{number}"
    )


def _labels(values: pd.Series) -> list[Any]:
    """The labels as plain Python values; categories of a file are texts."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return list(as_words(values))
    return [label.item() if isinstance(label, np.generic) else label for label in values.tolist()]


def _scale(numbers: np.ndarray) -> float:
    """The standard deviation, or 1 where rounding leaves none."""
    from sklearn.preprocessing import StandardScaler  # slow to import: only when needed

    return float(np.asarray(StandardScaler().fit(numbers[:, None]).scale_)[0])


def _shown(classes: tuple[Any, ...]) -> str:
    return ", ".join(map(shown, classes[:8])) + (", ..." if len(classes) > 8 else "")
