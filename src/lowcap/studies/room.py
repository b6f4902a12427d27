"""Whether a run fits into memory, told from its settings and data before anything begins."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from lowcap.data import Dataset
from lowcap.memory import allowed, share_of_free
from lowcap.training import check_memory


class Largest(NamedTuple):
    """Of all trainings of a plan the one that takes most memory."""

    members: int
    weights: int
    """Of all members together."""
    epochs: int = 1
    rows: int = 0
    """Training rows, whose order is noted for each epoch."""
    beside: int = 0
    """Bytes of what the networks make of a batch, where that is much."""


def one_layer(sizes: Sequence[int], inputs: int, outputs: int = 1) -> int:
    """Weights and biases of networks of these hidden sizes together."""
    return sum(size * (inputs + 1 + outputs) + outputs for size in sizes)


def pair_rows(dataset: Dataset) -> int:
    """Training images of the two classes that have most."""
    counts = np.unique(dataset.labels, return_counts=True)[1]
    return int(np.sort(counts)[-2:].sum())


def check_room(
    largest: Callable[[Any, Dataset], Largest],
    settings: Any,
    data: Sequence[Dataset],
    workers: int,
    memory: int | None,
) -> None:
    """Refuse settings whose largest training would not fit.

    Args:
        largest: of the study.
        settings: what was asked for.
        data: the data sets; each worker holds one.
        workers: how many share the machine.
        memory: bytes that each may take, if somebody said so.

    Raises:
        SettingsError: it needs more than it may take; the message has both numbers.
    """
    limit = memory or allowed() or share_of_free(workers)
    for one in data:
        found = largest(settings, one)
        held = one.images.nbytes + one.test_images.nbytes + found.beside
        if one.images.dtype == np.uint8:  # a task's images become floats, all at once
            held += 4 * pair_rows(one) * one.images.shape[1]
        check_memory(*found[:4], data=held, limit=limit)
