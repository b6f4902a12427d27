"""What stands in the cells of a user's column, and how to point at one of them."""

import difflib
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Shaped

from lowcap.errors import DataError
from lowcap.given import in_a_line

COUNTED = "counted from 1, the header not"
"""How rows are counted in every message."""
LARGEST = 1e100
"""Of a number, so that no mean and no variance overflows."""
MOST_NAMED = 12
"""Columns that a message names."""

_DATE = re.compile(r"\s*\d{1,4}([-/.])\d{1,2}\1\d{1,4}([ T]\s*\d{1,2}:.*)?\s*")
_TIMES = {"datetime64", "datetime", "date", "timedelta64", "timedelta", "time", "period"}
_NUMBERS = {"boolean", "integer", "floating", "mixed-integer-float"}


def is_number(values: pd.Series) -> bool:
    """Whether a column holds numbers or truth values, some of them perhaps missing."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return False
    if values.dtype == object:  # truth values with gaps, whole numbers of any length
        return pd.api.types.infer_dtype(values, skipna=True) in _NUMBERS
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_complex_dtype(values)


def is_text(values: pd.Series) -> bool:
    """Whether a column holds texts, or values that the file itself calls categories."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    return kind == "string" or isinstance(values.dtype, pd.CategoricalDtype)


def is_time(values: pd.Series) -> bool:
    """Whether a column without gaps holds dates or times, as such or as texts like 2024-02-29."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if isinstance(values.dtype, pd.CategoricalDtype):
        kind = pd.api.types.infer_dtype(values.dtype.categories, skipna=True)
    if kind in _TIMES or pd.api.types.is_datetime64_any_dtype(values):
        return True
    return kind == "string" and all(_DATE.fullmatch(str(value)) for value in values.unique())


def as_numbers(values: pd.Series, place: str = "") -> Float[np.ndarray, " rows"]:
    """A column in double precision, with NaN where a value is missing.

    Raises:
        DataError: a cell is no number.
    """
    place = place or f"column '{values.name}'"
    if values.dtype != object and is_number(values):
        return values.to_numpy(dtype=float, na_value=np.nan)
    bad = no_numbers(values)
    if bad.any():
        raise DataError(f"{place}: {cell(values, bad)}, which is no number")
    return _read_numbers(values)


def no_numbers(values: pd.Series) -> Bool[np.ndarray, " rows"]:
    """Which cells are there but are no numbers."""
    return np.isnan(_read_numbers(values)) & values.notna().to_numpy(bool)


def _read_numbers(values: pd.Series) -> Float[np.ndarray, " rows"]:
    """Cells of any kind as numbers; NaN for those that are none."""
    plain = values.astype(object)
    try:
        read = pd.to_numeric(plain, errors="coerce")
    except OverflowError:  # whole numbers that no double holds
        long = plain.map(lambda value: isinstance(value, int) and abs(value) > 10**300)
        read = pd.to_numeric(plain.mask(long, np.inf), errors="coerce")
    return read.to_numpy(dtype=float, na_value=np.nan)


def as_words(values: pd.Series) -> Shaped[np.ndarray, " rows"]:
    """A column as texts, with None where a value is missing.

    Whole numbers are written without a point: a column of "1", "2" and gaps, which another
    program reads as floats, still says "1" and "2".
    """
    words = values.astype(object).map(_word, na_action="ignore").to_numpy(object, copy=True)
    words[values.isna().to_numpy(bool)] = None
    return words


def _word(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def check_finite(values: pd.Series, place: str) -> None:
    """Refuse infinite numbers, and those whose square would be.

    Raises:
        DataError: naming the first such row.
    """
    with np.errstate(invalid="ignore"):
        bad = np.abs(as_numbers(values, place)) > LARGEST
    if bad.any():
        raise DataError(
            f"{place}: {cell(values, bad)}; numbers must be finite and at most {LARGEST:g} in size"
        )


def cell(values: pd.Series, which: Bool[np.ndarray, " rows"]) -> str:
    """The first of some cells and how many more there are: "row 3 (...) holds 'x' (2 more)".

    The index of the column holds the numbers of its rows in the file; a table that did not come
    from a file is counted from its top.
    """
    place = int(np.flatnonzero(which)[0])
    row = place + 1 if values.index.equals(pd.RangeIndex(len(values))) else values.index[place]
    value = values.iloc[place]
    written = repr(shown(value)) if isinstance(value, str) else shown(value)
    more = int(np.sum(which)) - 1
    others = f" (and so do, or alike, {more:,} more)" if more else ""
    return f"row {row} ({COUNTED}) holds {written}{others}"


def shown(value: object, longest: int = 40) -> str:
    """A value for a line of text: short, and without line breaks."""
    return in_a_line(value, longest)


def no_such(name: str, names: Iterable[object]) -> str:
    """Words for a column that is not there, with the nearest name and the first of all."""
    known = [str(known) for known in names]
    folded = {known.casefold().strip(): known for known in reversed(known)}
    near = difflib.get_close_matches(name.casefold().strip(), folded, 1, 0.5)
    hint = f"; did you mean '{folded[near[0]]}'?" if near else ""
    first = ", ".join(known[:MOST_NAMED]) + (", ..." if len(known) > MOST_NAMED else "")
    return f"no column '{name}'{hint} (it has {first})"
