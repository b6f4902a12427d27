"""Reading IDX, the file format of MNIST and its relatives."""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from lowcap.errors import DataError

_UNSIGNED_BYTE = 0x08

MOST_VALUES = 2**28
"""Values of one file, five times as many as MNIST's images have; no more is unpacked."""


def read_idx(path: Path, dimensions: int) -> UInt8[np.ndarray, "..."]:
    """Read one gzipped IDX file of unsigned bytes.

    Args:
        path: the ``.gz`` file.
        dimensions: how many axes the array must have (3 for images, 1 for labels).

    Raises:
        DataError: the file is truncated, is no IDX file of that rank, or holds more or fewer
            values than its header says.
    """
    header = 4 + 4 * dimensions
    try:
        with gzip.open(path) as stream:
            shape = _shape(path, stream.read(header), dimensions)
            announced = math.prod(shape)
            content = stream.read(announced)
            more = bool(stream.read(1))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: truncated or damaged gzip file; fetch it again") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
    if more or len(content) != announced:
        held = "more" if more else len(content)
        raise DataError(f"{path}: the header announces {announced} values, the file holds {held}")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _shape(path: Path, head: bytes, dimensions: int) -> tuple[int, ...]:
    """What the first bytes of a file announce."""
    expected = struct.pack(">HBB", 0, _UNSIGNED_BYTE, dimensions)
    if head[:4] != expected:
        found = head[:4].hex() or "nothing"
        raise DataError(f"{path}: wrong magic number {found}, expected {expected.hex()}")
    if len(head) < 4 + 4 * dimensions:
        raise DataError(f"{path}: the header is cut short; fetch the file again")
    shape = struct.unpack(f">{dimensions}I", head[4:])
    if math.prod(shape) > MOST_VALUES:
        raise DataError(
            f"{path}: the header announces {math.prod(shape):,} values, more than {MOST_VALUES:,}"
        )
    return shape
