"""Simulated tables whose truth is known, with the spread of a real run.

A table of scores is cell means plus what each seed adds to them. A simulated run has means that
we set, and seeds that differ as the real ones do: each simulated seed's deviations are a random
combination of all real seeds' deviations, which is a draw from the normal distribution with
exactly their covariance, over tasks, sizes, sparsities and all else at once.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float


class Spread:
    """One table's means and deviations, from which like tables are drawn.

    Args:
        table: the real table, one row per combination of `keys` and replicate.
        values: the columns to simulate.
        replicate: the column of independent repetitions, such as the seed.
        keys: the columns that tell apart what is measured on each replicate.
    """

    def __init__(
        self, table: pd.DataFrame, values: Sequence[str], keys: Sequence[str],
        replicate: str = "seed",
    ) -> None:  # fmt: skip
        self.values, self.keys, self.replicate = list(values), list(keys), replicate
        square = table.pivot_table(index=replicate, columns=self.keys, values=self.values)
        self.replicates = square.index.to_numpy()
        self.means = square.mean(axis=0)
        """By value and keys: a Series whose first index level is the value's name."""
        self._deviations = (square - self.means).fillna(0.0).to_numpy()

    def draw(
        self,
        generator: np.random.Generator,
        means: pd.Series,
        shift: Float[np.ndarray, " _"] | float = 0.0,
    ) -> pd.DataFrame:
        """One simulated table with these true means; `shift` is added to every replicate."""
        n = len(self._deviations)
        mix = generator.standard_normal((n, n)) / np.sqrt(max(n - 1, 1))
        drawn = means.to_numpy() + mix @ self._deviations + shift
        square = pd.DataFrame(drawn, index=self.replicates, columns=self.means.index)
        square.index.name = self.replicate
        long = square.stack(level=list(range(1, 1 + len(self.keys))), future_stack=True)  # noqa: PD013
        return long.reset_index()


def solve(
    effect: Callable[[float], float],
    target: float,
    low: float,
    high: float,
    tolerance: float = 1e-9,
) -> float:
    """The shift at which an increasing or decreasing effect of it has a target value.

    Raises:
        ValueError: no shift between the limits gives the target.
    """
    from scipy.optimize import brentq

    root: Any = brentq(lambda shift: effect(shift) - target, low, high, xtol=tolerance)
    return float(root)
