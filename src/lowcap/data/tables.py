"""Tasks from a user's own tables: DataFrames, CSV, Parquet and .npz files."""

from pathlib import Path

import numpy as np
import pandas as pd

from lowcap.data.arrays import array_task
from lowcap.data.named import read_named
from lowcap.data.tasks import Kind, Task
from lowcap.errors import DataError
from lowcap.given import file_of, in_a_line

BESIDE = ("weights", "groups")
"""What an ``.npz`` of a task may hold beside rows and targets."""


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
    """A task from a file: ``.csv``, ``.parquet``, or ``.npz``.

    Args:
        path: the file; an ``.npz`` holds ``x`` and ``y``, or ``images`` and ``labels``, and perhaps
            ``test_x``, ``test_y`` (``test_images``, ``test_labels``), ``weights``, ``groups``.
        target: the column to predict; an ``.npz`` has no columns, and needs none.
        kind: what the target is; see `array_task`.
        groups: a column of groups; see `table_task`.
        weights: a column of row weights; see `table_task`.

    Raises:
        DataError: the file is missing, damaged, or of another kind.
    """
    path = file_of(path)
    if path.suffix == ".npz":
        named = read_named(path, BESIDE)
        if named.others:
            raise DataError(
                f"{path}: holds {in_a_line(named.others[0], 40)}; beside {named.rows} and "
                f"{named.target} give only test_{named.rows}, test_{named.target}, "
                f"{', '.join(BESIDE)}"
            )
        short = {f"{test}{name}": f"{test}{one}" for test in ("", "test_")
                 for name, one in ((named.rows, "x"), (named.target, "y"))}  # fmt: skip
        arrays = {short.get(name, name): values for name, values in named.arrays.items()}
        return array_task(**arrays, kind=kind, name=path.stem)
    readers = {".csv": pd.read_csv, ".parquet": pd.read_parquet}
    if path.suffix not in readers:
        raise DataError(f"{path}: give a .csv, .parquet or .npz file")
    try:
        table = readers[path.suffix](path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({in_a_line(error)})") from error
    return table_task(table, target, kind=kind, groups=groups, weights=weights, name=path.stem)
