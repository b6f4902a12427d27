"""The wide population: many one-hidden-layer networks of different sizes as one."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from lowcap.networks.layout import Layout


class Wide(eqx.Module):
    """The weights of all members, side by side; `Fused` is the form in which they compute.

    Member m computes ``logit = w2_m . relu(W1_m x + b1_m) + b2_m`` on its own rows of `w1`.
    """

    w1: Float[Array, "units pixels"]
    b1: Float[Array, " units"]
    w2: Float[Array, " units"]
    b2: Float[Array, " members"]
    layout: Layout = eqx.field(static=True)


class OneHiddenLayer(eqx.Module):
    """A single network on its own, in plain NumPy arrays."""

    w1: Float[np.ndarray, "hidden pixels"]
    b1: Float[np.ndarray, " hidden"]
    w2: Float[np.ndarray, " hidden"]
    b2: float

    def __call__(self, images: Float[np.ndarray, "images pixels"]) -> Float[np.ndarray, " images"]:
        """The probability of class 1 for each image (pixels in [0, 1])."""
        logits = np.maximum(images @ self.w1.T + self.b1, 0) @ self.w2 + self.b2
        return 0.5 * (1 + np.tanh(0.5 * logits))  # the sigmoid, without overflow

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return self.w1.size + self.b1.size + self.w2.size + 1


def take(wide: Wide, member: int) -> OneHiddenLayer:
    """Member number `member` of a wide population as a network of its own."""
    units = wide.layout.units_of(member)
    return OneHiddenLayer(
        np.asarray(wide.w1)[units],
        np.asarray(wide.b1)[units],
        np.asarray(wide.w2)[units],
        float(np.asarray(wide.b2)[member]),
    )


def to_arrays(wide: Wide) -> dict[str, np.ndarray]:
    """The weights by name, for storage."""
    return {name: np.asarray(getattr(wide, name)) for name in ("w1", "b1", "w2", "b2")}


def from_arrays(arrays: dict[str, np.ndarray], layout: Layout) -> Wide:
    """The inverse of `to_arrays`."""
    w1, b1, w2, b2 = (jnp.asarray(arrays[name]) for name in ("w1", "b1", "w2", "b2"))
    return Wide(w1, b1, w2, b2, layout)
