"""How fast weights go, where they do not go at once."""

from collections.abc import Sequence
from math import ceil, log

SETTLED = 0.7
"""The share of the retraining after which gradual pruning has reached its sparsity."""


def round_sparsities(levels: Sequence[float], share: float) -> list[float]:
    """The sparsity of every round of iterative pruning, up to the highest level.

    Each round removes the same share of what is left (Frankle and Carbin, 2019, sec. 2), a little
    more or less where that makes a round end exactly at a level.

    Example:
        >>> round_sparsities([0.5, 0.9], share=0.2)
        [0.2, 0.36, 0.5, 0.5904, 0.67232, 0.737856, 0.7902848, 0.83222784, 0.865782272, 0.9]
    """
    rounds = max(1, round(log(1 - max(levels)) / log(1 - share)), len(levels))
    found = [1 - (1 - share) ** number for number in range(1, rounds + 1)]
    free = set(range(rounds))
    for level in sorted(levels, reverse=True):
        nearest = min(free, key=lambda n: abs(log(1 - found[n]) - log(1 - level)))
        found[nearest] = level
        free.remove(nearest)
    return sorted(found)


def gradual_sparsities(level: float, epochs: int) -> list[float]:
    """The sparsity before every epoch of gradual pruning, by a cubic schedule.

    Fast at first and ever slower (Zhu and Gupta, 2017, eq. 1), then rest for the last epochs.
    """
    last = max(1, ceil(SETTLED * epochs))
    return [level * (1 - (1 - min(1, epoch / last)) ** 3) for epoch in range(1, epochs + 1)]
