"""Which column of a table becomes which inputs of a network, and in words."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from lowcap.errors import DataError
from lowcap.small.model import Column
from lowcap.small.table.cells import as_numbers, as_words, is_number, shown
from lowcap.small.table.checks import MOST_CATEGORIES

FLAG_SHARE = 0.05
"""From this share of missing values on, an input says where they are missing."""
MOST_SHOWN = 6
"""Values of a category that its line names."""

_AT_ONCE = 256  # columns in one matrix of doubles, so that memory stays bounded


def learn_columns(table: pd.DataFrame, *, pixels: bool = False) -> tuple[Column, ...]:
    """What each column of a table becomes.

    Numbers and truth values are filled with their median and scaled to mean 0 and variance 1.
    Texts are filled with the most frequent one, and the `MOST_CATEGORIES` most frequent get an
    input each. Where at least `FLAG_SHARE` of a column is missing, one more input says where. A
    column that says the same in every row is ignored.

    Args:
        table: the training rows alone: nothing may be learned from others.
        pixels: the columns are pixels of images: bytes are divided by 255, floats stay.

    Raises:
        DataError: no column is left.
    """
    learned = _pixels(table) if pixels else _columns(table)
    if not any(column.inputs for column in learned):
        raise DataError("every column says the same in all training rows: nothing to learn from")
    return learned


def _columns(table: pd.DataFrame) -> tuple[Column, ...]:
    numbers = [name for name in table.columns if is_number(table[name])]
    learned: dict[str, Column] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        matrix = np.column_stack([as_numbers(table[name]) for name in some])
        learned |= {column.name: column for column in _numbers(some, matrix)}
    return tuple(learned.get(name) or _category(table[name]) for name in table.columns)


def _numbers(names: Sequence[str], matrix: Float[np.ndarray, "rows columns"]) -> list[Column]:
    from sklearn.impute import SimpleImputer  # slow to import: only when needed
    from sklearn.preprocessing import StandardScaler

    missing = np.isnan(matrix)
    gaps = missing.any(axis=0)
    fills, filled = np.median(matrix, axis=0), matrix.copy()
    if gaps.any():  # the imputer is slow: a table of pixels has no gaps
        imputer = SimpleImputer(strategy="median", keep_empty_features=True)
        filled[:, gaps] = imputer.fit_transform(matrix[:, gaps])
        fills[gaps] = np.nan_to_num(np.asarray(imputer.statistics_))  # 0 where nothing is there
    scaler = StandardScaler().fit(filled)
    means, scales = np.asarray(scaler.mean_), np.asarray(scaler.scale_)
    same = np.ptp(filled, axis=0) == 0
    found = []
    for place, name in enumerate(names):
        flagged = _flagged(missing[:, place])
        if same[place] and not flagged:
            found.append(Column(name, "ignored"))
            continue
        fill, mean, scale = (float(part[place]) for part in (fills, means, scales))
        found.append(Column(name, "number", fill, mean, scale, flagged=flagged))
    return found


def _category(values: pd.Series) -> Column:
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder

    name, words = str(values.name), as_words(values)
    missing = values.isna().to_numpy(bool)
    if missing.all():
        return Column(name, "ignored")
    absent: Any = None
    imputer = SimpleImputer(strategy="most_frequent", missing_values=absent)
    filled = np.asarray(imputer.fit_transform(words[:, None]))
    encoder = OneHotEncoder(handle_unknown="ignore").fit(filled)
    categories = [str(word) for word in encoder.categories_[0]]
    if len(categories) == 1 and not _flagged(missing):
        return Column(name, "ignored")
    counts = pd.Series(filled[:, 0]).value_counts().reindex(categories)
    most = counts.sort_values(ascending=False, kind="stable").index[:MOST_CATEGORIES]
    return Column(
        name,
        "category",
        str(np.asarray(imputer.statistics_)[0]),
        categories=tuple(sorted(most)),
        flagged=_flagged(missing),
    )


def _flagged(missing: np.ndarray) -> bool:
    """Whether so much is missing, but not all, that where it is may tell something."""
    return FLAG_SHARE <= float(missing.mean()) < 1


def _pixels(table: pd.DataFrame) -> tuple[Column, ...]:
    values = table.to_numpy()
    scale = 255.0 if values.dtype == np.uint8 else 1.0
    changes = values.min(axis=0) != values.max(axis=0)
    return tuple(
        Column(name, "number", scale=scale) if change else Column(name, "ignored")
        for name, change in zip(table.columns, changes, strict=True)
    )


def explain(columns: Sequence[Column], table: pd.DataFrame, *, pixels: bool = False) -> list[str]:
    """A line for each column: what becomes of it, and why; pixels share one line.

    Args:
        columns: from `learn_columns`.
        table: the rows that they were learned on.
        pixels: as it was said to `learn_columns`.
    """
    if pixels:
        still = sum(column.kind == "ignored" for column in columns)
        scale = next((column.scale for column in columns if column.inputs), 1.0)
        scaled = f", divided by {scale:g}" if scale != 1 else ""
        ignored = f"; {still:,} that never change are ignored" if still else ""
        return [f"{len(columns):,} pixels{scaled}{ignored}"]
    return [f"{column.name}: {_words(column, table[column.name])}" for column in columns]


def brief(columns: Sequence[Column], lines: Sequence[str]) -> list[str]:
    """The lines of `explain`, one for all columns to which the same is done.

    Args:
        columns: that they are of.
        lines: one a column; others are left as they are.
    """
    if len(columns) != len(lines):
        return list(lines)
    alike: dict[str, list[str]] = {}
    for column, line in zip(columns, lines, strict=True):
        alike.setdefault(line.removeprefix(f"{column.name}: "), []).append(column.name)
    found = []
    for words, names in alike.items():
        first = ", ".join(map(shown, names[:MOST_SHOWN]))
        more = f", ... ({len(names):,} columns)" if len(names) > MOST_SHOWN else ""
        found.append(f"{first}{more}: {words}")
    return found


def _words(column: Column, values: pd.Series) -> str:
    if column.kind == "ignored":
        present = values.dropna()
        said = f"says {shown(present.iloc[0])} in every row" if len(present) else "is empty"
        return f"ignored, because it {said}"
    missing = int(values.isna().sum())
    fill = f"the median {column.fill:.6g}" if column.kind == "number" else f"'{shown(column.fill)}'"
    most = "the most frequent, " if column.kind == "category" else ""
    of = f"{missing:,} of {len(values):,} training rows missing"
    filled = f", {of}, filled with {most}{fill}" if missing else ""
    flagged = " and marked by an input of their own" if column.flagged else ""
    if column.kind == "category":
        return f"category, {_values_of(column, values)}{filled}{flagged}"
    kind = "truth value as 0 or 1" if _is_truth(values) else _kind_of_number(values)
    return f"{kind}{filled}{flagged}, scaled"


def _values_of(column: Column, values: pd.Series) -> str:
    kept, different = len(column.categories), pd.Series(as_words(values)).nunique()
    if kept < different:
        return f"the {kept} most frequent of {different:,} values as inputs, the others as none"
    first = ", ".join(map(shown, column.categories[:MOST_SHOWN]))
    return f"{kept} values as {kept} inputs ({first}{', ...' if kept > MOST_SHOWN else ''})"


def _is_truth(values: pd.Series) -> bool:
    return pd.api.types.infer_dtype(values, skipna=True) == "boolean"


def _kind_of_number(values: pd.Series) -> str:
    numbers = as_numbers(values.dropna())
    return "whole number" if (numbers == np.rint(numbers)).all() else "number"
