"""The XORD problem's inputs written out as vectors of signs, for plain loops to compare with."""

import numpy as np
from jaxtyping import Int

from lowcap.studies.xor.problem import PATTERNS, SETS


def explicit(
    inputs: Int[np.ndarray, " points"], pairs: int, generator: np.random.Generator
) -> Int[np.ndarray, "points pairs 2"]:
    """Vectors of signs that hold exactly the patterns of the given inputs, otherwise at random.

    Args:
        inputs: numbers of inputs, rows of `SETS`.
        pairs: d, at least 4.
        generator: for the order and the repetitions.
    """
    rows = []
    for number in inputs:
        held = np.flatnonzero(SETS[number])
        repeated = generator.choice(held, pairs - len(held))
        rows.append(PATTERNS[generator.permutation(np.concatenate([held, repeated]))])
    return np.stack(rows)
