"""Activation functions with what the instruments need of them: slope, linear piece, gain."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from lowcap.errors import SettingsError

Values = Float[Array, "..."]


class Activation(NamedTuple):
    """A non-linearity, and where its straight pieces meet."""

    apply: Callable[[Values], Values]
    in_numpy: Callable[[Any], Any]
    """The same function of NumPy arrays."""
    slope: Callable[[Values], Values]
    """Its derivative; at a kink, that of the piece below. Takes arrays of either library."""
    kinks: tuple[float, ...]
    """Where one linear piece ends and the next begins; none for a smooth function."""
    gain: float
    """Initial weights are N(0, gain / inputs): 2 for rectifiers, 1 for saturating functions."""

    def piece(self, z: Values) -> Int[Array, "..."]:
        """Which linear piece a unit is in: 0, 1, ... from left to right (1802.08760, sec. 3)."""
        return sum(((z > kink).astype(jnp.int8) for kink in self.kinks), jnp.zeros(z.shape, "int8"))


def _between(low: float, high: float, height: float = 1.0) -> Callable[[Values], Values]:
    return lambda z: (((z > low) & (z <= high)) * height).astype(z.dtype)


ACTIVATIONS = {
    "relu": Activation(
        jax.nn.relu, lambda z: np.maximum(z, 0), _between(0, np.inf), (0.0,), 2.0
    ),
    "relu6": Activation(
        jax.nn.relu6, lambda z: np.clip(z, 0, 6), _between(0, 6), (0.0, 6.0), 2.0
    ),
    "tanh": Activation(jnp.tanh, np.tanh, lambda z: 1 - jnp.tanh(z) ** 2, (), 1.0),
    "hard tanh": Activation(
        jax.nn.hard_tanh, lambda z: np.clip(z, -1, 1), _between(-1, 1), (-1.0, 1.0), 1.0
    ),
    "hard sigmoid": Activation(
        jax.nn.hard_sigmoid, lambda z: np.clip(z / 6 + 0.5, 0, 1), _between(-3, 3, 1 / 6),
        (-3.0, 3.0), 1.0,
    ),
}  # fmt: skip
"""By name; the hard sigmoid is clip(z / 6 + 1 / 2, 0, 1)."""


def activation(name: str) -> Activation:
    """The activation of that name.

    Raises:
        SettingsError: there is none.
    """
    if name not in ACTIVATIONS:
        raise SettingsError(f"activation '{name}': choose {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]
