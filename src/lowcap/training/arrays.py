"""Images on the device, in shapes that many tasks share so that compiled code is reused."""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, UInt8

from lowcap.data import Labelled
from lowcap.networks import Wide

PIXEL_STEP = 16
ROW_CHUNK = 512
ROW_STEP = 4096


class Rows(NamedTuple):
    """Labelled images on the device; rows from `count` on are padding, and so are some columns.

    Images that were bytes are kept as bytes: a quarter of the memory to move. Read them through
    `as_floats`.
    """

    x: Float[Array, "rows pixels"] | UInt8[Array, "rows pixels"]
    y: Float[Array, " rows"]
    count: int


def _rounded(size: int, step: int) -> int:
    return -(-size // step) * step


def padded_rows(count: int) -> int:
    """How many rows `count` images are stored in: few distinct numbers, so few compilations."""
    return _rounded(count, ROW_CHUNK if count <= ROW_STEP // 4 else ROW_STEP)


def as_floats(
    x: Float[Array, "rows pixels"] | UInt8[Array, "rows pixels"],
) -> Float[Array, "rows pixels"]:
    """Pixels in [0, 1]; bytes are divided by 255 (the compiler may round the last bit its way)."""
    return x.astype(jnp.float32) / 255 if x.dtype == jnp.uint8 else x


def to_device(labelled: Labelled, active: Bool[np.ndarray, " pixels"]) -> Rows:
    """Keep the active pixels, and pad rows and columns with zeros."""
    count, pixels = len(labelled.labels), int(active.sum())
    images = labelled.images[:, active]
    as_bytes = np.rint(images * 255).astype(np.uint8)
    if np.array_equal(as_bytes.astype(np.float32) / 255, images):
        images = as_bytes
    x = np.zeros((padded_rows(count), _rounded(pixels, PIXEL_STEP)), images.dtype)
    x[:count, :pixels] = images
    y = np.zeros(len(x), np.float32)
    y[:count] = labelled.labels
    return Rows(jnp.asarray(x), jnp.asarray(y), count)


def narrow(wide: Wide, active: Bool[np.ndarray, " pixels"]) -> Wide:
    """The population as it acts on the active pixels alone, columns padded like the images.

    A pixel that is 0 in every image adds nothing to any unit and gets no gradient, so training
    this one is training the whole one, exactly.
    """
    pixels = int(active.sum())
    w1 = np.zeros((wide.layout.units, _rounded(pixels, PIXEL_STEP)), np.float32)
    w1[:, :pixels] = np.asarray(wide.w1)[:, active]
    return eqx.tree_at(lambda w: w.w1, wide, jnp.asarray(w1))


def widen(narrowed: Wide, whole: Wide, active: Bool[np.ndarray, " pixels"]) -> Wide:
    """The inverse of `narrow`: pixels that never act keep their weights of `whole`."""
    w1 = np.array(whole.w1)
    w1[:, active] = np.asarray(narrowed.w1)[:, : int(active.sum())]
    return eqx.tree_at(lambda w: w.w1, narrowed, jnp.asarray(w1))
