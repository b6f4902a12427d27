"""Tasks from a user's own tables: DataFrames, CSV, Parquet and .npz files."""

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from lowcap.data.tasks import Kind, Task, array_task
from lowcap.errors import DataError


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
            raise DataError(f"{name}: no column '{column}' (it has {', '.join(table.columns)})")
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


def load_task(path: str | Path, target: str = "y", *, kind: Kind | None = None, **columns) -> Task:
    """A task from a file: ``.csv``, ``.parquet``, or ``.npz`` with arrays ``x`` and ``y``.

    Args:
        path: the file; an ``.npz`` may also hold ``test_x``, ``test_y``, ``weights``, ``groups``.
        target: the column to predict; not for an ``.npz``.
        kind: what the target is; see `array_task`.
        columns: `groups` and `weights` of `table_task`.

    Raises:
        DataError: the file is missing, damaged, or of another kind.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    try:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as stored:
                arrays = {key: stored[key] for key in stored.files}
        elif path.suffix in (".csv", ".parquet"):
            table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
        else:
            raise DataError(f"{path}: give a .csv, .parquet or .npz file")
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    if path.suffix != ".npz":
        return table_task(table, target, kind=kind, name=path.stem, **columns)
    known = ("x", "y", "test_x", "test_y", "weights", "groups")
    if not {"x", "y"} <= arrays.keys() <= set(known):
        raise DataError(f"{path}: holds {', '.join(arrays)}; give x and y, and of {known} no other")
    return array_task(**arrays, kind=kind, name=path.stem)
