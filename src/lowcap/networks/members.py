"""Members: the networks of a population, told apart by their settings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from operator import index
from typing import SupportsIndex

import pandas as pd

from lowcap.errors import SettingsError
from lowcap.given import several


@dataclass(frozen=True)
class Member:
    """One network of a population: one hidden layer of ReLU units, or none."""

    hidden: int
    """Hidden size: the number of ReLU units; 0 for a linear network."""
    learning_rate: float | None = None
    """The optimizer's usual rate unless given. It multiplies the step of an optax optimizer of
    your own, which has a rate already."""
    seed: int = 0
    """Seed of the initial weights. Members that differ in learning rate alone start alike."""
    initialiser: str = "xavier_uniform"

    def __post_init__(self) -> None:
        if self.hidden < 0:
            raise SettingsError(f"hidden size {self.hidden}: must not be negative")
        if self.learning_rate is not None and not self.learning_rate > 0:
            raise SettingsError(f"learning rate {self.learning_rate}: must be above 0")
        if self.seed < 0:
            raise SettingsError(f"seed {self.seed}: must not be negative")


def grid(
    hidden: SupportsIndex | Iterable[int],
    learning_rate: float | Iterable[float | None] | None = (None,),
    seed: SupportsIndex | Iterable[int] = (0,),
    initialiser: str | Iterable[str] = ("xavier_uniform",),
) -> list[Member]:
    """Every combination of the given settings, each one value or several, sorted by hidden size.

    Example:
        >>> len(grid(hidden=[2, 4, 8], learning_rate=[0.01, 0.1], seed=range(5)))
        30
        >>> grid(hidden=8)
        [Member(hidden=8, learning_rate=None, seed=0, initialiser='xavier_uniform')]
    """
    sizes, seeds = (list(map(index, several(given))) for given in (hidden, seed))
    settings = sizes, several(learning_rate), seeds, several(initialiser)
    members = [Member(*combination) for combination in product(*settings)]
    if not members:
        raise SettingsError("the grid is empty: give at least one value for every setting")
    return in_order(members)


def in_order(members: Iterable[Member]) -> list[Member]:
    """Members sorted by hidden size, then by their other settings."""
    return sorted(members, key=lambda m: (m.hidden, m.learning_rate or 0, m.seed, m.initialiser))


def hidden_sizes(members: Sequence[Member]) -> tuple[int, ...]:
    """The hidden size of each member, in order."""
    return tuple(member.hidden for member in members)


def key_table(members: Sequence[Member]) -> pd.DataFrame:
    """The columns that tell members apart: `hidden, learning_rate, seed`."""
    return pd.DataFrame(
        {
            "hidden": [member.hidden for member in members],
            "learning_rate": [member.learning_rate for member in members],
            "seed": [member.seed for member in members],
        }
    )
