"""How many members train together: what fits into memory and, on a CPU, its caches."""

import jax
import numpy as np
from jaxtyping import Int

from lowcap.errors import SettingsError
from lowcap.memory import allowed, in_words, share_of_free
from lowcap.networks import Architecture, parameters
from lowcap.shown import counted

_COPIES = 8
"""Weights, gradient, direction, and optimizer states of a member held at once, at most about."""

_SHARE = 0.5

_WHOLE = 3.2
"""Copies of all weights of a population at once: as they start, as they end, and what the system
has not taken back of how they were made (measured: 3.0 for 100,000 networks of 64 units)."""

_SCORES = 96
"""Bytes of one member's losses and scores of one epoch, as they are and as they are put together.
"""

_ORDER = 8
"""Bytes of one row's place in one epoch: as all rows are shuffled, and padded."""

_ACTIVE = 2**30
"""Bytes that members that train together on a CPU take at most. Fixed, as portions decide the last
digits: they must not depend on what a machine has free just now."""

_PORTION = 2**26
"""Bytes that one portion of a fused population takes on a CPU, at most about."""

_IN_CACHE = 3 * 2**20
"""Bytes of weights that train together on a CPU: with more, it waits for memory."""


def memory_here() -> int:
    """Bytes that one portion may take: of its own memory on a device, of a fixed size on a CPU."""
    statistics = jax.local_devices()[0].memory_stats() or {}
    return int(statistics["bytes_limit"] * _SHARE) if "bytes_limit" in statistics else _ACTIVE


def check_memory(
    members: int,
    weights: int,
    epochs: int,
    rows: int = 0,
    *,
    data: int = 0,
    limit: int | None = None,
) -> None:
    """Refuse a training that cannot fit, before anything is made for it.

    Portions do not help there: all weights and scores are given back together.

    Args:
        members: how many there are.
        weights: of all of them together.
        epochs: for each of which every member is scored.
        rows: whose order is noted for every epoch; 0 where they stay in their order.
        data: bytes that are held beside.
        limit: bytes that it may take, unless given what this process may take.

    Raises:
        SettingsError: it needs more than it may take.
    """
    limit = limit or allowed() or share_of_free(1)
    once = _PORTION + data + _ORDER * epochs * rows
    needed = _WHOLE * 4 * weights + _SCORES * epochs * members + once
    if needed > limit:
        fitting = int(members * (limit - once) / (needed - once))
        rather = f"at most {fitting:,} at a time" if fitting > 0 else "smaller ones or fewer epochs"
        raise SettingsError(
            f"{counted(members, 'network')} with {weights:,} weights and "
            f"{counted(epochs, 'epoch')} of scores would "
            f"need {in_words(needed)}, and may take {in_words(limit)}: try {rather}, or allow "
            "more with --memory or LOWCAP_MEMORY"
        )


def weights_at_once() -> int:
    """How many weights of single precision to train together."""
    return _IN_CACHE // 4 if jax.default_backend() == "cpu" else 2**40


def members_at_once(architecture: Architecture, rows: int, memory: int | None = None) -> int:
    """How many members to train together, `rows` rows at a time; at least 1."""
    weights = parameters(architecture)
    floats = _COPIES * weights + 4 * rows * (architecture.units + architecture.outputs)
    fitting = (memory_here() if memory is None else memory) // (4 * floats)
    return max(1, min(fitting, weights_at_once() // weights))


def units_at_once(columns: int, rows: int, at_most: int, memory: int | None = None) -> int:
    """How many rows of the joined first layer to train together; at least 1.

    Args:
        columns: weights of each.
        rows: images that go through a product together.
        at_most: more than so many weights are slower.
        memory: bytes that they may take.
    """
    fitting = (memory_here() if memory is None else memory) // (4 * (_COPIES * columns + 4 * rows))
    return max(1, min(at_most // columns, fitting))


def portions(members: int, at_once: int) -> list[Int[np.ndarray, " some"]]:
    """Members in portions of at most `at_once`, of one size where a divisor is near.

    Portions of one size share compiled code.
    """
    least = -(-members // at_once)
    count = next((n for n in range(least, 2 * least + 1) if members % n == 0), least)
    return np.array_split(np.arange(members), count)
