"""Which rows of the joined weight matrices belong to which member."""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np
from jaxtyping import Int

from lowcap.errors import SettingsError
from lowcap.networks.mixing import Alike


@dataclass(frozen=True)
class Layout:
    """The units of all members one below the other, members in ascending order of hidden size.

    Sorted members of equal size are contiguous, so sums over each member's units are reshapes.
    Members without a hidden layer come first; their rows of the first matrix are their outputs.
    """

    hidden: tuple[int, ...]
    """Hidden size of each member; 0 for a linear network."""
    outputs: int = 1
    """Outputs of each member."""

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
    def linear(self) -> int:
        """The number of networks without a hidden layer."""
        return self.hidden.count(0)

    @property
    def lines(self) -> int:
        """Rows of the first matrix that are outputs of networks without a hidden layer."""
        return self.linear * self.outputs

    @cached_property
    def starts(self) -> Int[np.ndarray, " members"]:
        """The first hidden unit of each member."""
        return np.cumsum((0, *self.hidden[:-1]))

    @cached_property
    def owner(self) -> Int[np.ndarray, " units"]:
        """The member that each hidden unit belongs to."""
        return np.repeat(np.arange(self.members), self.hidden)

    @cached_property
    def row_owner(self) -> Int[np.ndarray, " first"]:
        """The member that each row of the first matrix belongs to."""
        return np.concatenate([np.repeat(np.arange(self.linear), self.outputs), self.owner])

    def units_of(self, member: int) -> slice:
        """The hidden units of one member."""
        start = int(self.starts[member])
        return slice(start, start + self.hidden[member])

    def rows_of(self, member: int) -> slice:
        """The rows of the first matrix of one member."""
        if self.hidden[member] == 0:
            return slice(member * self.outputs, (member + 1) * self.outputs)
        units = self.units_of(member)
        return slice(units.start + self.lines, units.stop + self.lines)

    @cached_property
    def alike(self) -> list[Alike]:
        """Hidden sizes with the number of members of each, in order; without linear members."""
        return [Alike(size, len(list(same))) for size, same in groupby(self.hidden) if size]

    def portions(self, units: int, *, of_one_size: bool = False) -> list[np.ndarray]:
        """Deal the members out into portions of at most about `units` hidden units.

        Portions have the same hidden sizes, and so share compiled code, where up to twice as many
        portions as needed make that possible.

        Args:
            units: hidden units of a portion, about.
            of_one_size: whether a portion may hold members of one hidden size only.
        """
        if of_one_size:
            sizes = np.asarray(self.hidden)
            dealt = []
            for size in np.unique(sizes):
                where = np.flatnonzero(sizes == size)
                count = -(-len(where) * max(int(size), 1) // units)
                dealt += np.array_split(where, min(count, len(where)))
            return dealt
        least = min(-(-self.units // units), self.members) or 1
        everyone = np.arange(self.members)
        ends = np.cumsum([self.linear, *(count for _, count in self.alike)])
        for count in range(least, min(2 * least, self.members) + 1):
            if not (ends % count).any():  # the members of each size can be dealt out evenly
                return [everyone[first::count] for first in range(count)]
        return [everyone[first::least] for first in range(least)]

    def of(self, members: Int[np.ndarray, " some"]) -> "Layout":
        """The layout of some of the members alone."""
        return Layout(tuple(self.hidden[member] for member in members), self.outputs)

    def all_units_of(self, members: Int[np.ndarray, " some"]) -> Int[np.ndarray, " units"]:
        """The hidden units of some members, in order."""
        return self._rows(members, self.starts, self._sizes)

    def all_rows_of(self, members: Int[np.ndarray, " some"]) -> Int[np.ndarray, " first"]:
        """The rows of the first matrix of some members, in order."""
        linear = self._sizes == 0
        starts = np.where(linear, np.arange(self.members) * self.outputs, self.starts + self.lines)
        return self._rows(members, starts, np.where(linear, self.outputs, self._sizes))

    @cached_property
    def _sizes(self) -> Int[np.ndarray, " members"]:
        return np.asarray(self.hidden)

    @staticmethod
    def _rows(
        members: Int[np.ndarray, " some"],
        starts: Int[np.ndarray, " members"],
        counts: Int[np.ndarray, " members"],
    ) -> Int[np.ndarray, " rows"]:
        """The rows of some members, of which each has so many from its start on."""
        some = np.unique(members)
        count = counts[some]
        before = np.cumsum(count) - count
        return np.repeat(starts[some] - before, count) + np.arange(count.sum())
