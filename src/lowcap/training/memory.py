"""How many networks fit in memory at once."""

import os
from itertools import pairwise

import jax

from lowcap.networks.stacked import Shape

_COPIES = 8
"""Weights, gradient, direction, and optimizer states of a member held at once, at most about."""

_SHARE = 0.5


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


def members_at_once(shape: Shape, rows: int, memory: int | None = None) -> int:
    """How many members of a shape can be trained together, `rows` rows at a time; at least 1."""
    floats = _COPIES * shape.parameters + 4 * rows * sum(b for _, b in pairwise(shape.widths))
    return max(1, (memory_here() if memory is None else memory) // (4 * floats))
