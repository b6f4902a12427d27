"""Which columns of a wide matrix belong to which member."""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from lowcap.errors import SettingsError

_FEW_MEMBERS = 16


@dataclass(frozen=True)
class Layout:
    """The hidden units of all members side by side, members in ascending order of hidden size.

    Sorted members of equal size are contiguous, so sums over each member's units are reshapes.
    """

    hidden: tuple[int, ...]
    """Hidden size of each member."""

    def __post_init__(self) -> None:
        if not self.hidden or list(self.hidden) != sorted(self.hidden):
            raise SettingsError("a population needs at least one member, sorted by hidden size")

    @property
    def members(self) -> int:
        """The number of networks."""
        return len(self.hidden)

    @property
    def units(self) -> int:
        """The number of hidden units of all networks together."""
        return sum(self.hidden)

    @cached_property
    def starts(self) -> Int[np.ndarray, " members"]:
        """The first unit of each member."""
        return np.cumsum((0, *self.hidden[:-1]))

    @cached_property
    def owner(self) -> Int[np.ndarray, " units"]:
        """The member that each unit belongs to."""
        return np.repeat(np.arange(self.members), self.hidden)

    def units_of(self, member: int) -> slice:
        """The units of one member."""
        start = int(self.starts[member])
        return slice(start, start + self.hidden[member])

    def sum_units(self, values: Float[Array, "rows units"]) -> Float[Array, "rows members"]:
        """Sum over each member's units."""
        if self.members <= _FEW_MEMBERS:
            # A product with a narrow 0/1 matrix fuses better than many small sums.
            return values @ (self.owner[:, None] == np.arange(self.members)).astype(values.dtype)
        sums, start = [], 0
        for size, same in groupby(self.hidden):
            count = len(list(same))
            block = values[:, start : start + size * count]
            sums.append(block.reshape(len(values), count, size).sum(axis=2))
            start += size * count
        return jnp.concatenate(sums, axis=1)
