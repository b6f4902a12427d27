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


def read_idx(path: Path, dimensions: int) -> UInt8[np.ndarray, "..."]:
    """Read one gzipped IDX file of unsigned bytes.

    Args:
        path: the ``.gz`` file.
        dimensions: how many axes the array must have (3 for images, 1 for labels).

    Raises:
        DataError: the file is truncated, is no IDX file of that rank, or holds more or fewer
            values than its header says.
    """
    try:
        with gzip.open(path) as stream:
            content = stream.read()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: truncated or damaged gzip file; fetch it again") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
    expected = struct.pack(">HBB", 0, _UNSIGNED_BYTE, dimensions)
    if content[:4] != expected:
        found = content[:4].hex() or "nothing"
        raise DataError(f"{path}: wrong magic number {found}, expected {expected.hex()}")
    header = 4 + 4 * dimensions
    if len(content) < header:
        raise DataError(f"{path}: the header is cut short; fetch the file again")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    if len(content) - header != math.prod(shape):
        raise DataError(
            f"{path}: the header announces {math.prod(shape)} values, "
            f"the file holds {len(content) - header}"
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
