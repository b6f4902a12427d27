"""How the networks of arXiv 2507.16278 are trained: as its code did, and as its text says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from lowcap.data import Split, Task
from lowcap.networks import (
    FIRST_LAYER,
    GLOBAL,
    ROUNDED,
    Fused,
    Member,
    PruningRule,
    assemble,
    initialise,
    replay_normal,
)
from lowcap.studies.low_capacity.settings import PAPER_HIDDEN

_REPLAY_ORDER = ("0-1", "1-7", "4-9", "3-8", "5-6")
"""The order in which the released code trains the pairs, hence draws their weights."""


@dataclass(frozen=True)
class Protocol:
    """How networks are trained and scored."""

    name: str
    summary: str
    own_seeds: tuple[int, ...]
    """The seeds that come first..."""
    first_seed: int
    """...and the number from which on further ones are counted."""
    initialiser: str
    batch_size: int | None
    split: Callable[[Task, int], Split]
    initial: Callable[[Task, Sequence[Member]], Fused]
    score: str
    """The column of the capacity table that its claims are about."""
    scored_split: str
    """The split on which its pruned and corrupted networks are scored."""
    score_name: str
    pruning: PruningRule
    """The rule that its pruning claims are read by first."""
    plateau: bool = False
    """Whether training has a floor of gradient steps and goes on while validation loss falls."""

    def seeds(self, count: int) -> tuple[int, ...]:
        """The first so many seeds; there is no last one."""
        more = range(self.first_seed, self.first_seed + count)
        return (*self.own_seeds, *more)[:count]


def balanced_split(task: Task, seed: int) -> Split:
    """The released code's split: down-sample to the rarer class, shuffle, then 80/20."""
    rng = np.random.default_rng(seed)
    of_class = [np.flatnonzero(task.y == label) for label in (0, 1)]
    count = min(map(len, of_class))
    balanced = np.concatenate([rng.choice(where, size=count, replace=False) for where in of_class])
    return task.divide(balanced[rng.permutation(len(balanced))], seed)


@lru_cache(maxsize=4)
def _replayed(seed: int, pixels: int):
    return replay_normal(seed, pixels, PAPER_HIDDEN, _REPLAY_ORDER)


def published_initial(task: Task, members: Sequence[Member]) -> Fused:
    """The released code's initial weights, draw for draw.

    Its generator runs through all sizes and pairs. Sizes and pairs that it never drew get a
    stream of their own: normal with standard deviation 0.1, from the member's seed and size.
    """
    pixels = task.inputs
    own = initialise(members, pixels)
    weights = []
    for index, member in enumerate(members):
        replayed = _replayed(member.seed, pixels)
        network = own[index]
        fallback = network.w1, network.w2[0]
        weights.append(replayed.get((member.hidden, task.id), fallback))
    return assemble(members, weights)


def corrected_initial(task: Task, members: Sequence[Member]) -> Fused:
    """Xavier-uniform weights, from each member's seed and size."""
    return initialise(members, task.inputs)


LISTING = PruningRule("listing C.1", "each layer", lambda size, sparsity: int(sparsity * size))
"""The paper's listing C.1 as printed: each layer loses int(p n) of its n weights."""

RELEASED = PruningRule(
    "released code", "each layer", lambda size, sparsity: int(sparsity / 100 * size)
)
"""What the released code does: it divides the percentage by 100 twice, so that 95 % zeroes 0.95 %
of a layer, rounded down."""

PRUNING_RULES = (LISTING, GLOBAL, FIRST_LAYER, ROUNDED)
"""Every reading of "remove the smallest 95 %"; none of them makes the story alone."""

_PUBLISHED = Protocol(
    "published",
    "what the released code does, with its author's own seeds, replayed draw for draw: classes "
    "balanced, 100 full-batch gradient steps, N(0, 0.1) weights; F1 is the best of any epoch on "
    "the training data",
    (0, 42, 78),
    1000,
    "normal_01",
    None,
    balanced_split,
    published_initial,
    "train_f1_best",
    "val",
    "best training F1",
    LISTING,
)

PROTOCOLS = {
    "published": _PUBLISHED,
    "replicated": replace(
        _PUBLISHED,
        name="replicated",
        summary="the same procedure with fresh seeds, which carries the verdict on the procedure",
        own_seeds=(),
        first_seed=2000,
    ),
    "corrected": Protocol(
        "corrected",
        "what the paper describes, done properly: mini-batch SGD to a plateau of the validation "
        "loss (batch 128), Xavier-uniform weights; F1 on test data at the end",
        (),
        0,
        "xavier_uniform",
        128,
        lambda task, seed: task.split(seed),
        corrected_initial,
        "test_f1",
        "test",
        "test F1",
        GLOBAL,
        plateau=True,
    ),
}


def protocols_of(table: pd.DataFrame) -> list[str]:
    """The protocols that have rows, in the order of the study."""
    present = set(table["protocol"].unique())
    return [name for name in PROTOCOLS if name in present]


def by_protocol(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each protocol, in the order of the study."""
    return {name: of_protocol(table, name) for name in protocols_of(table)}


def of_protocol(table: pd.DataFrame, protocol: str) -> pd.DataFrame:
    """The rows of one protocol."""
    return table[(table["protocol"] == protocol).to_numpy()]
