"""The XORD problem (1810.03037, sec. 3), as 15 inputs that a pooled network tells apart.

An input is d pairs of signs; its label is +1 if some pair is (1, 1) or (-1, -1). A network that
pools over pairs sees only which of the four patterns occur, so there are 15 different inputs, a
training set is a weighting of them, and an expectation is a sum of 15 terms, whatever d is.
"""

from itertools import product

import numpy as np
from jaxtyping import Bool, Float

from lowcap.errors import SettingsError

PATTERNS = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]])
"""p1 to p4; p3 = -p1 and p4 = -p2."""

SETS: Bool[np.ndarray, "15 4"] = np.array(
    [held for held in product([True, False], repeat=4) if any(held)]
)
"""Which patterns each of the 15 inputs holds; the first holds all four."""

POSITIVE: Bool[np.ndarray, " 15"] = SETS[:, 0] | SETS[:, 2]
"""The inputs with label +1: those that hold p1 or p3."""

DIVERSE_POSITIVE = 0
DIVERSE_NEGATIVE = int(np.flatnonzero((np.array([[0, 1, 0, 1]]) == SETS).all(axis=1))[0])
"""The positive input that holds all patterns, and the negative one that holds p2 and p4."""


def distribution(p_plus: float, p_minus: float) -> Float[np.ndarray, " 15"]:
    """The probability of each of the 15 inputs.

    Both labels have probability 1/2. Given the label, the diverse input (the one that holds all
    the patterns its label allows) has probability p+ or p-; the label's other inputs share the
    rest equally.

    Raises:
        SettingsError: p+ or p- is not between 0 and 1.
    """
    for p in (p_plus, p_minus):
        if not 0 <= p <= 1:
            raise SettingsError(f"probability {p}: must be between 0 and 1")
    weights = np.where(
        POSITIVE, (1 - p_plus) / (POSITIVE.sum() - 1), (1 - p_minus) / ((~POSITIVE).sum() - 1)
    )
    weights[DIVERSE_POSITIVE], weights[DIVERSE_NEGATIVE] = p_plus, p_minus
    return weights / 2


def diverse_training_set() -> Float[np.ndarray, " 15"]:
    """Weights of the 15 inputs in a training set of diverse points only, half of them positive.

    They are the same for every size of training set.
    """
    weights = np.zeros(len(SETS))
    weights[[DIVERSE_POSITIVE, DIVERSE_NEGATIVE]] = 0.5
    return weights


def training_sets(
    runs: int, points: int, p_plus: float, p_minus: float, generator: np.random.Generator
) -> Float[np.ndarray, "runs 15"]:
    """Weights of the 15 inputs in random training sets, half of whose points are positive.

    Points are sampled from `distribution`.

    Raises:
        SettingsError: the number of points is not even and positive.
    """
    if points < 2 or points % 2:
        raise SettingsError(f"{points} training points: must be even and at least 2")
    probabilities = 2 * distribution(p_plus, p_minus)
    counts = np.zeros((runs, len(SETS)))
    for label in (POSITIVE, ~POSITIVE):
        counts[:, label] = generator.multinomial(points // 2, probabilities[label], size=runs)
    return counts / points
