"""Which arrays of a user's own ``.npz`` are looked at: the same names, whatever reads the file."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lowcap.data.npz import read_npz
from lowcap.errors import DataError

WAYS = (("images", "labels"), ("x", "y"))
"""What rows and their targets may be called; a file that holds both pairs is read by the first."""

IN_WORDS = "images and labels, or x and y"


class Named(NamedTuple):
    """The arrays of a file by what they are."""

    rows: str
    """What the rows are called in the file: images, or x..."""
    target: str
    """...and their targets: labels, or y. Test rows have "test_" before these names."""
    arrays: dict[str, np.ndarray]
    """By name: rows and target, perhaps both of the test, and what else was asked for."""
    others: tuple[str, ...]
    """Names of arrays that nothing was done with."""

    @property
    def tested(self) -> bool:
        """Whether the file holds test rows."""
        return f"test_{self.rows}" in self.arrays


def read_named(path: str | Path, beside: Collection[str] = ()) -> Named:
    """The rows and targets of a user's ``.npz``, for training and perhaps for the test.

    Args:
        path: the file.
        beside: names of further arrays to read, such as "groups"; those that it lacks are left out.

    Raises:
        DataError: the file cannot be read, or holds rows without targets.
    """
    held = ""
    for rows, target in WAYS:
        wanted = [f"{test}{name}" for name in (rows, target) for test in ("", "test_")]
        arrays, names = stored = read_npz(path, (*wanted, *beside))
        held = stored.held
        if not {rows, target} <= arrays.keys():
            continue
        if (f"test_{rows}" in arrays) != (f"test_{target}" in arrays):
            raise DataError(f"{path}: give both test_{rows} and test_{target}, or neither")
        return Named(rows, target, arrays, tuple(name for name in names if name not in arrays))
    raise DataError(f"{path}: holds {held}; give {IN_WORDS}")
