"""The layers of a small network without the units that cannot matter, ready to be written."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from lowcap.errors import SettingsError
from lowcap.networks import Network
from lowcap.small.model import SmallModel

Matrix = Float[np.ndarray, "units inputs"]


@dataclass(frozen=True, eq=False)
class Layers:
    """One or two layers in double precision; the first one sees the network's inputs."""

    first: Matrix
    """Weights of the hidden layer; of the output layer where there is no hidden one."""
    bias: Float[np.ndarray, " units"]
    second: Float[np.ndarray, "outputs units"] | None = None
    second_bias: Float[np.ndarray, " outputs"] | None = None

    @property
    def outputs(self) -> int:
        """Logits, or one predicted number."""
        return len(self.first if self.second is None else self.second)

    def hidden(self, inputs: Float[np.ndarray, "rows inputs"]) -> Float[np.ndarray, "rows units"]:
        """The first layer's answers, before anything bends them."""
        return inputs @ self.first.T + self.bias

    def __call__(self, inputs: Float[np.ndarray, "rows inputs"]) -> Float[np.ndarray, "rows _"]:
        """The network's outputs."""
        answers = self.hidden(inputs)
        if self.second is None or self.second_bias is None:
            return answers
        return np.maximum(answers, 0) @ self.second.T + self.second_bias


def layers_of(model: SmallModel) -> Layers:
    """The network's layers; a hidden unit that no input or no output needs is folded away.

    Pruning leaves such units. One without inputs says the same of every row, so that it becomes
    part of the outputs' biases.

    Raises:
        SettingsError: the network is not of a kind that can be exported.
    """
    first, bias, *rest = _arrays(model)
    if not rest:
        return Layers(first, bias)
    second, second_bias = rest
    fed = (first != 0).any(axis=1)
    second_bias = second_bias + second[:, ~fed] @ np.maximum(bias[~fed], 0)
    kept = fed & (second != 0).any(axis=0)
    if not kept.any():
        return Layers(np.zeros((len(second), first.shape[1])), second_bias)
    return Layers(first[kept], bias[kept], second[:, kept], second_bias)


def _arrays(model: SmallModel) -> list[np.ndarray]:
    """Weights and biases of every layer, from input to output, checked."""
    network, dense = model.network, model.network.dense
    if len(dense.hidden) > 1 or (dense.hidden and dense.activation != "relu"):
        raise SettingsError("only networks with one hidden layer of ReLU units, or none, export")
    columns = sum(column.inputs for column in model.columns)
    if columns != dense.inputs or not columns:
        raise SettingsError(f"the columns make {columns} inputs, the network has {dense.inputs}")
    expected = len(model.classes) if len(model.classes) > 2 else 1
    if dense.outputs != expected or len(model.classes) == 1:
        raise SettingsError(f"{dense.outputs} outputs do not fit {len(model.classes)} classes")
    scales = [model.target_scale, *(column.scale for column in model.columns)]
    if not (np.isfinite(scales).all() and min(scales) > 0):
        raise SettingsError("every scale must be a number above 0")
    return _checked(network, dense.layers)


def _checked(network: Network, names: tuple[str, ...]) -> list[np.ndarray]:
    found = []
    for name in names:
        weights = np.asarray(network.params[name], float)
        bias = network.params.get(name.replace("w", "b"), np.zeros(len(weights)))
        found += [weights, np.asarray(bias, float)]
    if not all(np.isfinite(values).all() for values in found):
        raise SettingsError("the network has weights that are no finite numbers")
    return found
