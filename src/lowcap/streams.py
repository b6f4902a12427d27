"""Random streams by name: the one place where generators are made."""

import hashlib

import numpy as np


def stream(name: str, *keys: int | str) -> np.random.Generator:
    """A generator of its own for one purpose and its keys.

    The name and the keys are hashed together with their types and lengths, so that no two
    different calls share a stream. NumPy's own way, `default_rng([0, 1])`, takes `[0, 1]` and
    `[0, 1, 0]` for the same.

    Args:
        name: what the numbers are for, such as "batch order". Every use has its own name.
        keys: what tells the draws of one use apart, such as a seed and a hidden size.

    Example:
        >>> stream("batch order", 3).integers(10, size=4)
        array([...])
    """
    return np.random.default_rng(seed_of(name, *keys))


def seed_of(name: str, *keys: int | str) -> int:
    """The 128-bit seed behind `stream`."""
    digest = hashlib.sha256()
    for part in (name, *keys):
        kind = b"s" if isinstance(part, str) else b"i"
        encoded = str(part if isinstance(part, str) else int(part)).encode()
        digest.update(kind + len(encoded).to_bytes(8, "big") + encoded)
    return int.from_bytes(digest.digest()[:16], "big")


def state_of(name: str, *keys: int | str) -> int:
    """A 32-bit seed of the same kind, for libraries that take a `random_state`."""
    return seed_of(name, *keys) % 2**32
