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
from jaxtyping import Bool, Float

from lowcap.errors import SettingsError
from lowcap.networks.activations import Activation, activation
from lowcap.streams import stream

Params = Mapping[str, Any]
"""Arrays by name, of either library."""

Rows = Float[np.ndarray, "rows inputs"]


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

    @property
    def multiply_adds(self) -> int:
        """Products of a weight and a value in one forward pass of one row."""
        ...

    @property
    def nonlinearity(self) -> Activation:
        """What stands between the layers."""
        ...

    def initial(self, seed: int) -> dict[str, np.ndarray]:
        """Initial weights of one member."""
        ...

    def responses(self, params: Params, x: Any) -> tuple[list[Any], Any]:
        """Of one member: hidden layers' values before the activation, and the logits by row."""
        ...

    def first(self, params: Params, x: Rows) -> Float[np.ndarray, "rows answers"]:
        """What the first layer's weights make of the inputs, before anything bends it."""
        ...

    def column(self, params: Params, number: int) -> Float[np.ndarray, " answers"]:
        """What 1 more of an input adds to what `first` gives."""
        ...

    def onward(
        self, params: Params, first: Float[np.ndarray, "rows answers"]
    ) -> Float[np.ndarray, "rows outputs"]:
        """The logits, from what `first` gives, changed or not."""
        ...

    def gradient(
        self, params: Params, x: Rows, towards: Float[np.ndarray, "rows outputs"] | None
    ) -> Rows:
        """The gradient with respect to the input; see `Network.gradient`."""
        ...

    def linked(
        self, params: Params, used: Bool[np.ndarray, " inputs"]
    ) -> list[Bool[np.ndarray, " units"]]:
        """Of each hidden layer, which units lie on a path from a used input to an output."""
        ...

    def connected(self, params: Params, used: Bool[np.ndarray, " inputs"]) -> bool:
        """Whether any path of weights leads from a used input to an output."""
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
    def multiply_adds(self) -> int:
        """Products of a weight and a value in one forward pass of one row."""
        return sum(before * after for before, after in pairwise(self.widths))

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

    def first(self, params: Params, x: Rows) -> Float[np.ndarray, "rows units"]:
        """The first layer's values before its activation."""
        product = x @ params["w1"].T
        return product + params["b1"] if self.bias else product

    def column(self, params: Params, number: int) -> Float[np.ndarray, " units"]:
        """The first layer's weights of one input."""
        return params["w1"][:, number]

    def onward(
        self, params: Params, first: Float[np.ndarray, "rows units"]
    ) -> Float[np.ndarray, "rows outputs"]:
        """The logits, from what `first` gives, changed or not."""
        apply, values = self.nonlinearity.in_numpy, first
        for number in range(2, len(self.widths)):
            values = apply(values) @ params[f"w{number}"].T
            if self.bias:
                values = values + params[f"b{number}"]
        return values

    def gradient(
        self, params: Params, x: Rows, towards: Float[np.ndarray, "rows outputs"] | None = None
    ) -> Rows:
        """The gradient with respect to the input; see `Network.gradient`."""
        slope = self.nonlinearity.slope
        before, logits = self.responses(params, x)
        last = params[self.layers[-1]]
        if towards is not None:
            back = towards @ last  # [rows, units]
        else:
            back = last[logits.argmax(axis=1)] if len(last) > 1 else last
        for z, name in zip(reversed(before), reversed(self.layers[:-1]), strict=True):
            back = (slope(z) * back) @ params[name]
        return np.broadcast_to(back, x.shape)

    def linked(
        self, params: Params, used: Bool[np.ndarray, " inputs"]
    ) -> list[Bool[np.ndarray, " units"]]:
        """Of each hidden layer, which units lie on a path from a used input to an output."""
        weights = [params[name] != 0 for name in self.layers]
        forward, reached = [], used
        for weight in weights[:-1]:
            reached = (weight & reached).any(axis=1)
            forward.append(reached)
        found, needed = [], np.ones(len(weights[-1]), bool)
        for weight, reached in zip(reversed(weights[1:]), reversed(forward), strict=True):
            needed = (weight & needed[:, None]).any(axis=0)
            found.append(needed & reached)
        return found[::-1]

    def connected(self, params: Params, used: Bool[np.ndarray, " inputs"]) -> bool:
        """Whether any path of weights leads from a used input to an output."""
        reached = used
        for name in self.layers:
            reached = ((params[name] != 0) & reached).any(axis=1)
        return bool(reached.any())


def dense_of(architecture: Architecture) -> Dense:
    """The architecture, which is fully connected.

    Raises:
        SettingsError: it is not.
    """
    if not isinstance(architecture, Dense):
        raise SettingsError(f"this needs fully connected networks, not {architecture}")
    return architecture
