"""What no network should be trained on: each fault in one line, with its column and its row."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from lowcap.errors import DataError
from lowcap.small.table.cells import (
    as_words,
    cell,
    check_finite,
    is_number,
    is_text,
    is_time,
    no_numbers,
    shown,
)

MOST_CATEGORIES = 50
"""Values of a category that get an input each."""
MOST_VALUES = 1000
"""Different texts of a column beyond which it is no category."""
FEW_VALUES = 10
"""Different texts that are never taken for names of the rows, nor numbers for a measurement."""
BAD_SHARE = 0.05
"""Up to this share of cells that are no numbers, the others are meant as numbers."""

# Of numbers with commas in them: 1.234,5 and 1,234.5.
_DECIMAL = r"\s*[-+]?\d+(\.\d{3})*(,\d+)?\s*"
_THOUSANDS = r"\s*[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?\s*|\s*[-+]?\d+(\.\d+)?\s*"


def check_names(names: Sequence[str], where: str) -> None:
    """Refuse columns that cannot be told apart or called by name.

    Raises:
        DataError: naming the column.
    """
    twice = next((name for name, times in Counter(names).items() if times > 1), None)
    if twice is not None:
        raise DataError(f"{where}: the header names column '{shown(twice)}' more than once")
    for name in names:
        if not name.isprintable():
            raise DataError(
                f"{where}: the name of column {shown(name)!r} holds a line break or another "
                "character that is not seen; rename it"
            )


def check_features(table: pd.DataFrame, where: str) -> None:
    """Refuse columns that no network can take, before any is turned into inputs.

    Args:
        table: all training rows; the index holds their numbers in the file.
        where: the file, for messages.

    Raises:
        DataError: naming the column, and the row where there is one.
    """
    if table.columns.empty:
        raise DataError(f"{where}: no column is left to predict from")
    for name in table.columns:
        _check_feature(table[name], f"{where}: column '{name}'")


def _check_feature(values: pd.Series, place: str) -> None:
    if str(values.name).startswith("Unnamed: "):
        raise DataError(f"{place} has no name in the file; name it, or drop it")
    if values.isna().all():
        raise DataError(f"{place} is empty in every row; drop it")
    check_kind(values, place)
    if not is_number(values):
        _check_category(values, place)


def check_kind(values: pd.Series, place: str) -> None:
    """Refuse what is neither a finite number nor a truth value nor a text.

    Raises:
        DataError: naming the column, and the row where there is one.
    """
    if is_time(values.dropna()):
        raise DataError(
            f"{place} holds dates or times; turn it into a number, such as days since some day, "
            "or drop it"
        )
    if is_number(values):
        check_finite(values, place)
    elif is_text(values):
        _check_meant_as_text(values, place)
    else:
        kind = pd.api.types.infer_dtype(values, skipna=True)
        raise DataError(f"{place} holds neither numbers, truth values nor texts, but {kind}")


def _check_meant_as_text(values: pd.Series, place: str) -> None:
    """Refuse a column of numbers that some cells turned into texts."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return
    present = values.dropna()
    _check_commas(present, place)
    bad = no_numbers(present)
    few = bad.sum() == 1 or bad.mean() <= BAD_SHARE or present[~bad].nunique() > FEW_VALUES
    if bad.any() and bad.mean() < 0.5 and few:
        raise DataError(
            f"{place} holds numbers, but {cell(present, bad)}; mend it, leave the cell empty if "
            "it is missing, or drop the column"
        )


def _check_commas(present: pd.Series, place: str) -> None:
    """Refuse numbers written with commas, which would be taken for texts."""
    times = present.astype(str).value_counts(sort=False)
    words = times.index.to_series().str
    commas = words.contains(",", regex=False)
    if not commas.any():
        return
    decimal, thousands = words.fullmatch(_DECIMAL), words.fullmatch(_THOUSANDS)
    decimal_only = decimal & ~thousands & commas  # 1,234 may be either
    most = (1 - BAD_SHARE) * len(present)
    if decimal_only.any() and times[decimal].sum() >= most:
        first = shown(decimal_only.idxmax())
        raise DataError(
            f"{place}: values such as '{first}' have decimal commas; write points "
            "(pandas.read_csv(..., decimal=',') reads them)"
        )
    if (thousands & commas).any() and times[thousands].sum() >= most:
        first = shown((thousands & commas).idxmax())
        raise DataError(
            f"{place}: values such as '{first}' have commas; write points or none "
            "(pandas.read_csv reads them with decimal=',' or thousands=',')"
        )


def _check_category(values: pd.Series, place: str) -> None:
    """Refuse a column that names its rows."""
    words = pd.Series(as_words(values)).dropna()
    different = words.nunique()
    if different > MOST_VALUES or different > max(FEW_VALUES, len(words) / 2):
        raise DataError(
            f"{place} holds {different:,} different texts in {len(words):,} rows, as names or "
            "numbers of the rows would be; drop it"
        )


def check_target(values: pd.Series, where: str, least: int = 2) -> None:
    """Refuse a target with gaps, or with fewer different values than `least`.

    Raises:
        DataError: naming the column, and the row where there is one.
    """
    place = f"{where}: target column '{values.name}'"
    _check_whole(values, place)
    check_kind(values, place)
    if values.nunique() < least:
        raise DataError(f"{place} says {shown(values.iloc[0])} in all {len(values):,} rows")


def check_groups(values: pd.Series, where: str) -> None:
    """Refuse groups with gaps, or of something that cannot be compared.

    Raises:
        DataError: naming the column, and the row where there is one.
    """
    place = f"{where}: group column '{values.name}'"
    _check_whole(values, place)
    if not is_number(values) and not is_text(values):
        kind = pd.api.types.infer_dtype(values, skipna=True)
        raise DataError(f"{place} holds neither numbers nor texts, but {kind}")


def _check_whole(values: pd.Series, place: str) -> None:
    missing = np.flatnonzero(values.isna())
    if len(missing):
        raise DataError(
            f"{place} is empty in {cell(values, values.isna().to_numpy(bool)).split(' holds')[0]}"
            f"{f' and {len(missing) - 1:,} more' if len(missing) > 1 else ''}; "
            "fill it in or leave the row out"
        )


def check_alike(values: pd.Series, training: pd.Series, place: str) -> None:
    """Refuse a column of test rows that holds another kind of values than that of training.

    Raises:
        DataError: naming the column, and the row where there is one.
    """
    if values.isna().all():
        return
    if not is_number(training):
        if not is_text(values):
            raise DataError(f"{place} holds no texts, as it does in the training rows")
        return
    if is_number(values):
        check_finite(values, place)
        return
    bad = no_numbers(values)
    said = f": {cell(values, bad)}" if bad.any() else " holds texts"
    raise DataError(f"{place}{said}, but in the training rows it holds numbers")
