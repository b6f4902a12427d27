"""Images on the device, in shapes that many tasks share so that compiled code is reused."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, UInt8

from lowcap.data import Labelled
from lowcap.networks import Fused, Layout, Wide

Precision = Literal["float32", "bfloat16"]
"""The precision of the factors of the large products; sums and weights are float32 always."""

PIXEL_STEP = 32
ROW_CHUNK = 128
"""Rows that go through a product together, where a batch does not say: small enough that few
rows are padding, large enough for a product to run at full speed."""

_FEW_ROWS, _MANY_ROWS = 512, 4096
"""Row counts are rounded up to multiples of these."""


class Rows(NamedTuple):
    """Labelled images on the device; rows from `count` on are padding.

    Columns are the pixels, then one that is 1 in every row (the biases are its weights), then
    padding. Images that were bytes are kept as bytes: a quarter of the memory to move. Read them
    through `as_floats`.
    """

    x: Float[Array, "rows columns"] | UInt8[Array, "rows columns"]
    y: Float[Array, " rows"]
    count: int


def _rounded(size: int, step: int) -> int:
    return -(-size // step) * step


def padded_rows(count: int) -> int:
    """How many rows `count` images are stored in: few distinct numbers, so few compilations."""
    return _rounded(max(count, 1), _FEW_ROWS if count <= _MANY_ROWS // 4 else _MANY_ROWS)


def _columns(pixels: int) -> int:
    return _rounded(pixels + 1, PIXEL_STEP)


def as_floats(
    x: Float[Array, "rows columns"] | UInt8[Array, "rows columns"], precision: Precision = "float32"
) -> Float[Array, "rows columns"]:
    """Pixels in [0, 1]; bytes are divided by 255 (the compiler may round the last bit its way)."""
    floats = x.astype(jnp.float32) / 255 if x.dtype == jnp.uint8 else x
    return floats.astype(precision)


def to_device(labelled: Labelled, active: Bool[np.ndarray, " pixels"]) -> Rows:
    """Keep the active pixels, add the biases' pixel, and pad rows and columns with zeros."""
    count, pixels = len(labelled.y), int(active.sum())
    images = np.compress(active, labelled.x, axis=1)  # a mask would give columns in memory
    as_bytes = _as_bytes(images)
    values, one = (images, 1) if as_bytes is None else (as_bytes, 255)
    x = np.zeros((padded_rows(count), _columns(pixels)), values.dtype)
    x[:count, :pixels], x[:count, pixels] = values, one
    y = np.zeros(len(x), np.float32)
    y[:count] = labelled.y
    return Rows(jnp.asarray(x), jnp.asarray(y), count)


def _as_bytes(images: Float[np.ndarray, "rows pixels"]) -> UInt8[np.ndarray, "rows pixels"] | None:
    """The images as bytes where that loses nothing; a part at a time, to stay in cache."""
    as_bytes = np.empty(images.shape, np.uint8)
    for start in range(0, len(images), ROW_CHUNK):
        part = slice(start, start + ROW_CHUNK)
        as_bytes[part] = np.rint(images[part] * 255)
        if not np.array_equal(as_bytes[part].astype(np.float32) / 255, images[part]):
            return None
    return as_bytes


def narrow(
    wide: Wide,
    active: Bool[np.ndarray, " pixels"],
    members: Int[np.ndarray, " chosen"] | None = None,
) -> Fused:
    """Some members, all unless given, as they act on the active pixels alone.

    A pixel that is 0 in every image adds nothing to any unit and gets no gradient, so training
    this one is training the whole one, exactly.
    """
    layout, pixels = wide.layout, int(active.sum())
    chosen, units = slice(None), slice(None)
    if members is not None and len(members) < layout.members:
        chosen, units = members, layout.units_of_all(members)
        layout = Layout(tuple(layout.hidden[member] for member in members))
    w1 = np.zeros((layout.units, _columns(pixels)), np.float32)
    w1[:, :pixels] = np.compress(active, np.asarray(wide.w1)[units], axis=1)
    w1[:, pixels] = np.asarray(wide.b1)[units]
    w2, b2 = np.asarray(wide.w2)[units], np.asarray(wide.b2)[chosen]
    return Fused(jnp.asarray(w1), jnp.asarray(w2), jnp.asarray(b2), layout)


def widen(
    parts: Sequence[tuple[Int[np.ndarray, "_"], Fused]],
    whole: Wide,
    active: Bool[np.ndarray, " pixels"],
) -> Wide:
    """The inverse of `narrow`, from parts and whose they are.

    Pixels that never act keep their weights of `whole`.
    """
    w1, b1, w2, b2 = (np.array(a) for a in (whole.w1, whole.b1, whole.w2, whole.b2))
    places = np.flatnonzero(active)
    for members, fused in parts:
        units = whole.layout.units_of_all(members)
        first = np.asarray(fused.w1)
        w1[units[:, None], places], b1[units] = first[:, : len(places)], first[:, len(places)]
        w2[units], b2[members] = np.asarray(fused.w2), np.asarray(fused.b2)
    w1, b1, w2, b2 = map(jnp.asarray, (w1, b1, w2, b2))
    return Wide(w1, b1, w2, b2, whole.layout)
