"""Images on the device, in shapes that many tasks share so that compiled code is reused."""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from lowcap.data import Labelled
from lowcap.networks import Wide

PIXEL_STEP = 32
ROW_CHUNK = 1024
ROW_STEP = 4096


class Rows(NamedTuple):
    """Labelled images on the device; rows from `count` on are padding, and so are some columns."""

    x: Float[Array, "rows pixels"]
    y: Float[Array, " rows"]
    count: int


def _rounded(size: int, step: int) -> int:
    return -(-size // step) * step


def padded_rows(count: int) -> int:
    """How many rows `count` images are stored in: few distinct numbers, so few compilations."""
    return _rounded(count, ROW_CHUNK if count <= ROW_CHUNK else ROW_STEP)


def to_device(labelled: Labelled, active: Bool[np.ndarray, " pixels"]) -> Rows:
    """Keep the active pixels, and pad rows and columns with zeros."""
    count, pixels = len(labelled.labels), int(active.sum())
    x = np.zeros((padded_rows(count), _rounded(pixels, PIXEL_STEP)), np.float32)
    x[:count, :pixels] = labelled.images[:, active]
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
