"""A small network together with what must be done to a table's columns before it can see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from lowcap.errors import DataError
from lowcap.networks import Network
from lowcap.small.table.cells import as_numbers, as_words, no_such


@dataclass(frozen=True)
class Column:
    """One column of the user's table, and the inputs of the network that it becomes.

    A number becomes (number - mean) / scale. A category becomes one input for each of its values,
    1 for the value that stands there and 0 for the others; a value that was not seen in training
    becomes all 0. A missing value counts as `fill`; with `flagged` one more input, the last of the
    column's, is 1 where the value was missing and 0 elsewhere. An ignored column becomes no input.
    """

    name: str
    kind: Literal["number", "category", "ignored"]
    fill: float | str = 0.0
    mean: float = 0.0
    scale: float = 1.0
    categories: tuple[str, ...] = ()
    flagged: bool = False

    @property
    def inputs(self) -> int:
        """How many inputs the column becomes."""
        own = {"number": 1, "category": len(self.categories), "ignored": 0}[self.kind]
        return own + self.flagged

    def apply(self, values: pd.Series) -> Float[np.ndarray, "rows inputs"]:
        """The inputs that values of the column become, in double precision.

        Raises:
            DataError: a number is wanted where something else stands.
        """
        missing = values.isna().to_numpy(bool)
        if self.kind == "ignored":
            return np.zeros((len(values), 0))
        if self.kind == "number":
            filled = as_numbers(values, f"column '{self.name}'")
            filled = np.where(missing, self.fill, filled)
            found = ((filled - self.mean) / self.scale)[:, None]
        else:
            words = as_words(values)
            words[missing] = self.fill
            found = (words[:, None] == np.array(self.categories, object)).astype(float)
        return np.hstack([found, missing[:, None].astype(float)]) if self.flagged else found


@dataclass(frozen=True)
class SmallModel:
    """What is exported: columns as they stand in the user's file in, predictions out."""

    columns: tuple[Column, ...]
    network: Network
    """One hidden layer of ReLU units, or none; its inputs are those of the columns in order."""
    classes: tuple[Any, ...] = ()
    """The labels as they stand in the user's file, in ascending order; empty for a regression."""
    target_mean: float = 0.0
    target_scale: float = 1.0
    """A regression's prediction is the network's output times the scale, plus the mean."""

    def inputs(self, table: pd.DataFrame) -> Float[np.ndarray, "rows inputs"]:
        """What the network sees of a table that has all columns, in any order.

        Raises:
            DataError: a column is missing, or holds something else than in training.
        """
        return inputs_of(self.columns, table)

    def predict(self, table: pd.DataFrame) -> Shaped[np.ndarray, " rows"]:
        """A label, or a number, for each row."""
        said = self.network.logits(self.inputs(table))
        if not self.classes:
            return said[:, 0] * self.target_scale + self.target_mean
        place = said.argmax(axis=1) if len(self.classes) > 2 else (said[:, 0] >= 0).astype(int)
        return np.array(self.classes, object)[place]

    def names(self) -> Sequence[str]:
        """The columns' names, in the order of the user's file."""
        return [column.name for column in self.columns]


def inputs_of(columns: Sequence[Column], table: pd.DataFrame) -> Float[np.ndarray, "rows inputs"]:
    """What a network sees of a table: each column's inputs beside those of the one before.

    Raises:
        DataError: a column is missing, or holds something else than in training.
    """
    found = np.empty((len(table), sum(column.inputs for column in columns)))
    start = 0
    for column in columns:
        if not column.inputs:
            continue
        if column.name not in table.columns:
            raise DataError(no_such(column.name, table.columns))
        found[:, start : start + column.inputs] = column.apply(table[column.name])
        start += column.inputs
    return found
