"""What in a table looks like a mistake but may be meant: said in a line, never refused."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from lowcap.data import Kind
from lowcap.small.table.cells import as_numbers, is_number, shown
from lowcap.small.table.copies import copies
from lowcap.small.table.reading import Source

LEAST_ROWS = 30
"""Of fewer rows nothing is said: chance may order them."""
MOST_SHOWN = 6
"""Columns that a line names."""
FAR = 1000
"""A value so many interquartile ranges from the median is far from all others..."""
NEAR = 100
"""... where those lie within so many: a long tail has values in between."""
FEW = 0.05
"""Far values are a smaller share of a column than this."""
CODES = (-99999.0, 99999.0, -9999.0, 9999.0, -999.0)
"""Numbers that people write where a value is missing, the outer ones first."""
CODE_FAR, CODE_SHARE = 10, 0.2
"""Such a code is so many interquartile ranges from all others, in a smaller share of the rows."""


class Far(NamedTuple):
    """Values of a column that lie far from all others."""

    name: str
    value: float
    """The first of them."""
    row: int
    """Where it stands in the file."""
    count: int


def doubts(source: Source, kind: Kind) -> list[str]:
    """A line for each doubt about all rows that were read; columns alike share one.

    Args:
        source: the rows, before any are put aside: those left would be in no order.
        kind: of the target; of a regression's, far values are looked for.
    """
    found = []
    if source.shape is None:
        arrays = source.path.suffix.lower() == ".npz"
        found += _numbered_rows(source.table, source.sampled.of, "" if arrays else " (--drop)")
        columns = [source.table[name] for name in source.table.columns]
        found += _far_values(columns, "leave its cell empty")
        if kind == "regression":
            found += _far_values([source.target], "leave its row out")
    return found + _copied_rows(source)


def _numbered_rows(table: pd.DataFrame, of: int, how: str) -> list[str]:
    """Lines on columns that number the rows, which tell only where a row stands.

    They are not refused as texts that name rows are: a rank or a year is such a column too, and
    nobody could then say that it is meant.
    """
    ordered, whole = [], []
    for name in table.columns if len(table) >= LEAST_ROWS else ():
        if not is_number(table[name]) or pd.api.types.is_bool_dtype(table[name]):
            continue
        numbers = as_numbers(table[name])
        if not (numbers == np.rint(numbers)).all():  # nor where one is missing
            continue
        steps = np.diff(numbers)
        if (steps > 0).all() or (steps < 0).all():
            ordered.append(str(name))
        elif np.ptp(numbers) + 1 == of and len(np.unique(numbers)) == len(numbers):
            whole.append(str(name))
    told = "a different whole number in every row, "
    number = f"if it is the row's number, leave it out{how}"
    return [
        f"{_names(names)}: {told}{words}; {number}"
        for names, words in ((ordered, "in the order of the file"), (whole, "none left out"))
        if names
    ]


def _far_values(columns: Sequence[pd.Series], mend: str) -> list[str]:
    """A line on values that lie far from all others of their column."""
    found = [far for values in columns if is_number(values) and (far := _far(values))]
    if not found:
        return []
    first, names = found[0], _names([far.name for far in found])
    where = f"{first.value:.6g}, row {first.row}"
    if len(found) > 1:
        such = f"values such as {first.value:.6g} ({shown(first.name)}, row {first.row}) are"
    elif first.count > 1:
        such = f"{first.count:,} values (first {where}) are"
    else:
        such = f"one value ({where}) is"
    return [f"{names}: {such} far from all others; for what is missing {mend}"]


def _far(values: pd.Series) -> Far | None:
    numbers = as_numbers(values)
    present = np.sort(numbers[~np.isnan(numbers)])
    if len(present) < LEAST_ROWS:
        return None
    codes = _codes(present)
    if codes:
        far = np.isin(numbers, codes)
    else:
        middle, spread = float(present[len(present) // 2]), _spread(present)
        away = np.abs(numbers - middle)
        far = away > FAR * spread
        lie_near = away[~far & ~np.isnan(away)] <= NEAR * spread
        if not spread or not 0 < far.sum() < FEW * len(present) or not lie_near.all():
            return None
    place = int(np.flatnonzero(far)[0])
    return Far(str(values.name), float(numbers[place]), int(values.index[place]), int(far.sum()))


def _codes(ordered: Float[np.ndarray, " present"]) -> list[float]:
    """Codes for missing values at the ends of a column, beyond all else that it holds."""
    found = []
    for code in CODES:
        if code not in (ordered[0], ordered[-1]):
            continue
        others = ordered[ordered != code]
        if not 0 < len(ordered) - len(others) < CODE_SHARE * len(ordered):
            continue
        if np.abs(others - code).min() > CODE_FAR * _spread(others) > 0:
            found.append(code)
            ordered = others
    return found


def _spread(ordered: Float[np.ndarray, " present"]) -> float:
    """The interquartile range."""
    return float(ordered[3 * len(ordered) // 4] - ordered[len(ordered) // 4])


def _copied_rows(source: Source) -> list[str]:
    found = copies(source.table, source.target, source.groups)
    if not found.odd:
        return []
    arrays = source.path.suffix.lower() == ".npz"
    how = "give an array 'groups'" if arrays else "name the column that says so in --group"
    together = f"; if they belong together, {how}" if source.groups is None else ""
    return [
        f"{found.count:,} of {len(source.target):,} rows are copies of others; copies on both "
        f"sides of a division flatter the score{together}"
    ]


def _names(names: Sequence[str]) -> str:
    more = f", ... ({len(names):,} columns)" if len(names) > MOST_SHOWN else ""
    return ", ".join(map(shown, names[:MOST_SHOWN])) + more
