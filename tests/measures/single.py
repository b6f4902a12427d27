"""One network as a list of layers in plain NumPy: what tables of populations are compared with."""

from itertools import product
from typing import NamedTuple

import numpy as np

from lowcap.networks import Fused, Network, PruningRule, Stacked, joined


class Layer(NamedTuple):
    """Weights [units, inputs] and biases."""

    weights: np.ndarray
    bias: np.ndarray


def layers_of(network: Network) -> list[Layer]:
    """The layers of a fully connected network with biases, copied."""
    count = len(network.dense.layers)
    arrays = network.params
    return [Layer(arrays[f"w{n}"].copy(), arrays[f"b{n}"].copy()) for n in range(1, count + 1)]


def answers(layers: list[Layer], x: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Outputs of each hidden layer of ReLU units, and the only logit of each row."""
    hidden = []
    for weights, bias in layers[:-1]:
        x = np.maximum(x @ weights.T + bias, 0)
        hidden.append(x)
    return hidden, (x @ layers[-1].weights.T + layers[-1].bias)[:, 0]


def pruned_by_hand(network: Network, sparsity: float, rule: PruningRule) -> list[Layer]:
    """Copy the network and zero its smallest weights one at a time."""
    layers = layers_of(network)
    matrices = [layer.weights for layer in layers]
    groups = {
        "each layer": [[matrix] for matrix in matrices],
        "first layer": [matrices[:1]],
        "all layers": [matrices],
    }
    for group in groups[rule.scope]:
        places = [(abs(w.flat[i]), g, i) for g, w in enumerate(group) for i in range(w.size)]
        count = rule.count(len(places), sparsity)
        if rule.scope == "each layer" and group[0] is matrices[-1]:
            count = min(count, len(places) - 1)
        for _, g, i in sorted(places)[:count]:
            group[g].flat[i] = 0
    return layers


def linked_by_hand(layers: list[Layer], used: np.ndarray) -> list[np.ndarray]:
    """Of each hidden layer, the units that some path from a used input to the output visits."""
    first, *later = (layer.weights for layer in layers)
    linked = [np.zeros(len(layer.bias), bool) for layer in layers[:-1]]
    for path in product(*(range(len(units)) for units in linked)):
        ends = (*path[1:], 0)
        whole = first[path[0], used].any() and all(
            weights[after, before] != 0
            for weights, before, after in zip(later, path, ends, strict=True)
        )
        if whole:
            for units, unit in zip(linked, path, strict=True):
                units[unit] = True
    return linked


def blocks_by_hand(labels: np.ndarray) -> np.ndarray:
    """The block of each image: dealt out in turn within its class."""
    owner = np.empty(len(labels), int)
    for label in (0, 1):
        owner[labels == label] = np.arange((labels == label).sum()) % 20
    return owner


def rows_of(table, keys):
    """The rows of one member, by its key columns."""
    return table[np.logical_and.reduce([table[name] == value for name, value in keys.items()])]


def stacked_twin(fused: Fused) -> Stacked:
    """The very networks of a fused population whose members have one size."""
    first = fused[0].architecture
    seeds = [member.seed for member in fused.members]
    rates = [member.learning_rate for member in fused.members]
    return joined(first, [network.params for network in fused], seeds, rates, fused.kind)
