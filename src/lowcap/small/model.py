"""A small network together with what must be done to a table's columns before it can see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from lowcap.networks import Network


@dataclass(frozen=True)
class Column:
    """One column of the user's table, and the inputs of the network that it becomes.

    A number becomes (number - mean) / scale. A category becomes one input for each of its values,
    1 for the value that stands there and 0 for the others; a value that was not seen in training
    becomes all 0. A missing value counts as `fill`; with `flagged` one more input, the last of the
    column's, is 1 where the value was missing and 0 elsewhere.
    """

    name: str
    kind: Literal["number", "category"]
    fill: float | str = 0.0
    mean: float = 0.0
    scale: float = 1.0
    categories: tuple[str, ...] = ()
    flagged: bool = False

    @property
    def inputs(self) -> int:
        """How many inputs the column becomes."""
        own = 1 if self.kind == "number" else len(self.categories)
        return own + self.flagged

    def apply(self, values: pd.Series) -> Float[np.ndarray, "rows inputs"]:
        """The inputs that values of the column become, in double precision."""
        missing = values.isna().to_numpy()
        if self.kind == "number":
            filled = pd.to_numeric(values).astype(float).to_numpy(copy=True)
            filled[missing] = self.fill
            found = ((filled - self.mean) / self.scale)[:, None]
        else:
            words = values.astype(object).map(str, na_action="ignore").to_numpy(copy=True)
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
        """What the network sees of a table that has all columns, in any order."""
        return np.hstack([column.apply(table[column.name]) for column in self.columns])

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
