"""Tasks from a user's own arrays."""

from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from lowcap.data.tasks import Kind, Target, Task
from lowcap.errors import DataError

NO_NUMBERS = "cmMV"
"""NumPy's letters for complex numbers, spans and points of time, and records."""


def array_task(
    x: Shaped[np.ndarray, "..."],
    y: Shaped[np.ndarray, "..."],
    test_x: Shaped[np.ndarray, "..."] | None = None,
    test_y: Shaped[np.ndarray, "..."] | None = None,
    *,
    kind: Kind | None = None,
    name: str = "task",
    weights: Float[np.ndarray, "..."] | None = None,
    groups: Shaped[np.ndarray, "..."] | None = None,
) -> Task:
    """A task from arrays.

    Args:
        x: features [rows, features] or images [rows, height, width].
        y: targets: classes of any kind, or numbers.
        test_x: test features; without them there are no test rows.
        test_y: their targets.
        kind: what y is; by default "regression" for floats that are no whole numbers, else
            "binary" or "classes" by the number of different values.
        name: the task's name in tables.
        weights: of the training rows.
        groups: of the training rows; rows of one group stay together in any division.

    Raises:
        DataError: the arrays do not belong together, or hold values that are not finite.

    Example:
        >>> x, y = sklearn.datasets.load_digits(return_X_y=True)
        >>> split = array_task(x / 16, y).split(seed=0)
    """
    x, y = np.asarray(x), np.asarray(y)
    if x.ndim < 2 or not len(x) or y.shape != x.shape[:1]:
        raise DataError(f"{name}: x is {x.shape} and y {y.shape}; one row of x for each of y")
    shape = x.shape[1:] if x.ndim > 2 else None
    if test_x is None or test_y is None:
        test_x, test_y = x[:0], y[:0]
    test_x, test_y = np.asarray(test_x), np.asarray(test_y)
    if test_x.shape[1:] != x.shape[1:] or test_y.shape != test_x.shape[:1]:
        raise DataError(f"{name}: test_x is {test_x.shape} and test_y {test_y.shape}")
    _check_rows(name, len(y), {"y": y, "test_y": test_y}, {"weights": weights, "groups": groups})
    kind = _kind_of(y) if kind is None else kind
    classes = np.unique(y)
    if kind == "binary" and len(classes) != 2:
        raise DataError(f"{name}: a binary target needs two values, not {len(classes)}")
    flat, flat_test = _flattened(x, name), _flattened(test_x, name)
    if kind == "regression":
        targets, test_targets = y.astype(np.float32), test_y.astype(np.float32)
    else:
        if not np.isin(test_y, classes).all():
            raise DataError(f"{name}: the test rows hold classes that the training rows lack")
        kept = np.float32 if kind == "binary" else np.int32
        targets = np.searchsorted(classes, y).astype(kept)
        test_targets = np.searchsorted(classes, test_y).astype(kept)
    numbered = None if groups is None else np.unique(groups, return_inverse=True)[1]
    outputs = len(classes) if kind == "classes" else 1
    target = Target(name, kind, outputs, shape)
    return Task(target, flat, targets, flat_test, test_targets, weights, numbered)


def _check_rows(name: str, rows: int, targets: dict[str, Any], beside: dict[str, Any]) -> None:
    """Refuse targets and weights that are not finite, and weights or groups of other rows."""
    for part, given in targets.items():
        if given.dtype.kind in NO_NUMBERS:
            raise DataError(f"{name}: {part} is {given.dtype}; give classes or plain numbers")
    for part, given in beside.items():
        if given is not None and np.shape(given) != (rows,):
            raise DataError(f"{name}: {part} of {np.shape(given)} for {rows} rows")
    for part, given in (targets | beside).items():
        values = np.asarray(0 if given is None else given)
        if np.issubdtype(values.dtype, np.inexact) and not np.isfinite(values).all():
            raise DataError(f"{name}: {part} must be finite; drop what is missing")


def _kind_of(y: np.ndarray) -> Kind:
    if np.issubdtype(y.dtype, np.floating) and (y != np.rint(y)).any():
        return "regression"
    return "binary" if len(np.unique(y)) == 2 else "classes"


def _flattened(x: np.ndarray, name: str) -> np.ndarray:
    flat = x.reshape(len(x), int(np.prod(x.shape[1:])))
    if x.dtype == np.uint8:
        return flat
    if x.dtype.kind in NO_NUMBERS:  # NumPy would take a part of them
        raise DataError(f"{name}: features must be plain numbers, not {x.dtype}")
    try:
        flat = flat.astype(np.float32)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name}: features must be numbers ({error})") from error
    if not np.isfinite(flat).all():
        raise DataError(f"{name}: features must be finite; fill in or drop what is missing")
    return flat
