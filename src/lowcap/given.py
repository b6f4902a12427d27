"""What users give, in the forms that they find natural: one value or several, images or rows."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from jaxtyping import Float32

from lowcap.errors import DataError


def several(given: Any) -> list[Any]:
    """A list of what was given: of a single number, text or None, a list of that one."""
    if given is None or isinstance(given, str | bytes) or not isinstance(given, Iterable):
        return [given]
    if isinstance(given, np.ndarray) and given.ndim == 0:
        return [given.item()]
    return list(given)


def rows_for(x: Any, inputs: int) -> Float32[np.ndarray, "rows inputs"]:
    """Rows of so many features from arrays, tables or images; bytes are scaled to [0, 1].

    Args:
        x: rows [rows, features], or images [rows, height, width], or a table of numbers.
        inputs: features of a row.

    Raises:
        DataError: it is something else, or of another width.
    """
    try:
        found = np.asarray(x)
        rows = found.astype(np.float32)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"rows must be numbers, such as split.test.x, not {type(x).__name__}"
        ) from error
    if rows.ndim < 2:
        raise DataError(
            f"rows must be [rows, {inputs} features], not {found.shape}; "
            "of a single row give x[None]"
        )
    rows = rows.reshape(len(rows), -1)
    if rows.shape[1] != inputs:
        raise DataError(f"these networks take {inputs} features, but the rows have {rows.shape[1]}")
    return rows / 255 if found.dtype == np.uint8 else rows
