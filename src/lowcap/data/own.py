"""A user's own images from an ``.npz`` file: what is refused, each in one line that says why."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64, Shaped

from lowcap.data.npz import read_npz
from lowcap.errors import DataError

MOST_CHANNELS = 4
"""Of one pixel: more are a sign that the channels do not come last."""

MOST_PIXELS = 2**22
"""Values of one image, such as 2,048 x 2,048: each is a weight of every hidden unit."""

MOST_CLASSES = 10_000
"""Different labels."""

MOST_LABEL = 10**6
"""Labels count classes, from 0 on; numbers of another kind are a sign of a mistake."""

NAMES = ("images", "labels", "test_images", "test_labels")


class Part(NamedTuple):
    """Images and labels of training or of the test."""

    images: Shaped[np.ndarray, "images pixels"]
    labels: Int64[np.ndarray, " images"]
    shape: tuple[int, ...]
    """Height and width (and channels) of one image."""


def read_own(path: Path) -> tuple[Part, Part | None]:
    """The training images of a file, and those of its test if it has some.

    Raises:
        DataError: the file cannot be read, or holds what no network could honestly learn from.
    """
    stored = read_npz(path, NAMES)
    arrays, names = stored.arrays, stored.names
    for key in ("images", "labels"):
        if key not in arrays:
            raise DataError(f"{path}: holds no array '{key}' (it holds {stored.held})")
    if ("test_images" in names) != ("test_labels" in names):
        raise DataError(f"{path}: give both test_images and test_labels, or neither")
    train = checked(path, "", arrays["images"], arrays["labels"])
    classes = np.unique(train.labels)
    if len(classes) < 2:
        raise DataError(f"{path}: labels are all {classes[0]}; there must be two classes at least")
    if len(classes) > MOST_CLASSES:
        raise DataError(
            f"{path}: labels are of {len(classes):,} classes, and may be of {MOST_CLASSES:,}; try "
            "fewer, or lowcap.array_task(x, y) if they are numbers to be predicted"
        )
    if "test_images" not in arrays:
        return train, None
    test = checked(path, "test_", arrays["test_images"], arrays["test_labels"])
    if test.shape != train.shape:
        raise DataError(f"{path}: images are {train.shape}, but test_images {test.shape}")
    unknown = np.setdiff1d(test.labels, classes)
    if len(unknown):
        raise DataError(f"{path}: test_labels hold {unknown[0]}, which no label for training is")
    return train, test


def checked(path: Path, prefix: str, images: np.ndarray, labels: np.ndarray) -> Part:
    """Images and labels as networks want them.

    Args:
        path: where they are from, for the message.
        prefix: of their names: nothing, or "test_".
        images: [n, height, width] or [n, height, width, channels].
        labels: [n].

    Raises:
        DataError: they are not as they must be.
    """
    where = f"{path}: {prefix}"
    _check_shapes(where, images, labels)
    flat = images.reshape(len(images), -1)
    if images.dtype != np.uint8:
        if images.dtype.kind != "f":
            raise DataError(f"{where}images must be uint8 or floats in [0, 1], not {images.dtype}")
        if not (np.isfinite(flat).all() and flat.min() >= 0 and flat.max() <= 1):
            raise DataError(f"{path}: float {prefix}images must lie in [0, 1]")
        flat = flat.astype(np.float32)
    if len(flat) > 1 and not (flat != flat[0]).any():
        what = "black" if not flat[0].any() else "the same"
        raise DataError(f"{where}images are all {what}; no pixel differs between any two of them")
    shape = images.shape[1:3] if images.shape[3:] == (1,) else images.shape[1:]
    return Part(flat, _numbers(where, labels), shape)  # one channel is grey


def _check_shapes(where: str, images: np.ndarray, labels: np.ndarray) -> None:
    if not 2 <= images.ndim <= 4 or images.size == 0:
        raise DataError(
            f"{where}images must be [n, height, width] or [n, height, width, channels], "
            f"not {images.shape}"
        )
    if images.ndim == 4 and images.shape[-1] > MOST_CHANNELS:
        raise DataError(
            f"{where}images must have their channels last, [n, height, width, channels], "
            f"not {images.shape}"
        )
    values = images[0].size
    if values > MOST_PIXELS:
        raise DataError(
            f"{where}images have {values:,} values each, and may have {MOST_PIXELS:,}; try "
            "smaller ones"
        )
    if labels.shape != images.shape[:1]:
        raise DataError(
            f"{where}images: there are {len(images)} images but labels of shape {labels.shape}"
        )


def _numbers(where: str, labels: np.ndarray) -> Int64[np.ndarray, " images"]:
    """Labels as numbers of classes."""
    if labels.dtype.kind not in "iu":  # truth values and times count as whole numbers elsewhere
        raise DataError(f"{where}labels must be integers, not {labels.dtype}")
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high > MOST_LABEL:
        wrong = low if low < 0 else high
        raise DataError(
            f"{where}labels must be numbers of classes from 0 to {MOST_LABEL:,}, not {wrong}"
        )
    return labels.astype(np.int64)
