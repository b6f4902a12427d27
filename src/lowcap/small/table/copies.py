"""Rows that stand in a table twice, or in a table and in its test rows."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, UInt64

from lowcap.small.table.cells import as_numbers, as_words, is_number
from lowcap.streams import stream

MANY = 0.05
"""Up to this share of rows that are copies, nothing is said of them."""
VALUES = 20
"""A table without a number of more different values than this has copies by nature."""
BEYOND_CHANCE = 10
"""Times as many copies as columns independent of each other would have are no chance."""

_AT_ONCE = 256  # columns in one matrix of doubles, so that memory stays bounded


class Copies(NamedTuple):
    """Copies in a table, and whether it is a wonder that there are some."""

    count: int
    """Rows that are copies of one further up, but for those of one group."""
    twins: float
    """The share of rows that have a copy anywhere in the table."""
    odd: bool
    """There are more than few values and chance explain."""


def copies(table: pd.DataFrame, target: pd.Series, groups: pd.Series | None = None) -> Copies:
    """Count rows that equal another in all features and the target.

    Args:
        table: the features.
        target: of the same rows.
        groups: rows of one group are on one side of any division, so that copies do no harm there.
    """
    keys = pd.Series(row_keys(table, target))
    again = keys.duplicated()
    twins = float(keys.duplicated(keep=False).mean())
    if groups is not None:
        number = pd.Series(pd.factorize(groups)[0])
        again &= number != number.groupby(keys).transform("first")
    count = int(again.sum())
    return Copies(count, twins, count > MANY * len(keys) and _beyond_chance(table, target, count))


def shared_rows(
    table: pd.DataFrame, target: pd.Series, known: pd.DataFrame, known_target: pd.Series
) -> int:
    """How many rows of one table also stand in another, with the same target.

    Args:
        table: the features, of the same columns as the other's.
        target: of the same rows.
        known: the other table; it says which columns are numbers.
        known_target: of its rows.
    """
    keys = row_keys(known, known_target)
    return int(np.isin(row_keys(table, target, like=known), keys).sum())


def _beyond_chance(table: pd.DataFrame, target: pd.Series, count: int) -> bool:
    """Whether columns that know nothing of each other would have far fewer copies."""
    measured = False
    pairs = len(table) * (len(table) - 1) / 2
    for values in (target, *(table[name] for name in table.columns)):
        times = values.value_counts(dropna=False).to_numpy()
        pairs *= float(((times / len(table)) ** 2).sum())
        numbers = values is not target and is_number(values)
        measured |= numbers and len(times) > VALUES
    return measured and count > BEYOND_CHANCE * pairs


def row_keys(
    table: pd.DataFrame, target: pd.Series, like: pd.DataFrame | None = None
) -> UInt64[np.ndarray, " rows"]:
    """A number for each row's features and target; those of equal rows are equal.

    Args:
        table: the features.
        target: of the same rows.
        like: says which columns are numbers, if another table does: 1 and 1.0 are equal there.
    """
    like = table if like is None else like
    numbers = [name for name in table.columns if is_number(like[name])]
    factors = stream("keys of rows").integers(2**63, size=table.shape[1], dtype=np.uint64) * 2 + 1
    factor = dict(zip(table.columns, factors, strict=True))
    keys = _hashed(as_words(target)) if not is_number(target) else _hashed(as_numbers(target))
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        cells = _matrix(table[some])
        times = np.array([factor[name] for name in some], np.uint64)
        keys = keys + (_hashed(cells.ravel()).reshape(cells.shape) * times).sum(axis=1)
    for name in table.columns.difference(numbers):
        keys = keys + _hashed(as_words(table[name])) * factor[name]
    return keys


def _matrix(table: pd.DataFrame) -> Float[np.ndarray, "rows columns"]:
    if all(isinstance(kind, np.dtype) and kind.kind in "biuf" for kind in table.dtypes):
        return table.to_numpy(dtype=float)
    return np.column_stack([as_numbers(table[name]) for name in table.columns])


def _hashed(values: np.ndarray) -> UInt64[np.ndarray, " values"]:
    """Equal values alike: no two zeros, and one way to say that a number is missing."""
    if values.dtype == float:
        values = np.where(np.isnan(values), np.nan, values + 0.0)
    return pd.util.hash_array(values)
