"""Magnitude pruning: which weights of each network survive, exactly k removed, by rank."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float

from lowcap.errors import SettingsError

Scope = Literal["each layer", "first layer", "all layers"]
"""Where weights are compared: within each layer, in the first layer only, or in all together."""

Layers = Sequence[Float[np.ndarray, "..."]]
"""One network's weights, layer by layer from input to output; biases are never pruned."""


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
    """One network's weights by magnitude, from which any mask follows.

    Magnitudes are sorted once for each way to compare them; a sparsity then costs one comparison.
    """

    def __init__(self, layers: Layers) -> None:
        self._layers = [np.abs(layer) for layer in layers]

    @cached_property
    def _alone(self) -> "list[_Sorted]":
        return [_Sorted(layer.ravel()) for layer in self._layers]

    @cached_property
    def _together(self) -> "_Sorted":
        return _Sorted(np.concatenate([layer.ravel() for layer in self._layers]))

    def keep(self, sparsity: float, rule: PruningRule = GLOBAL) -> list[Bool[np.ndarray, "..."]]:
        """Masks of the weights that survive, layer by layer.

        Args:
            sparsity: fraction of the weights to remove.
            rule: which weights are compared with one another.
        """
        sizes = [layer.size for layer in self._layers]
        if rule.scope == "all layers":
            kept = self._together.without_smallest(rule.count(sum(sizes), sparsity))
            flat = np.split(kept, np.cumsum(sizes)[:-1])
        else:
            flat = [
                self._alone[number].without_smallest(self._count(number, sparsity, rule))
                for number in range(len(sizes))
            ]
        return [mask.reshape(layer.shape) for mask, layer in zip(flat, self._layers, strict=True)]

    def _count(self, number: int, sparsity: float, rule: PruningRule) -> int:
        """How many weights of a layer go if layers are not compared with one another."""
        size = self._layers[number].size
        count = rule.count(size, sparsity)
        if number and rule.scope == "first layer":
            return 0
        return min(count, size - 1) if number == len(self._layers) - 1 else count


class _Sorted:
    """Magnitudes as they are, and sorted: far quicker than to sort their places by them."""

    def __init__(self, magnitudes: Float[np.ndarray, " weights"]) -> None:
        self._magnitudes, self._sorted = magnitudes, np.sort(magnitudes)

    def without_smallest(self, count: int) -> Bool[np.ndarray, " weights"]:
        """False for exactly so many of the smallest, of equal ones the first; NaN is largest."""
        if count == 0:
            return np.ones(len(self._magnitudes), bool)
        most = self._sorted[count - 1]
        if np.isnan(most):
            equal, keep = np.isnan(self._magnitudes), np.zeros(len(self._magnitudes), bool)
        else:
            equal, keep = self._magnitudes == most, ~(self._magnitudes <= most)
        smaller = int(np.searchsorted(self._sorted, most))
        keep[np.flatnonzero(equal)[count - smaller :]] = True
        return keep
