"""Exact errors of trained XORD networks, and the bounds of the theorems (1810.03037)."""

from math import exp, pi, sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.stats import binomtest

from lowcap.studies.xor.problem import PATTERNS, POSITIVE, SETS


def outputs(
    w: Float[np.ndarray, "*runs k 2"], u: Float[np.ndarray, "*runs k 2"]
) -> Float[np.ndarray, "*runs 15"]:
    """N of each of the 15 inputs, in double precision."""

    def pooled(filters: np.ndarray) -> np.ndarray:
        answers = np.maximum(filters @ PATTERNS.T, 0)
        return np.where(SETS, answers[..., None, :], 0).max(axis=-1).sum(axis=-2)

    return pooled(w) - pooled(u)


def wrong(values: Float[np.ndarray, "*runs 15"]) -> Bool[np.ndarray, "*runs 15"]:
    """Which inputs are classified wrong: N must be above 0 for label +1, below 0 for -1."""
    return np.where(POSITIVE, values <= 0, values >= 0)


def angles_to(
    filters: Float[np.ndarray, "*runs filters d"],
    directions: Float[np.ndarray, "n d"] | Int[np.ndarray, "n d"],
) -> Float[np.ndarray, "*runs filters"]:
    """The angle in degrees from each filter to the nearest direction; NaN for a zero filter."""
    norms = np.linalg.norm(filters, axis=-1)
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = (filters @ unit.T).max(axis=-1) / norms
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


NEAR = 10.0
"""Degrees. A filter this close to a pattern counts as aligned with it; 2 in 9 random ones are."""


def aligned(
    filters: Float[np.ndarray, "runs filters 2"],
) -> tuple[Float[np.ndarray, " runs"], Float[np.ndarray, " runs"]]:
    """The share of each run's filters within `NEAR` degrees of a pattern; and weighed by norm."""
    near = angles_to(filters, PATTERNS) < NEAR
    norms = np.linalg.norm(filters, axis=2)
    return near.mean(axis=1), (near * norms).sum(axis=1) / norms.sum(axis=1)


def initial_failure(k: int) -> float:
    """c' of the theorems: sqrt(2 k) / (sqrt(pi) e^(8 k)), the chance of large initial filters."""
    return sqrt(2 * k) / sqrt(pi) * exp(-8 * k)


def diverse_chance(points: int, p_plus: float, p_minus: float) -> float:
    """The chance that a training set, half of it positive, is diverse throughout."""
    return (p_plus * p_minus) ** (points / 2)


def large_bound(k: int) -> float:
    """Theorem 4.1, given a diverse training set: zero test error at least this often (k >= 120)."""
    return 1 - initial_failure(k) - 16 * exp(-8)


def small_bound() -> float:
    """Theorem 4.2, given a diverse training set: k = 2 ends at zero training loss with non-zero
    test error at least this often."""
    return (1 - initial_failure(2)) * 33 / 48


def coverage_chance(k: int) -> float:
    """The chance that k random directions include one nearest to each of four patterns."""
    return sum((-1) ** j * (1, 4, 6, 4, 1)[j] * (1 - j / 4) ** k for j in range(5))


class Frequency(NamedTuple):
    """How often something happened, with Wilson's interval."""

    estimate: float
    low: float
    high: float


def frequency(count: int, runs: int) -> Frequency:
    """A frequency with its 95 % Wilson score interval."""
    interval = binomtest(int(count), int(runs)).proportion_ci(0.95, method="wilson")
    return Frequency(count / runs, float(interval.low), float(interval.high))
