"""A user's rows as networks see them, and the way back: from a network to what is exported."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float32

from lowcap.data import Kind, Task, array_task
from lowcap.networks import Dense, Network
from lowcap.small.holdout import put_aside
from lowcap.small.model import Column, SmallModel, inputs_of
from lowcap.small.table.cells import as_numbers, as_words, is_number
from lowcap.small.table.columns import explain, learn_columns
from lowcap.small.table.copies import shared_rows
from lowcap.small.table.doubts import doubts
from lowcap.small.table.reading import Source
from lowcap.small.table.target import TargetColumn, check_folds, learn_target

_AT_ONCE = 4096
"""Rows that are turned into inputs at a time: in double precision they take twice the room."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """Training rows and test rows, and what was done to their columns."""

    train: Source
    test: Source
    columns: tuple[Column, ...]
    """As they are exported: all of the file's, in its order. A column that says the same in every
    row is among them, since it stands in the file, but no weight ever looks at it."""
    target: TargetColumn
    task: Task
    """Of the columns that vary; the test rows are not in it."""
    used: Bool[np.ndarray, " exported"]
    """Which inputs of the exported columns the task has."""
    standardise: Bool[np.ndarray, " inputs"] | None
    """Inputs of the task that get mean 0 and deviation 1 by the rows of each fold."""
    words: tuple[str, ...]
    """What was done, a line for each column."""
    notes: tuple[str, ...]
    """What was done to the rows."""

    @property
    def pixels(self) -> bool:
        """Whether the columns are pixels of images."""
        return self.train.shape is not None

    def model(self, network: Network) -> SmallModel:
        """What is exported of a network that takes the task's inputs."""
        params = dict(network.params)
        first = np.zeros((len(params["w1"]), len(self.used)), np.float32)
        first[:, self.used] = params["w1"]
        dense = replace(network.dense, inputs=len(self.used))
        whole = Network(dense, {**params, "w1": first}, network.kind)
        mean, scale = self.target.mean, self.target.scale
        return SmallModel(self.columns, whole, self.target.classes, mean, scale)

    def any_model(self) -> SmallModel:
        """A linear model of these columns that knows nothing, for what depends on columns alone."""
        inputs, outputs = self.task.inputs, self.task.target.outputs
        params = {"w1": np.zeros((outputs, inputs), np.float32), "b1": np.zeros(outputs)}
        return self.model(Network(Dense(inputs, (), outputs), params, self.target.kind))


def prepare(source: Source, *, kind: Kind | None = None, folds: int = 5) -> Prepared:
    """Put test rows aside if there are none, and learn of the others what columns become.

    What fills gaps and which categories there are is learned from all training rows, the scale of
    numbers in each fold again from the rows that it does not hold out.

    Args:
        source: the rows.
        kind: of the target; see `learn_target`.
        folds: of the cross-validation that follows.

    Raises:
        DataError: there are too few rows, or the rows cannot be learned from.
    """
    whole = learn_target(source.target, kind=kind)
    check_folds(whole, source.target, folds, source.groups)
    notes = (*source.notes, *doubts(source, whole.kind))
    if source.test is None:
        train, test = put_aside(source, whole)
        shared = shared_rows(test.table, test.target, train.table, train.target)
        test = replace(test, shared=shared)
        notes += (
            f"{len(test.target):,} of {len(source.target):,} rows put aside as test rows, "
            f"{'whole groups' if source.groups is not None else 'drawn at random'}",
        )
    else:
        train, test = source, source.test
    target = _in_units(learn_target(train.target, kind=whole.kind))
    check_folds(target, train.target, folds, train.groups)
    pixels = source.shape is not None
    learned = learn_columns(train.table, pixels=pixels)
    task = array_task(
        _inputs(learned, train.table),
        target.encode(train.target),
        kind=target.kind,
        name=source.path.name,
        groups=None if train.groups is None else _numbered(train.groups),
    )
    columns = exportable(learned, train.table)
    used = [
        np.full(shown.inputs, known.inputs > 0)
        for known, shown in zip(learned, columns, strict=True)
    ]
    target.encode(test.target)  # labels that no training row has are refused before the search
    words = tuple(explain(learned, train.table, pixels=pixels))
    return Prepared(
        train, test, columns, target, task, np.concatenate(used),
        None if pixels else _measured(learned), words, notes,
    )  # fmt: skip


def _in_units(target: TargetColumn) -> TargetColumn:
    """The target in the user's units, so that errors are too, as long as single precision holds.

    Networks learn it on another scale all the same: that of each fold's training rows.
    """
    return replace(target, scale=1.0) if 1e-20 < target.scale < 1e20 else target


def _inputs(columns: Sequence[Column], table: pd.DataFrame) -> Float32[np.ndarray, "rows inputs"]:
    """The inputs in single precision, some rows at a time."""
    starts = range(0, len(table), _AT_ONCE)
    parts = [inputs_of(columns, table.iloc[s : s + _AT_ONCE]).astype(np.float32) for s in starts]
    return np.concatenate(parts)


def _measured(columns: Sequence[Column]) -> Bool[np.ndarray, " inputs"]:
    """Which inputs are numbers on a scale of their own, not categories or flags."""
    parts = [np.arange(column.inputs) < (column.kind == "number") for column in columns]
    return np.concatenate(parts)


def _numbered(groups: pd.Series) -> np.ndarray:
    """The number of each row's group."""
    return pd.factorize(groups)[0]


def exportable(columns: Sequence[Column], table: pd.DataFrame) -> tuple[Column, ...]:
    """The columns with those that are ignored as numbers or categories that nothing looks at."""
    scale = next((column.scale for column in columns if column.kind == "number"), 1.0)
    found = []
    for column in columns:
        values = table[column.name]
        if column.kind != "ignored":
            found.append(column)
        elif is_number(values):
            says = float(np.nanmedian(as_numbers(values)))
            found.append(Column(column.name, "number", says, 0.0, scale))
        else:
            says = str(as_words(values.dropna())[0])
            found.append(Column(column.name, "category", says, categories=(says,)))
    return tuple(found)


def plain(columns: Sequence[Column], table: pd.DataFrame) -> pd.DataFrame:
    """Rows as they can be stored: numbers in double precision or bytes, and texts."""
    found = {}
    for column in columns:
        values = table[column.name]
        if column.kind == "number":
            found[column.name] = as_numbers(values)
        else:
            found[column.name] = as_words(values)
    return pd.DataFrame(found, index=table.index)
