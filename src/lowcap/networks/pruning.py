"""Magnitude pruning: which weights of each network survive, exactly k removed, by rank."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from lowcap.errors import SettingsError

Scope = Literal["each layer", "first layer", "all layers"]
"""Where weights are compared: within each layer, in the first layer only, or in all together."""

Layers = Sequence[Float[np.ndarray, "..."]]
"""One network's weights, layer by layer from input to output; biases are never pruned."""


def magnitude_order(values: Float[np.ndarray, "..."]) -> Int[np.ndarray, "..."]:
    """The rank of each value by magnitude, 0 the smallest; ties are broken by position."""
    flat = np.abs(values).ravel()
    ranks = np.empty(flat.size, np.int64)
    ranks[np.argsort(flat, kind="stable")] = np.arange(flat.size)
    return ranks.reshape(values.shape)


def removed(size: int, sparsity: float) -> int:
    """How many of `size` weights a sparsity removes: the nearest whole number."""
    if not 0 <= sparsity <= 1:
        raise SettingsError(f"sparsity {sparsity}: must be a fraction between 0 and 1")
    return round(sparsity * size)


@dataclass(frozen=True)
class PruningRule:
    """Which weights one-shot magnitude pruning compares, and how many it removes.

    A rule that gives each layer its own share always leaves one output weight: rounding would
    otherwise remove the whole output layer of a small network and cut it in two.
    """

    name: str
    scope: Scope
    count: Callable[[int, float], int] = removed
    """How many of n weights a sparsity removes."""


GLOBAL = PruningRule("global", "all layers")
FIRST_LAYER = PruningRule("first layer", "first layer")
ROUNDED = PruningRule("each layer, rounded", "each layer")


class MagnitudeRanks:
    """The magnitude rank of every weight of one network, from which any mask follows.

    Ranks are taken once; a sparsity then costs one comparison.
    """

    def __init__(self, layers: Layers) -> None:
        self._alone = [magnitude_order(layer) for layer in layers]
        together = magnitude_order(np.concatenate([layer.ravel() for layer in layers]))
        ends = np.cumsum([layer.size for layer in layers])[:-1]
        parts = np.split(together, ends)
        self._together = [
            part.reshape(layer.shape) for part, layer in zip(parts, layers, strict=True)
        ]

    def keep(self, sparsity: float, rule: PruningRule = GLOBAL) -> list[Bool[np.ndarray, "..."]]:
        """Masks of the weights that survive, layer by layer.

        Args:
            sparsity: fraction of the weights to remove.
            rule: which weights are compared with one another.
        """
        if rule.scope == "all layers":
            count = rule.count(sum(ranks.size for ranks in self._together), sparsity)
            return [ranks >= count for ranks in self._together]
        masks = []
        for number, ranks in enumerate(self._alone):
            count = rule.count(ranks.size, sparsity)
            if number and rule.scope == "first layer":
                count = 0
            elif number == len(self._alone) - 1:
                count = min(count, ranks.size - 1)
            masks.append(ranks >= count)
        return masks
