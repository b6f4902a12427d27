"""The pooled two-dimensional network of 1810.03037 (eq. 1): random initial filters, and exact ones.

N(x) = sum over i <= k of max_j relu(w_i . x_j) - max_j relu(u_i . x_j), without biases, the second
layer fixed at +1 for the positive filters w and -1 for the negative ones u.
"""

import numpy as np
from jaxtyping import Bool, Float, Int

from lowcap.studies.xor.problem import PATTERNS


def draw_filters(
    runs: int, k: int, deviation: float, generator: np.random.Generator
) -> tuple[Float[np.ndarray, "runs k 2"], Float[np.ndarray, "runs k 2"]]:
    """Initial filters N(0, deviation^2), positive ones and negative ones."""
    return (
        generator.normal(0, deviation, (runs, k, 2)),
        generator.normal(0, deviation, (runs, k, 2)),
    )


OCTANTS = 8
"""Sectors of the plane that tell apart which pattern is nearest to a filter, and which second."""


def draw_in_octants(
    starts: Int[np.ndarray, " starts"], deviation: float, generator: np.random.Generator
) -> tuple[Float[np.ndarray, "starts 2 2"], Float[np.ndarray, "starts 2 2"]]:
    """Initial filters N(0, deviation^2) of networks with k = 2, each in a given octant.

    Args:
        starts: from 0 to 8^4 - 1; its four digits in base 8 are the octants of the two positive
            and the two negative filters.
        deviation: standard deviation of every entry.
        generator: for lengths and angles, which are those of a normal sample in that octant.
    """
    digits = starts[:, None] // OCTANTS ** np.arange(4) % OCTANTS
    angles = (digits + generator.uniform(size=digits.shape)) * 2 * np.pi / OCTANTS
    lengths = generator.rayleigh(deviation, digits.shape)
    both = lengths[..., None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return both[:, :2], both[:, 2:]


def nearest_patterns(filters: Float[np.ndarray, "*runs filters 2"]) -> np.ndarray:
    """The pattern, 0 to 3, that each filter is closest to in angle."""
    return (filters @ PATTERNS.T).argmax(axis=-1)


def covered(filters: Float[np.ndarray, "runs filters 2"]) -> Bool[np.ndarray, " runs"]:
    """Whether every pattern has some filter that is closest to it."""
    nearest = nearest_patterns(filters)
    return np.all([(nearest == pattern).any(axis=1) for pattern in range(4)], axis=0)


def found(
    w: Float[np.ndarray, "runs k 2"], u: Float[np.ndarray, "runs k 2"]
) -> Bool[np.ndarray, " runs"]:
    """Whether training will align filters of the right sign with all four patterns.

    The positive filters learn p1 and p3 if for each of these some filter starts nearest to it. A
    negative filter that starts nearest to p1 or p3 is turned away from it, towards p2 or p4,
    whichever has the larger product with it. So the negative filters learn p2 and p4 if some start
    with a positive product with p2 and some with a negative one, wherever they start otherwise.
    """
    nearest, leaning = nearest_patterns(w), u @ PATTERNS[1]
    positive = (nearest == 0).any(axis=1) & (nearest == 2).any(axis=1)
    return positive & (leaning > 0).any(axis=1) & (leaning < 0).any(axis=1)


def constructed(
    gamma: float = 1.0,
) -> tuple[Float[np.ndarray, "k 2"], Float[np.ndarray, "k 2"]]:
    """A network with k = 2 without error: positive filters on p1 and p3, negative on p2 and p4.

    With a the scale of the positive filters, an input that holds p1 or p3 has N >= 2 a - 2, which
    is gamma; any other has N <= -1.
    """
    return PATTERNS[[0, 2]] * (gamma + 2) / 2, PATTERNS[[1, 3]] * 0.5
