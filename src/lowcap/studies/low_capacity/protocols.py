"""How the networks of arXiv 2507.16278 are trained: as its code did, and as its text says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lowcap.data import Split, Task
from lowcap.networks import Member, Wide, assemble, initialise, replay_normal
from lowcap.studies.low_capacity.settings import HIDDEN

_REPLAY_ORDER = ("0-1", "1-7", "4-9", "3-8", "5-6")
"""The order in which the released code trains the pairs, hence draws their weights."""


@dataclass(frozen=True)
class Protocol:
    """How networks are trained and scored."""

    name: str
    summary: str
    seeds: tuple[int, ...]
    initialiser: str
    batch_size: int | None
    split: Callable[[Task, int], Split]
    initial: Callable[[Task, Sequence[Member]], Wide]
    score: str
    """The column of the capacity table that its claims are about."""
    pruning_split: str
    """The split on which its pruned networks are scored."""
    score_name: str


def balanced_split(task: Task, seed: int) -> Split:
    """The released code's split: down-sample to the rarer class, shuffle, then 80/20."""
    rng = np.random.default_rng(seed)
    of_class = [np.flatnonzero(task.dataset.labels == label) for label in task.classes]
    count = min(map(len, of_class))
    chosen = np.concatenate([rng.choice(where, size=count, replace=False) for where in of_class])
    return task.divide(chosen[rng.permutation(len(chosen))], seed)


@lru_cache(maxsize=4)
def _replayed(seed: int, pixels: int):
    return replay_normal(seed, pixels, HIDDEN, _REPLAY_ORDER)


def published_initial(task: Task, members: Sequence[Member]) -> Wide:
    """The released code's initial weights, draw for draw.

    Its generator runs through all sizes and pairs. Sizes and pairs that it never drew get a
    stream of their own: normal with standard deviation 0.1, from the member's seed and size.
    """
    pixels = task.dataset.images.shape[1]
    own = initialise(members, pixels)
    own_w1, own_w2 = np.asarray(own.w1), np.asarray(own.w2)
    weights = []
    for index, member in enumerate(members):
        drawn = _replayed(member.seed, pixels)
        units = own.layout.units_of(index)
        fallback = own_w1[units], own_w2[units]
        weights.append(drawn.get((member.hidden, task.id), fallback))
    return assemble(members, weights)


def corrected_initial(task: Task, members: Sequence[Member]) -> Wide:
    """Xavier-uniform weights, from each member's seed and size."""
    return initialise(members, task.dataset.images.shape[1])


PROTOCOLS = {
    "published": Protocol(
        "published",
        "what the released code does: classes balanced, 100 full-batch gradient steps, "
        "N(0, 0.1) weights, 3 seeds; F1 is the best of any epoch on the training data",
        (0, 42, 78),
        "normal_01",
        None,
        balanced_split,
        published_initial,
        "train_f1_best",
        "val",
        "best training F1",
    ),
    "corrected": Protocol(
        "corrected",
        "what the paper describes, done properly: 100 epochs of mini-batch SGD (batch 128), "
        "Xavier-uniform weights, 10 seeds; F1 on test data at the last epoch",
        tuple(range(10)),
        "xavier_uniform",
        128,
        lambda task, seed: task.split(seed),
        corrected_initial,
        "test_f1",
        "test",
        "test F1",
    ),
}


def released_count(size: int, sparsity: float) -> int:
    """How many weights the released pruner removes when asked for `sparsity`.

    It divides the percentage by 100 twice, so 95 % zeroes 0.95 % of a layer, rounded down.
    """
    return int(sparsity / 100 * size)
