"""Members: the networks of a population, told apart by their settings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from lowcap.errors import SettingsError


@dataclass(frozen=True)
class Member:
    """One network of a population: one hidden layer of ReLU units and a sigmoid output."""

    hidden: int
    """Hidden size: the number of ReLU units."""
    learning_rate: float | None = None
    """A factor on the optimizer's step: the learning rate of plain gradient descent, for which it
    is 0.03 unless given. An optimizer of optax has a rate of its own, and keeps it unless given."""
    seed: int = 0
    """Seed of the initial weights. Members that differ in learning rate alone start alike."""
    initialiser: str = "xavier_uniform"

    def __post_init__(self) -> None:
        if self.hidden < 1:
            raise SettingsError(f"hidden size {self.hidden}: must be at least 1")
        if self.learning_rate is not None and not self.learning_rate > 0:
            raise SettingsError(f"learning rate {self.learning_rate}: must be above 0")
        if self.seed < 0:
            raise SettingsError(f"seed {self.seed}: must not be negative")


def grid(
    hidden: Iterable[int],
    learning_rate: Iterable[float | None] = (None,),
    seed: Iterable[int] = (0,),
    initialiser: Iterable[str] = ("xavier_uniform",),
) -> list[Member]:
    """Every combination of the given settings, sorted by hidden size.

    Example:
        >>> len(grid(hidden=[2, 4, 8], learning_rate=[0.01, 0.1], seed=range(5)))
        30
    """
    members = [Member(*settings) for settings in product(hidden, learning_rate, seed, initialiser)]
    if not members:
        raise SettingsError("the grid is empty: give at least one value for every setting")
    return in_order(members)


def in_order(members: Iterable[Member]) -> list[Member]:
    """Members sorted by hidden size, then by their other settings."""
    return sorted(members, key=lambda m: (m.hidden, m.learning_rate or 0, m.seed, m.initialiser))


def hidden_sizes(members: Sequence[Member]) -> tuple[int, ...]:
    """The hidden size of each member, in order."""
    return tuple(member.hidden for member in members)
