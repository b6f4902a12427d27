"""How many members train together: what fits into memory and, on a CPU, its caches."""

import os

import jax
import numpy as np
from jaxtyping import Int

from lowcap.networks import Architecture, parameters

_COPIES = 8
"""Weights, gradient, direction, and optimizer states of a member held at once, at most about."""

_SHARE = 0.5

_IN_CACHE = 3 * 2**20
"""Bytes of weights that train together on a CPU: with more, it waits for memory."""


def memory_here() -> int:
    """Bytes that one process may take: the device's, or its share of the machine's."""
    statistics = jax.devices()[0].memory_stats() or {}
    if "bytes_limit" in statistics:
        return int(statistics["bytes_limit"] * _SHARE)
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):  # not on every system
        whole = 4 << 30
    return int(whole * _SHARE / (os.cpu_count() or 1))


def weights_at_once() -> int:
    """How many weights of single precision to train together."""
    return _IN_CACHE // 4 if jax.default_backend() == "cpu" else 2**40


def members_at_once(architecture: Architecture, rows: int, memory: int | None = None) -> int:
    """How many members to train together, `rows` rows at a time; at least 1."""
    weights = parameters(architecture)
    floats = _COPIES * weights + 4 * rows * (architecture.units + architecture.outputs)
    fitting = (memory_here() if memory is None else memory) // (4 * floats)
    return max(1, min(fitting, weights_at_once() // weights))


def portions(members: int, at_once: int) -> list[Int[np.ndarray, " some"]]:
    """Members in portions of at most `at_once`, of one size where a divisor is near.

    Portions of one size share compiled code.
    """
    least = -(-members // at_once)
    count = next((n for n in range(least, 2 * least + 1) if members % n == 0), least)
    return np.array_split(np.arange(members), count)
