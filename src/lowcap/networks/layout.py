"""Which columns of a wide matrix belong to which member."""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import jax.numpy as jnp
import numpy as np
from jax import lax
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

    def sum_units(self, values: Float[Array, "units rows"]) -> Float[Array, "members rows"]:
        """Sum over each member's units."""
        if self.members <= _FEW_MEMBERS:
            # A product with a flat 0/1 matrix fuses better than many small sums.
            return (np.arange(self.members)[:, None] == self.owner).astype(values.dtype) @ values
        alike = [(size, len(list(same))) for size, same in groupby(self.hidden)]
        blocks = lax.split(values, [size * count for size, count in alike])
        sums = [
            block.reshape(count, size, -1).sum(axis=1)
            for (size, count), block in zip(alike, blocks, strict=True)
        ]
        return jnp.concatenate(sums)

    def portions(self, units: int) -> list[Int[np.ndarray, " chosen"]]:
        """Deal the members out into portions of at most about `units` hidden units.

        Portions have the same hidden sizes, and so share compiled code, where up to twice as many
        portions as needed make that possible.
        """
        least = min(-(-self.units // units), self.members)
        everyone = np.arange(self.members)

        def dealt(count: int) -> list[np.ndarray]:
            return [everyone[first::count] for first in range(count)]

        for count in range(least, min(2 * least, self.members) + 1):
            portions = dealt(count)
            if len({tuple(self.hidden[m] for m in portion) for portion in portions}) == 1:
                return portions
        return dealt(least)

    def units_of_all(self, members: Int[np.ndarray, " chosen"]) -> Int[np.ndarray, " units"]:
        """The units of some members, in order."""
        chosen = np.zeros(self.members, bool)
        chosen[members] = True
        return np.flatnonzero(chosen[self.owner])
