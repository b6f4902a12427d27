"""A user's own images from an ``.npz`` file: what is refused, each in one line that says why."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64, Shaped

from lowcap.data.named import Named, read_named
from lowcap.errors import DataError
from lowcap.given import in_a_line

MOST_CHANNELS = 4
"""Of one pixel: more are a sign that the channels do not come last."""

MOST_PIXELS = 2**22
"""Values of one image, such as 2,048 x 2,048: each is a weight of every hidden unit."""

MOST_CLASSES = 10_000
"""Different labels."""

MOST_LABEL = 10**6
"""Labels count classes, from 0 on; numbers of another kind are a sign of a mistake."""


class Part(NamedTuple):
    """Images and labels of training or of the test."""

    images: Shaped[np.ndarray, "images pixels"]
    labels: Int64[np.ndarray, " images"]
    shape: tuple[int, ...]
    """Height and width (and channels) of one image."""


class Own(NamedTuple):
    """What a file holds."""

    train: Part
    test: Part | None
    class_names: tuple[str, ...] = ()
    """What the labels 0, 1, 2, ... are called, where the file has names for them."""


def read_own(path: Path) -> Own:
    """The training images of a file, and those of its test if it has some.

    Raises:
        DataError: the file cannot be read, or holds what no network could honestly learn from.
    """
    named = read_named(path)
    names, numbered = _numbered(path, named)
    train = _part(path, named.rows, named.arrays[named.rows], named.target, numbered[0])
    classes = np.unique(train.labels)
    if len(classes) < 2:
        said = in_a_line(names[0] if names else classes[0], 40)
        raise DataError(
            f"{path}: {named.target} are all {said}; there must be two classes at least"
        )
    if len(classes) > MOST_CLASSES:
        raise DataError(
            f"{path}: {named.target} are of {len(classes):,} classes, and may be of "
            f"{MOST_CLASSES:,}; try fewer, or lowcap.array_task(x, y) if they are numbers to be "
            "predicted"
        )
    if not named.tested:
        return Own(train, None, names)
    rows, target = f"test_{named.rows}", f"test_{named.target}"
    test = _part(path, rows, named.arrays[rows], target, numbered[1])
    if test.shape != train.shape:
        raise DataError(f"{path}: {named.rows} are {train.shape}, but {rows} {test.shape}")
    unknown = np.setdiff1d(test.labels, classes)
    if len(unknown):
        raise DataError(f"{path}: {target} hold {unknown[0]}, which no label for training is")
    return Own(train, test, names)


def _part(path: Path, rows: str, images: np.ndarray, target: str, labels: np.ndarray) -> Part:
    """Images and numbers of classes as networks want them.

    Args:
        path: where they are from, for the message.
        rows: what the images are called there.
        images: [n, height, width] or [n, height, width, channels].
        target: what the labels are called there.
        labels: [n].

    Raises:
        DataError: they are not as they must be.
    """
    where = f"{path}: {rows}"
    _check_shapes(where, images, target, labels)
    flat = images.reshape(len(images), -1)
    if images.dtype != np.uint8:
        if images.dtype.kind != "f":
            raise DataError(f"{where} must be uint8 or floats in [0, 1], not {images.dtype}")
        if not (np.isfinite(flat).all() and flat.min() >= 0 and flat.max() <= 1):
            raise DataError(
                f"{path}: float {rows} must lie in [0, 1], as pixels do; for other numbers there "
                "is lowcap small"
            )
        flat = flat.astype(np.float32)
    if len(flat) > 1 and not (flat != flat[0]).any():
        what = "black" if not flat[0].any() else "the same"
        raise DataError(f"{where} are all {what}; no pixel differs between any two of them")
    shape = images.shape[1:3] if images.shape[3:] == (1,) else images.shape[1:]
    return Part(flat, labels, shape)  # one channel is grey


def _check_shapes(where: str, images: np.ndarray, target: str, labels: np.ndarray) -> None:
    if not 2 <= images.ndim <= 4 or images.size == 0:
        raise DataError(
            f"{where} must be [n, height, width] or [n, height, width, channels], "
            f"not {images.shape}"
        )
    if images.ndim == 4 and images.shape[-1] > MOST_CHANNELS:
        raise DataError(
            f"{where} must have their channels last, [n, height, width, channels], "
            f"not {images.shape}"
        )
    values = images[0].size
    if values > MOST_PIXELS:
        raise DataError(
            f"{where} have {values:,} values each, and may have {MOST_PIXELS:,}; try smaller ones"
        )
    if labels.shape != images.shape[:1]:
        raise DataError(
            f"{where}: there are {len(images)} images but {target} of shape {labels.shape}"
        )


Numbers = Int64[np.ndarray, "..."]


def _numbered(path: Path, named: Named) -> tuple[tuple[str, ...], tuple[Numbers, ...]]:
    """The names of the classes, if the file has names for them, and labels as their numbers.

    Texts and truth values are numbered 0, 1, 2, ... in their order; whole numbers stay.
    """
    target = named.target
    keys = (target, f"test_{target}") if named.tested else (target,)
    labels = [named.arrays[key] for key in keys]
    if labels[0].dtype.kind not in "Ub":
        return (), tuple(_numbers(path, key, one) for key, one in zip(keys, labels, strict=True))
    classes = np.unique(labels[0])
    for key, one in zip(keys, labels, strict=True):
        if one.dtype.kind != labels[0].dtype.kind:
            raise DataError(f"{path}: {key} are {one.dtype}, but {target} {labels[0].dtype}")
        if not np.isin(one, classes).all():
            unknown = in_a_line(np.setdiff1d(one, classes)[0], 40)
            raise DataError(f"{path}: {key} hold {unknown}, which no label for training is")
    return tuple(map(str, classes)), tuple(
        np.searchsorted(classes, one).astype(np.int64) for one in labels
    )


def _numbers(path: Path, key: str, labels: np.ndarray) -> Numbers:
    """Whole numbers of classes as they stand."""
    if labels.dtype.kind not in "iuf":  # times count as whole numbers elsewhere
        raise DataError(f"{path}: {key} must be whole numbers or texts, not {labels.dtype}")
    if not labels.size:
        return labels.astype(np.int64)
    wrong = labels[~(np.isfinite(labels) & (labels == np.rint(labels)))]
    if labels.dtype.kind == "f" and wrong.size:
        raise DataError(
            f"{path}: {key} must be whole numbers or texts, not {float(wrong.flat[0]):g}; to "
            "predict numbers there is lowcap small"
        )
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high > MOST_LABEL:
        raise DataError(
            f"{path}: {key} must be numbers of classes from 0 to {MOST_LABEL:,}, not "
            f"{low if low < 0 else high}; save names of classes as texts, {key}.astype(str)"
        )
    return labels.astype(np.int64)
