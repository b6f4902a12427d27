"""The stacked population: networks of one shape, any depth, their weights stacked by member."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from lowcap.errors import SettingsError
from lowcap.networks.activations import Activation, activation
from lowcap.streams import stream


@dataclass(frozen=True)
class Shape:
    """What all members of a stacked population share: layer widths and activation."""

    inputs: int
    hidden: tuple[int, ...]
    """Width of each hidden layer."""
    classes: int
    activation: str = "relu"
    bias: bool = False

    def __post_init__(self) -> None:
        activation(self.activation)
        if min(self.inputs, self.classes, *self.hidden, 1) < 1 or not self.hidden:
            raise SettingsError(f"layers {self.widths}: each must have at least one unit")

    @property
    def widths(self) -> tuple[int, ...]:
        """Of all layers, from the input to the output."""
        return (self.inputs, *self.hidden, self.classes)

    @property
    def parameters(self) -> int:
        """How many weights (and biases) one member has."""
        weights = sum(a * b for a, b in pairwise(self.widths))
        return weights + (sum(self.widths[1:]) if self.bias else 0)


class Stacked(eqx.Module):
    """Weights of all members, or of one member alone: then without the leading axis."""

    weights: tuple[Float[Array, "*members _ _"], ...]
    biases: tuple[Float[Array, "*members _"], ...] | None
    shape: Shape = eqx.field(static=True)

    @property
    def activation(self) -> Activation:
        """The non-linearity of the hidden layers."""
        return activation(self.shape.activation)

    @property
    def members(self) -> int:
        """How many networks are stacked."""
        return len(self.weights[0])

    def responses(
        self, x: Float[Array, "rows inputs"]
    ) -> tuple[list[Float[Array, "rows units"]], Float[Array, "rows classes"]]:
        """Of one member: every hidden layer's values before the activation, and the logits."""
        before, values = [], x.T
        for layer, weight in enumerate(self.weights):
            z = weight @ values  # [units, rows]: no product then has to transpose the weights
            if self.biases is not None:
                z = z + self.biases[layer][:, None]
            before.append(z.T)
            values = self.activation.apply(z)
        return before[:-1], before[-1]

    def logits(self, x: Float[Array, "rows inputs"]) -> Float[Array, "rows classes"]:
        """Of one member: the logits."""
        return self.responses(x)[1]


def stack(shape: Shape, seeds: Sequence[int]) -> Stacked:
    """A population of fresh networks, one a seed: weights N(0, gain / inputs), biases 0.

    Drawn on the host by NumPy, so that they are the same on every device (1802.08760, sec. 4.1).
    """
    gain = activation(shape.activation).gain
    drawn = []
    for before, after in pairwise(shape.widths):
        layer = [
            stream("stacked initial weights", seed, len(drawn), *shape.widths).normal(
                0, np.sqrt(gain / before), (after, before)
            )
            for seed in seeds
        ]
        drawn.append(jnp.asarray(np.stack(layer), jnp.float32))
    biases = None
    if shape.bias:
        biases = tuple(jnp.zeros((len(seeds), width), jnp.float32) for width in shape.widths[1:])
    return Stacked(tuple(drawn), biases, shape)


def choose(
    stacked: Stacked, members: Sequence[int] | slice | Int[np.ndarray, " chosen"]
) -> Stacked:
    """Some of the members, in the given order."""
    index = members if isinstance(members, slice) else np.asarray(members)
    return jax.tree.map(lambda values: values[index], stacked)
