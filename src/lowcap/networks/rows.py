"""Rows of features on the device, in shapes that many tasks share: compiled code is reused."""

from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, UInt8

Precision = Literal["float32", "bfloat16"]
"""The precision of the factors of the large products; sums and weights are float32 always."""

COLUMN_STEP = 32
ROW_CHUNK = 128
"""Rows that go through a product together, where a batch does not say: small enough that few
rows are padding, large enough for a product to run at full speed."""

_FEW_ROWS, _MANY_ROWS = 512, 4096
"""Row counts are rounded up to multiples of these."""

Features = Float[Array, "rows columns"] | UInt8[Array, "rows columns"]


class Rows(NamedTuple):
    """Rows of features on the device; rows from `count` on are padding.

    Features that were bytes are kept as bytes, a quarter of the memory to move; read them through
    `as_floats`.
    """

    x: Features
    count: int
    used: Bool[np.ndarray, " inputs"] | None = None
    """The inputs that the columns are, if not all; then comes one column that is 1 in every row
    (the biases are its weights), then padding. None where columns are the inputs themselves."""


def rounded_up(size: int, step: int) -> int:
    """The next multiple of a step."""
    return -(-size // step) * step


def padded_rows(count: int) -> int:
    """How many rows `count` rows are stored in: few distinct numbers, so few compilations."""
    return rounded_up(max(count, 1), _FEW_ROWS if count <= _MANY_ROWS // 4 else _MANY_ROWS)


def columns_for(inputs: int) -> int:
    """Columns that so many inputs and the biases' own are stored in."""
    return rounded_up(inputs + 1, COLUMN_STEP)


def as_floats(x: Features, precision: Precision = "float32") -> Float[Array, "rows columns"]:
    """Features; bytes are divided by 255 (the compiler may round the last bit its way)."""
    floats = x.astype(jnp.float32) / 255 if x.dtype == jnp.uint8 else x
    return floats.astype(precision)


def with_ones(x: Float[np.ndarray, "rows inputs"], used: Bool[np.ndarray, " inputs"]) -> Rows:
    """Keep the inputs that are used, add the biases' column, and pad rows and columns with 0."""
    count, inputs = len(x), int(used.sum())
    features = np.compress(used, x, axis=1)  # a mask would give columns in memory
    as_bytes = _as_bytes(features)
    values, one = (features, 1) if as_bytes is None else (as_bytes, 255)
    padded = np.zeros((padded_rows(count), columns_for(inputs)), values.dtype)
    padded[:count, :inputs], padded[:count, inputs] = values, one
    return Rows(jax.device_put(padded), count, used)


def plain(x: Float[np.ndarray, "rows inputs"]) -> Rows:
    """All inputs as they are, rows padded with 0."""
    padded = np.zeros((padded_rows(len(x)), x.shape[1]), np.float32)
    padded[: len(x)] = x
    return Rows(jax.device_put(padded), len(x))


def _as_bytes(x: Float[np.ndarray, "rows inputs"]) -> UInt8[np.ndarray, "rows inputs"] | None:
    """The features as bytes where that loses nothing; a part at a time, to stay in cache."""
    as_bytes = np.empty(x.shape, np.uint8)
    for start in range(0, len(x), ROW_CHUNK):
        part = x[start : start + ROW_CHUNK]
        if part.size and not (part.min() >= 0 and part.max() <= 1):
            return None
        as_bytes[start : start + ROW_CHUNK] = np.rint(part * 255)
        if not np.array_equal(as_bytes[start : start + ROW_CHUNK].astype(np.float32) / 255, part):
            return None
    return as_bytes
