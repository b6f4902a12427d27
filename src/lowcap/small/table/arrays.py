"""Images and features from an ``.npz`` file, as tables."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Shaped

from lowcap.data.named import read_named
from lowcap.data.own import MOST_CHANNELS
from lowcap.errors import DataError


class Part(NamedTuple):
    """Training rows or test rows of a file."""

    table: pd.DataFrame
    target: pd.Series
    groups: pd.Series | None
    shape: tuple[int, ...] | None
    """Height and width (and channels) of an image; None for features."""


class Arrays(NamedTuple):
    """What a file holds."""

    train: Part
    test: Part | None
    others: tuple[str, ...]
    """Names of arrays that are not looked at."""


def read_arrays(path: Path) -> Arrays:
    """The training rows of a file and its test rows, if it has some.

    Raises:
        DataError: the file is no ``.npz``, or its arrays do not belong together.
    """
    named = read_named(path, ("groups",))
    arrays, x, y = named.arrays, named.rows, named.target
    train = _part(path, arrays, x, y, arrays.get("groups"))
    if not named.tested:
        return Arrays(train, None, named.others)
    test = _part(path, arrays, f"test_{x}", f"test_{y}", None)
    if test.shape != train.shape or test.table.shape[1] != train.table.shape[1]:
        raise DataError(
            f"{path}: {x} is {arrays[x].shape}, but test_{x} {arrays[f'test_{x}'].shape}"
        )
    return Arrays(train, test._replace(target=test.target.rename(y)), named.others)


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
