"""Magnitude pruning: which weights of each member survive, exactly k removed, by rank."""

from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool, Float, Int

from lowcap.errors import SettingsError
from lowcap.networks.layout import Layout

Scope = Literal["layer", "global"]
"""Whether each layer loses its own share, or the two layers of a network together."""

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


class MagnitudeRanks:
    """The magnitude rank of every weight of a population, from which any mask follows.

    Ranks are taken once per scope; a sparsity then costs one comparison. Biases are never pruned.
    """

    def __init__(
        self, w1: Array2, w2: Float[np.ndarray, " units"], layout: Layout, scope: Scope
    ) -> None:
        if scope not in get_args(Scope):
            raise SettingsError(f"pruning scope '{scope}': choose {' or '.join(get_args(Scope))}")
        self.layout, self.scope = layout, scope
        self._ranks = []
        for member in range(layout.members):
            units = layout.units_of(member)
            first, second = w1[units], w2[units]
            if scope == "layer":
                ranks = magnitude_order(first), magnitude_order(second)
            else:
                both = magnitude_order(np.concatenate([first.ravel(), second]))
                ranks = both[: first.size].reshape(first.shape), both[first.size :]
            self._ranks.append(ranks)

    def keep(
        self, sparsity: float, count=removed
    ) -> tuple[Bool[np.ndarray, "units pixels"], Bool[np.ndarray, " units"]]:
        """Masks of the weights that survive.

        Args:
            sparsity: fraction of the weights to remove.
            count: how many of n weights that is; `removed` unless a study replays another rule.
        """
        first, second = [], []
        for rank1, rank2 in self._ranks:
            if self.scope == "layer":
                k1, k2 = count(rank1.size, sparsity), count(rank2.size, sparsity)
            else:
                k1 = k2 = count(rank1.size + rank2.size, sparsity)
            first.append(rank1 >= k1)
            second.append(rank2 >= k2)
        return np.concatenate(first), np.concatenate(second)
