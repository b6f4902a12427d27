"""One network on its own, in plain NumPy arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Shaped

from lowcap.data import Kind
from lowcap.errors import SettingsError
from lowcap.given import rows_for
from lowcap.networks.architectures import Architecture, Dense, dense_of
from lowcap.shown import card, line

Rows = Float[np.ndarray, "rows inputs"]


@dataclass(frozen=True, eq=False)
class Network:
    """A trained network that needs no other library than NumPy. Call it on rows of features.

    Example:
        >>> network = population[3]
        >>> network(split.test.x)  # binary: the probability of class 1 of every row
    """

    architecture: Architecture
    params: Mapping[str, np.ndarray]
    """Arrays by name; of a network with one hidden layer `w1` [hidden, inputs], `b1` [hidden],
    `w2` [outputs, hidden], `b2` [outputs]."""
    kind: Kind = "binary"

    def __call__(self, x: Rows) -> Float[np.ndarray, "rows ..."]:
        """What the network says of each row.

        Returns:
            Binary: the probability of class 1 [rows]. Classes: the probability of each [rows,
            classes]. Regression: the predicted number [rows].
        """
        return probabilities(self.logits(x), self.kind)

    def __repr__(self) -> str:
        sizes = f"{self._layers}, {self.parameters:,} parameters"
        return line(f"Network, {self.kind}", sizes, self._pruned)

    def _repr_html_(self) -> str:
        facts = {"layers": self._layers, "parameters": self.parameters, "kind": self.kind}
        rows = [
            {
                "array": name,
                "shape": " x ".join(map(str, values.shape)),
                "weights that are 0": f"{100 * float((values == 0).mean()):.3g} %",
                "largest": float(np.abs(values).max()) if values.size else 0.0,
            }
            for name, values in self.params.items()
        ]
        note = "Use it: network.predict(x); look inside: lowcap.plot.unit_cards(network, split)"
        return card("Network", facts | {"pruned": self._pruned}, rows, note)

    @property
    def _layers(self) -> str:
        """Sizes from input to output: "784 - 8 - 1"."""
        if isinstance(self.architecture, Dense):
            return " - ".join(map(str, self.architecture.widths))
        sizes = self.architecture.inputs, self.architecture.outputs
        name = type(self.architecture).__name__.lower()
        return f"{sizes[0]} - {name} {self.architecture.size} - {sizes[1]}"

    @property
    def _pruned(self) -> str:
        weights = [self.params[name] for name in self.architecture.layers]
        zeros = sum(int((one == 0).sum()) for one in weights) / sum(one.size for one in weights)
        return f"{100 * zeros:.3g} % of its weights 0" if zeros > 0 else ""

    def predict_proba(self, x: Any) -> Float[np.ndarray, "rows classes"]:
        """The probability of each class of every row, as scikit-learn has it.

        Args:
            x: rows [rows, features], images [rows, height, width], or a table of numbers; unsigned
                bytes are scaled to [0, 1].

        Raises:
            SettingsError: the network predicts numbers.
        """
        return class_probabilities(self(rows_for(x, self.architecture.inputs)), self.kind)

    def predict(self, x: Any) -> Shaped[np.ndarray, " rows"]:
        """The class of every row, as the task numbers them: 0, 1, ...; or the predicted number.

        Example:
            >>> (network.predict(split.test.x) == split.test.y).mean()  # accuracy
        """
        return decisions(self(rows_for(x, self.architecture.inputs)), self.kind)

    def save(self, path: str | Path) -> None:
        """Write the network to a safetensors file, which `Population.load` reads.

        Example:
            >>> network.save("network.safetensors")
            >>> lowcap.Population.load("network.safetensors")[0]
        """
        from lowcap.networks.stacked import joined

        joined(self.architecture, [self.params], seeds=[0], kind=self.kind).save(path)

    def logits(self, x: Rows) -> Float[np.ndarray, "rows outputs"]:
        """The outputs before the sigmoid or softmax."""
        return self.architecture.responses(self.params, x)[1]

    def first(self, x: Rows) -> Float[np.ndarray, "rows answers"]:
        """What the first layer's weights make of the inputs, before anything bends it.

        Of fully connected networks each unit's value before its activation; of convolutional ones
        what each filter answers at each place, before pooling.
        """
        return self.architecture.first(self.params, x)

    def column(self, number: int) -> Float[np.ndarray, " answers"]:
        """What 1 more of an input adds to what `first` gives."""
        return self.architecture.column(self.params, number)

    def onward(self, first: Float[np.ndarray, "rows answers"]) -> Float[np.ndarray, "rows ..."]:
        """What the network says, from what `first` gives, changed or not."""
        return probabilities(self.architecture.onward(self.params, first), self.kind)

    def before(self, x: Rows) -> list[Float[np.ndarray, "rows units"]]:
        """Each hidden layer's values before the activation."""
        return self.architecture.responses(self.params, x)[0]

    def hidden(self, x: Rows) -> Float[np.ndarray, "rows units"]:
        """The outputs of the last hidden layer; of a network without one, its input.

        Of a convolutional network these are the rectified answers that pooling leaves.
        """
        before = self.before(x)
        return self.architecture.nonlinearity.in_numpy(before[-1]) if before else x

    def gradient(
        self, x: Rows, towards: Float[np.ndarray, "rows outputs"] | None = None
    ) -> Float[np.ndarray, "rows inputs"]:
        """The exact gradient with respect to the input of a sum of logits.

        Args:
            x: rows of features.
            towards: the factor of every logit in that sum, row by row. Unless given it is the
                decisive logit alone: the only one of a binary network or a regression, the largest
                of several.
        """
        return self.architecture.gradient(self.params, x, towards)

    @property
    def dense(self) -> Dense:
        """The architecture, which is fully connected.

        Raises:
            SettingsError: it is not.
        """
        return dense_of(self.architecture)

    @cached_property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return sum(values.size for values in self.params.values())

    @property
    def multiply_adds(self) -> int:
        """Products of a weight and a value in one forward pass of one row, pruned or not."""
        return self.architecture.multiply_adds

    def linked(self, used: Bool[np.ndarray, " inputs"]) -> list[Bool[np.ndarray, " units"]]:
        """Of each hidden layer, which units lie on a path from a used input to an output.

        Args:
            used: inputs that are not 0 in every row.
        """
        return self.architecture.linked(self.params, used)

    def connected(self, used: Bool[np.ndarray, " inputs"]) -> bool:
        """Whether any path of weights leads from a used input to an output."""
        return self.architecture.connected(self.params, used)

    @property
    def w1(self) -> Float[np.ndarray, "units inputs"]:
        """The first layer's weights."""
        return self.params["w1"]

    @property
    def b1(self) -> Float[np.ndarray, " units"]:
        """The first layer's biases."""
        return self.params["b1"]

    @property
    def w2(self) -> Float[np.ndarray, "outputs hidden"]:
        """The second layer's weights."""
        return self.params["w2"]

    @property
    def b2(self) -> Float[np.ndarray, " outputs"]:
        """The second layer's biases."""
        return self.params["b2"]


def one_hidden_layer(
    w1: Float[np.ndarray, "hidden inputs"],
    b1: Float[np.ndarray, " hidden"],
    w2: Float[np.ndarray, "outputs hidden"],
    b2: Float[np.ndarray, " outputs"],
    kind: Kind = "binary",
) -> Network:
    """A network with one hidden layer of ReLU units from its arrays."""
    dense = Dense(w1.shape[1], (len(w1),), len(w2))
    return Network(dense, {"w1": w1, "b1": b1, "w2": w2, "b2": b2}, kind)


def probabilities(
    logits: Float[np.ndarray, "*members rows outputs"], kind: Kind
) -> Float[np.ndarray, "..."]:
    """What logits say: a probability, one for each class, or a number; see `Network`."""
    if kind == "regression":
        return logits[..., 0]
    if kind == "binary":
        return 0.5 * (1 + np.tanh(0.5 * logits[..., 0]))  # the sigmoid, without overflow
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def class_probabilities(
    said: Float[np.ndarray, "..."], kind: Kind
) -> Float[np.ndarray, "... classes"]:
    """A probability for each class, of two classes too.

    Raises:
        SettingsError: what was said are numbers.
    """
    if kind == "regression":
        raise SettingsError("networks of a regression have no probabilities: use predict")
    return np.stack([1 - said, said], axis=-1) if kind == "binary" else said


def decisions(said: Float[np.ndarray, "..."], kind: Kind) -> Shaped[np.ndarray, "..."]:
    """The likeliest class; numbers stay."""
    if kind == "regression":
        return said
    return (said >= 0.5).astype(np.int64) if kind == "binary" else said.argmax(axis=-1)
