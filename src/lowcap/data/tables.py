"""Tasks from a user's own tables: DataFrames, CSV, Parquet and .npz files."""

from pathlib import Path

import numpy as np
import pandas as pd

from lowcap.data.arrays import array_task
from lowcap.data.npz import read_npz
from lowcap.data.tasks import Kind, Task
from lowcap.errors import DataError
from lowcap.given import file_of, in_a_line

ARRAYS = ("x", "y", "test_x", "test_y", "weights", "groups")
"""What an ``.npz`` of a task may hold; the first two it must."""


def table_task(
    table: pd.DataFrame,
    target: str,
    *,
    kind: Kind | None = None,
    groups: str | None = None,
    weights: str | None = None,
    name: str = "table",
) -> Task:
    """A task from a table: one column is predicted from all others.

    Args:
        table: one row per observation; features are numbers or truth values.
        target: the column to predict.
        kind: what the target is; see `array_task`.
        groups: a column whose equal values stay together in any division; no feature.
        weights: a column of row weights; no feature.
        name: the task's name in tables.

    Raises:
        DataError: a column is missing, or a feature is no number.
    """
    special = [column for column in (target, groups, weights) if column is not None]
    for column in special:
        if column not in table.columns:
            raise DataError(
                f"{name}: no column '{column}' (it has {', '.join(map(str, table.columns))})"
            )
    features = table.drop(columns=special)
    text = [c for c in features if not pd.api.types.is_numeric_dtype(features[c])]
    if text or features.empty:
        raise DataError(
            f"{name}: features must be numbers, not {', '.join(map(str, text)) or 'nothing'}; "
            "encode or drop these columns"
        )
    if table[target].isna().any():
        raise DataError(f"{name}: column '{target}' has missing values")
    return array_task(
        features.to_numpy(np.float32),
        table[target].to_numpy(),
        kind=kind,
        name=name,
        groups=None if groups is None else table[groups].to_numpy(),
        weights=None if weights is None else table[weights].to_numpy(np.float32),
    )


def load_task(
    path: str | Path,
    target: str = "y",
    *,
    kind: Kind | None = None,
    groups: str | None = None,
    weights: str | None = None,
) -> Task:
    """A task from a file: ``.csv``, ``.parquet``, or ``.npz`` with arrays ``x`` and ``y``.

    Args:
        path: the file; an ``.npz`` may also hold ``test_x``, ``test_y``, ``weights``, ``groups``.
        target: the column to predict; an ``.npz`` has no columns, its target is ``y``.
        kind: what the target is; see `array_task`.
        groups: a column of groups; see `table_task`.
        weights: a column of row weights; see `table_task`.

    Raises:
        DataError: the file is missing, damaged, or of another kind.
    """
    path = file_of(path)
    if path.suffix == ".npz":
        stored = read_npz(path, ARRAYS)
        if not {"x", "y"} <= set(stored.names) <= set(ARRAYS):
            raise DataError(
                f"{path}: holds {stored.held}; give x and y, and otherwise only "
                f"{', '.join(ARRAYS[2:])}"
            )
        return array_task(**stored.arrays, kind=kind, name=path.stem)
    readers = {".csv": pd.read_csv, ".parquet": pd.read_parquet}
    if path.suffix not in readers:
        raise DataError(f"{path}: give a .csv, .parquet or .npz file")
    try:
        table = readers[path.suffix](path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({in_a_line(error)})") from error
    return table_task(table, target, kind=kind, groups=groups, weights=weights, name=path.stem)
