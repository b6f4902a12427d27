"""Magnitude pruning: which weights of each member survive, exactly k removed, by rank."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from lowcap.errors import SettingsError
from lowcap.networks.layout import Layout

Scope = Literal["each layer", "first layer", "both layers"]
"""Where weights are compared: within each layer, in the first layer only, or in both together."""

Array2 = Float[np.ndarray, "units pixels"]


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


GLOBAL = PruningRule("global", "both layers")
FIRST_LAYER = PruningRule("first layer", "first layer")
ROUNDED = PruningRule("each layer, rounded", "each layer")


class MagnitudeRanks:
    """The magnitude rank of every weight of a population, from which any mask follows.

    Ranks are taken once; a sparsity then costs one comparison. Biases are never pruned.
    """

    def __init__(self, w1: Array2, w2: Float[np.ndarray, " units"], layout: Layout) -> None:
        self.layout = layout
        self._layers, self._both = [], []
        for member in range(layout.members):
            units = layout.units_of(member)
            first, second = w1[units], w2[units]
            self._layers.append((magnitude_order(first), magnitude_order(second)))
            both = magnitude_order(np.concatenate([first.ravel(), second]))
            self._both.append((both[: first.size].reshape(first.shape), both[first.size :]))

    def keep(
        self, sparsity: float, rule: PruningRule = GLOBAL
    ) -> tuple[Bool[np.ndarray, "units pixels"], Bool[np.ndarray, " units"]]:
        """Masks of the weights that survive, of the first and of the output layer.

        Args:
            sparsity: fraction of the weights to remove.
            rule: which weights are compared with one another.
        """
        first, second = [], []
        for rank1, rank2 in self._both if rule.scope == "both layers" else self._layers:
            if rule.scope == "both layers":
                k1 = k2 = rule.count(rank1.size + rank2.size, sparsity)
            else:
                k1 = rule.count(rank1.size, sparsity)
                k2 = min(rule.count(rank2.size, sparsity), rank2.size - 1)
            first.append(rank1 >= k1)
            second.append(rank2 >= (0 if rule.scope == "first layer" else k2))
        return np.concatenate(first), np.concatenate(second)
