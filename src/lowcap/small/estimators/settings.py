"""The settings of one network's training, checked with a line for each that is impossible."""

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from lowcap.errors import SettingsError
from lowcap.given import in_a_line
from lowcap.small.search.settings import Settings

AUTO = "auto"

MOST_SHOWN = 6
"""Columns that an error names."""


class EstimatorError(SettingsError, ValueError):
    """What scikit-learn expects as a ValueError, and this package as one of its own errors."""


@dataclass(frozen=True)
class Recipe:
    """How one network is trained; the fields are an estimator's settings of the same names."""

    hidden: int
    learning_rate: float
    epochs: int
    sparsity: float
    batch_size: int | str | None
    early_stopping: bool
    validation_fraction: float
    patience: int

    def batch(self, rows: int) -> int | None:
        """Rows a step for so many training rows; None for all of them."""
        if self.batch_size == AUTO:
            return Settings().batch(rows)
        return None if self.batch_size is None else int(self.batch_size)


def whole(name: str, value: Any, least: int) -> int:
    """A setting that must be a whole number, and not a small one.

    Raises:
        EstimatorError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise EstimatorError(f"{name} {value!r}: must be a whole number of at least {least}")
    return int(value)


def number(name: str, value: Any, allowed: bool, words: str) -> float:
    """A setting that must be a number in a range.

    Raises:
        EstimatorError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not allowed:
        raise EstimatorError(f"{name} {value!r}: must be a number {words}")
    return float(value)


def is_between(value: Any, low: float, high: float) -> bool:
    """Whether a value is a number above `low` and below `high`."""
    return isinstance(value, Real) and low < float(value) < high


def recipe_of(estimator: Any) -> Recipe:
    """The settings of an estimator, once they are found possible.

    Raises:
        EstimatorError: one is not.
    """
    e = estimator
    if e.batch_size not in (None, AUTO):
        whole("batch_size", e.batch_size, 1)
    sparse = is_between(e.sparsity, 0, 1) or e.sparsity == 0
    return Recipe(
        whole("hidden", e.hidden, 0),
        number("learning_rate", e.learning_rate, is_between(e.learning_rate, 0, float("inf")),
               "above 0"),
        whole("epochs", e.epochs, 1),
        number("sparsity", e.sparsity, sparse, "from 0 to below 1"),
        e.batch_size,
        bool(e.early_stopping),
        number("validation_fraction", e.validation_fraction,
               is_between(e.validation_fraction, 0, 1), "between 0 and 1"),
        whole("patience", e.patience, 1),
    )  # fmt: skip


def check_numbers(table: Any, estimator: str, cause: Exception) -> None:
    """Refuse columns of a DataFrame that hold texts, and say what to do with them.

    Args:
        table: what was given as X, of any kind.
        estimator: the name of who was given it, for the example.
        cause: why scikit-learn refused it.

    Raises:
        ValueError: some columns are no numbers.
    """
    if not isinstance(table, pd.DataFrame):
        return
    texts = [name for place, name in enumerate(table.columns) if not _numbers(table.iloc[:, place])]
    if not texts:
        return
    others = f" (and so do {len(texts) - 1:,} more)" if len(texts) > 1 else ""
    named = ", ".join(repr(in_a_line(name, 40)) for name in texts[:MOST_SHOWN])
    more = ", ..." if len(texts) > MOST_SHOWN else ""
    raise EstimatorError(
        f"X: column '{in_a_line(texts[0], 40)}' holds texts{others}; turn them into numbers first, "
        "as with make_pipeline(make_column_transformer((OneHotEncoder(handle_unknown='ignore', "
        f"sparse_output=False), [{named}{more}]), remainder='passthrough'), {estimator}(...)), or "
        "let the command lowcap small do it"
    ) from cause


def _numbers(values: pd.Series) -> bool:
    """Whether a column is of numbers, or of texts that all read as numbers, which are taken."""
    if pd.api.types.is_numeric_dtype(values):
        return True
    try:
        values.astype(float)
    except (ValueError, TypeError):
        return False
    return True


def check_classes(y: np.ndarray, folds: int) -> None:
    """Refuse labels of which some are in fewer rows than there are folds.

    Raises:
        ValueError: there are such labels, as where numbers to predict are taken for labels.
    """
    labels, counts = np.unique(y, return_counts=True)
    rare = np.flatnonzero(counts < folds)
    if not len(rare):
        return
    rows = f"{counts[rare[0]]} row{'s' * bool(counts[rare[0]] > 1)}"
    more = f", and so are {len(rare) - 1:,} more" if len(rare) > 1 else ""
    number = np.issubdtype(labels.dtype, np.number)
    hint = "; to predict a number pass estimator=SmallMLPRegressor()" if number else ""
    raise EstimatorError(
        f"y: class {labels[rare[0]]} is in {rows} only, fewer than the {folds} folds (cv){more}; "
        f"leave such rows out, or take a smaller cv{hint}"
    )
