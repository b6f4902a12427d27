"""Images and features from an ``.npz`` file, as tables."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Shaped

from lowcap.data.npz import read_npz
from lowcap.data.own import MOST_CHANNELS
from lowcap.errors import DataError

WAYS = (("x", "y"), ("images", "labels"))
"""The names of the features and of the target."""

_NAMES = (*(f"{test}{name}" for way in WAYS for name in way for test in ("", "test_")), "groups")


class Part(NamedTuple):
    """Training rows or test rows of a file."""

    table: pd.DataFrame
    target: pd.Series
    groups: pd.Series | None
    shape: tuple[int, ...] | None
    """Height and width (and channels) of an image; None for features."""


def read_arrays(path: Path) -> tuple[Part, Part | None]:
    """The training rows of a file and its test rows, if it has some.

    Raises:
        DataError: the file is no ``.npz``, or its arrays do not belong together.
    """
    stored = read_npz(path, _NAMES)
    arrays, held = stored.arrays, stored.held
    way = next((way for way in WAYS if set(way) <= arrays.keys()), None)
    if way is None:
        raise DataError(f"{path}: holds {held}; give x and y, or images and labels")
    x, y = way
    known = {x, y, f"test_{x}", f"test_{y}", "groups"}
    if not set(stored.names) <= known:
        raise DataError(f"{path}: holds {held}; beside {x} and {y} give only test_{x}, test_{y}")
    if (f"test_{x}" in arrays) != (f"test_{y}" in arrays):
        raise DataError(f"{path}: give both test_{x} and test_{y}, or neither")
    train = _part(path, arrays, x, y, arrays.get("groups"))
    if f"test_{x}" not in arrays:
        return train, None
    test = _part(path, arrays, f"test_{x}", f"test_{y}", None)
    if test.shape != train.shape or test.table.shape[1] != train.table.shape[1]:
        raise DataError(
            f"{path}: {x} is {arrays[x].shape}, but test_{x} {arrays[f'test_{x}'].shape}"
        )
    return train, test._replace(target=test.target.rename(y))


def _part(
    path: Path,
    arrays: dict[str, np.ndarray],
    x: str,
    y: str,
    groups: Shaped[np.ndarray, "..."] | None,
) -> Part:
    features, labels = arrays[x], arrays[y]
    if not 2 <= features.ndim <= 4 or features.size == 0:
        raise DataError(
            f"{path}: {x} must be [rows, features], or images [rows, height, width] or [rows, "
            f"height, width, channels], not {features.shape}"
        )
    if features.dtype.kind not in "biuf":
        raise DataError(f"{path}: {x} must hold numbers, not {features.dtype}")
    for name, beside in ((y, labels), ("groups", groups)):
        if beside is not None and beside.shape != features.shape[:1]:
            raise DataError(f"{path}: {name} is {beside.shape}, but {x} has {len(features):,} rows")
    if labels.dtype.kind not in "biufU":
        raise DataError(f"{path}: {y} must hold numbers or texts, not {labels.dtype}")
    if labels.dtype.kind == "f" and np.isnan(labels).any():
        row = int(np.flatnonzero(np.isnan(labels))[0]) + 1
        raise DataError(f"{path}: {y} is missing in row {row} (counted from 1)")
    if groups is not None and groups.dtype.kind not in "biuU":
        raise DataError(f"{path}: groups must be whole numbers or texts, not {groups.dtype}")
    shape = _shape(path, x, features) if features.ndim > 2 else None
    rows = np.arange(1, len(features) + 1)
    return Part(
        pd.DataFrame(features.reshape(len(features), -1), rows, _names(features.shape[1:])),
        pd.Series(labels, rows, name=y),
        None if groups is None else pd.Series(groups, rows, name="groups"),
        shape,
    )


def _shape(path: Path, x: str, images: np.ndarray) -> tuple[int, ...]:
    if images.ndim == 4 and images.shape[-1] > MOST_CHANNELS:
        raise DataError(
            f"{path}: {x} must have its channels last, [rows, height, width, channels], not "
            f"{images.shape}"
        )
    if images.dtype != np.uint8:
        if images.dtype.kind != "f":
            raise DataError(f"{path}: images must be uint8 or floats in [0, 1], not {images.dtype}")
        bad = ~((images >= 0) & (images <= 1)).reshape(len(images), -1).all(axis=1)
        if bad.any():
            row = int(np.flatnonzero(bad)[0]) + 1
            raise DataError(
                f"{path}: pixels of {x} must lie in [0, 1] or be uint8; row {row} (counted "
                "from 1) has others"
            )
    return images.shape[1:3] if images.shape[3:] == (1,) else images.shape[1:]


def _names(shape: tuple[int, ...]) -> list[str]:
    """Names of the columns: x0, x1, ... for features; pixel_2_3 and pixel_2_3_0 for images."""
    if len(shape) == 1:
        return [f"x{place}" for place in range(shape[0])]
    if shape[2:] == (1,):
        shape = shape[:2]
    return ["pixel_" + "_".join(map(str, place)) for place in np.ndindex(*shape)]
