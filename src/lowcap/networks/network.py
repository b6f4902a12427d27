"""One network on its own, in plain NumPy arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float

from lowcap.data import Kind
from lowcap.networks.architectures import Architecture, Dense, dense_of

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
