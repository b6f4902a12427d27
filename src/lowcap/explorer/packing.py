"""Arrays packed for the page: one gzip archive in base64, and an index of what lies where."""

import base64
import gzip
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

KINDS = {"float32": "f4", "int32": "i4", "uint8": "u1", "int8": "i1"}
"""What the page can read, by NumPy's name and the page's."""


class Packed(NamedTuple):
    """Arrays as they stand in the page."""

    index: list[dict[str, Any]]
    """Of each array its `name`, `kind`, where it starts (bytes) and its `length` (values)."""
    text: str


def pack(arrays: Mapping[str, np.ndarray]) -> Packed:
    """Pack arrays; the page's `unpack` is the inverse.

    Values of several bytes are laid out in planes, all first bytes before all second ones: the
    exponents of weights then stand together, and compress.

    Args:
        arrays: by name, of the kinds in `KINDS`; their shapes are not kept.
    """
    index, parts, start = [], [], 0
    for name, values in arrays.items():
        kind = KINDS[str(values.dtype)]
        little = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False)
        planes = little.reshape(-1, 1).view(np.uint8).reshape(values.size, values.itemsize).T
        parts.append(planes.tobytes())
        index.append({"name": name, "kind": kind, "start": start, "length": values.size})
        start += len(parts[-1])
    content = gzip.compress(b"".join(parts), compresslevel=6, mtime=0)
    return Packed(index, base64.b64encode(content).decode())
