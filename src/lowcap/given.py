"""What users give, in the forms that they find natural: values, images or rows, names of files."""

from collections.abc import Iterable
from pathlib import Path
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


def path_of(given: str | Path) -> Path:
    """A path as a user writes it, ``~`` and all.

    Raises:
        DataError: no file can have that name, or there is no user of that name.
    """
    if "\0" in str(given):
        raise DataError(f"{in_a_line(given)}: no name of a file holds a NUL")
    try:
        return Path(given).expanduser()
    except RuntimeError as error:
        raise DataError(f"{given}: {in_a_line(error)}") from error


def file_of(given: str | Path) -> Path:
    """The path of a file that is there and can be read from beginning to end.

    Raises:
        DataError: it is not there, or is a folder, or no regular file; one line says which.
    """
    path = path_of(given)
    try:
        if path.is_file():
            return path
        if path.is_dir():
            raise DataError(f"{path}: is a folder, not a file")
        if path.exists():
            raise DataError(f"{path}: is no regular file")
    except OSError as error:  # such as a name that is too long
        reason = error.strerror or str(error)
        raise DataError(f"{in_a_line(path, 100)}: cannot be read ({reason})") from error
    raise DataError(f"{path}: no such file")


def in_a_line(value: object, longest: int = 200) -> str:
    """A value for a line of text: short, and without line breaks."""
    try:
        written = " ".join(str(value).replace("\0", " ").split())
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        written = "a number of thousands of digits"
    return written if len(written) <= longest else written[: longest - 3] + "..."
