"""Architectures: what all members of a stacked population share, and one member's arithmetic.

An architecture holds sizes and no weights. Weights travel beside it as arrays by name, so that the
same lines serve a single network in NumPy, one member under `jax.vmap`, and a file on disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol, runtime_checkable

import jax
import numpy as np
from jaxtyping import Float

from lowcap.errors import SettingsError
from lowcap.networks.activations import Activation, activation
from lowcap.streams import stream

Params = Mapping[str, Any]
"""Arrays by name, of either library."""


@runtime_checkable
class Architecture(Protocol):
    """What a population needs to know of its members' shape."""

    @property
    def inputs(self) -> int:
        """Features of one row."""
        ...

    @property
    def outputs(self) -> int:
        """Logits of one row, or predicted numbers."""
        ...

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every array of one member."""
        ...

    @property
    def layers(self) -> tuple[str, ...]:
        """The arrays that pruning may thin out, from input to output; biases are not among them."""
        ...

    @property
    def units(self) -> int:
        """Hidden units of one member, all layers together."""
        ...

    @property
    def size(self) -> int | str:
        """The hidden size as tables show it."""
        ...

    def initial(self, seed: int) -> dict[str, np.ndarray]:
        """Initial weights of one member."""
        ...

    def responses(self, params: Params, x: Any) -> tuple[list[Any], Any]:
        """Of one member: hidden layers' values before the activation, and the logits by row."""
        ...


def parameters(architecture: Architecture) -> int:
    """The number of weights and biases of one member."""
    return sum(int(np.prod(shape)) for shape in architecture.shapes.values())


@dataclass(frozen=True)
class Dense:
    """Fully connected layers with one activation between them; no hidden layer is a linear network.

    Arrays are named w1, b1, w2, ... from input to output; a weight is [units, inputs].
    """

    inputs: int
    hidden: tuple[int, ...]
    """Width of each hidden layer."""
    outputs: int
    activation: str = "relu"
    bias: bool = True

    def __post_init__(self) -> None:
        activation(self.activation)
        if min(self.widths) < 1:
            raise SettingsError(f"layers {self.widths}: each must have at least one unit")

    @property
    def widths(self) -> tuple[int, ...]:
        """Of all layers, from the input to the output."""
        return (self.inputs, *self.hidden, self.outputs)

    @property
    def nonlinearity(self) -> Activation:
        """What stands between the layers."""
        return activation(self.activation)

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the weight matrices, from input to output."""
        return tuple(f"w{number}" for number in range(1, len(self.widths)))

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every array of one member."""
        found: dict[str, tuple[int, ...]] = {}
        for number, (before, after) in enumerate(pairwise(self.widths), start=1):
            found[f"w{number}"] = (after, before)
            if self.bias:
                found[f"b{number}"] = (after,)
        return found

    @property
    def units(self) -> int:
        """Hidden units of one member, all layers together."""
        return sum(self.hidden)

    @property
    def size(self) -> int | str:
        """The hidden size; of several layers all widths, such as "64-64"."""
        return "-".join(map(str, self.hidden)) if len(self.hidden) > 1 else self.units

    def initial(self, seed: int) -> dict[str, np.ndarray]:
        """Weights N(0, gain / inputs), biases 0 (1802.08760, sec. 4.1)."""
        gain = self.nonlinearity.gain
        found = {}
        for layer, (before, after) in enumerate(pairwise(self.widths)):
            generator = stream("stacked initial weights", seed, layer, *self.widths)
            values = generator.normal(0, np.sqrt(gain / before), (after, before))
            found[f"w{layer + 1}"] = values.astype(np.float32)
            if self.bias:
                found[f"b{layer + 1}"] = np.zeros(after, np.float32)
        return found

    def responses(self, params: Params, x: Any) -> tuple[list[Any], Any]:
        """Of one member: hidden layers' values before the activation [rows, units], and logits.

        Args:
            params: the member's arrays.
            x: [rows, inputs], of the arrays' library.
        """
        act = self.nonlinearity
        apply = act.apply if isinstance(x, jax.Array) else act.in_numpy
        before, values = [], x.T
        for number in range(1, len(self.widths)):
            z = params[f"w{number}"] @ values  # [units, rows]: no product transposes the weights
            if self.bias:
                z = z + params[f"b{number}"][:, None]
            before.append(z.T)
            values = apply(z)
        return before[:-1], before[-1]


def dense_of(architecture: Architecture) -> Dense:
    """The architecture, which is fully connected.

    Raises:
        SettingsError: it is not.
    """
    if not isinstance(architecture, Dense):
        raise SettingsError(f"this needs fully connected networks, not {architecture}")
    return architecture


@dataclass(frozen=True)
class Convolutional:
    """Filters, each applied everywhere, rectified and max-pooled; then one dense layer.

    The small network of 1810.03037 (sec. 7), on square images of one channel. Arrays: `filters`
    [channels, area], `dense` [features, outputs], `bias` [outputs].
    """

    channels: int
    filter: int = 5
    """Side of a filter in pixels."""
    pool: int = 4
    """Side of a pooling window, in places of the filter."""
    stride: int = 2
    side: int = 28
    outputs: int = 10
    scale: float = 1.0
    """Initial filters are N(0, 2 / area) times this."""

    def __post_init__(self) -> None:
        if self.windows < 1:
            raise SettingsError(f"filter {self.filter} and pool {self.pool} leave nothing to pool")

    @property
    def inputs(self) -> int:
        """Pixels of an image."""
        return self.side**2

    @property
    def windows(self) -> int:
        """Pooling windows along one side; places that fill no window are left out."""
        return ((self.side - self.filter) // self.stride + 1) // self.pool

    @property
    def units(self) -> int:
        """Pooled features, which are what the dense layer is given."""
        return self.windows**2 * self.channels

    @property
    def size(self) -> int | str:
        """The number of channels."""
        return self.channels

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the weights that pruning may thin out."""
        return ("filters", "dense")

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every array of one member."""
        return {
            "filters": (self.channels, self.filter**2),
            "dense": (self.units, self.outputs),
            "bias": (self.outputs,),
        }

    def initial(self, seed: int) -> dict[str, np.ndarray]:
        """Weights N(0, 2 / inputs), the filters times `scale`; no bias."""
        generator = stream(
            "convolutional initial weights", seed, self.channels, self.filter, self.pool
        )
        filters = self.scale * generator.normal(
            0, np.sqrt(2 / self.filter**2), (self.channels, self.filter**2)
        )
        dense = generator.normal(0, np.sqrt(2 / self.units), (self.units, self.outputs))
        return {
            "filters": filters.astype(np.float32),
            "dense": dense.astype(np.float32),
            "bias": np.zeros(self.outputs, np.float32),
        }

    def responses(self, params: Params, x: Any) -> tuple[list[Any], Float[Any, "rows outputs"]]:
        """Of one member: the pooled answers before rectification [rows, units], and the logits.

        One product for all places of all images.
        """
        places = self.windows * self.pool
        grid = np.arange(places)[:, None] * self.stride + np.arange(self.filter)
        square = x.reshape(-1, self.side, self.side)
        patches = square[:, grid][:, :, :, grid].transpose(0, 1, 3, 2, 4)
        answers = patches.reshape(-1, self.filter**2) @ params["filters"].T
        shape = (-1, self.windows, self.pool, self.windows, self.pool, self.channels)
        pooled = answers.reshape(shape).max(axis=(2, 4)).reshape(len(x), -1)
        rectify = jax.nn.relu if isinstance(x, jax.Array) else activation("relu").in_numpy
        return [pooled], rectify(pooled) @ params["dense"] + params["bias"]


ARCHITECTURES = {"dense": Dense, "convolutional": Convolutional}
"""By the name under which a saved population remembers them."""
