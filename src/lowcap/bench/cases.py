"""What is trained in a benchmark: the same networks, rows and batches for every contender."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32

from lowcap.data import pair_task
from lowcap.networks import Member, grid

PAPER_GRID = (2, 4, 6, 8, 10, 12, 16, 24, 32, 48, 64)


@dataclass(frozen=True)
class Case:
    """One population and how it is trained."""

    name: str
    description: str
    hidden: tuple[int, ...]
    batch_size: int | None
    epochs: int
    """Passes over the rows in one timing."""
    rows: int = 8192
    rates: int = 1
    """Learning rates for each hidden size."""
    seeds: int = 1

    @property
    def members(self) -> list[Member]:
        """The networks, sorted by hidden size."""
        rates = [0.03 / 2**number for number in range(self.rates)]
        return grid(self.hidden, rates, range(self.seeds))

    def operations(self, pixels: int) -> float:
        """Useful floating-point operations of an epoch: 4 x pixels x hidden units x rows.

        Two for each weight of the first layers forward, two backward; the gradient with respect
        to the images is not needed, and second layers are too small to count.
        """
        return 4.0 * pixels * sum(member.hidden for member in self.members) * self.rows


CASES = {
    case.name: case
    for case in (
        Case("grid-128", "the paper's eleven sizes, batch 128", PAPER_GRID, 128, 20),
        Case("grid-32", "the paper's eleven sizes, batch 32", PAPER_GRID, 32, 8),
        Case("grid-full", "the paper's eleven sizes, full batch", PAPER_GRID, None, 20),
        Case("large", "2,200 networks: eleven sizes, ten rates, twenty seeds, batch 128",
             PAPER_GRID, 128, 1, rows=1024, rates=10, seeds=20),
        Case("narrow", "two networks of 4 and 8 units, batch 128", (4, 8), 128, 40),
    )
}  # fmt: skip


class Workload(NamedTuple):
    """A case with its data: pixels that are always 0 are left out for every contender."""

    case: Case
    images: Float32[np.ndarray, "rows pixels"]
    labels: Float32[np.ndarray, " rows"]


def workload(case: Case, dataset: str = "mnist-5k", data_dir: str | None = None) -> Workload:
    """The 4s and 9s of a data set, repeated or cut to the case's number of rows."""
    train = pair_task(dataset, 4, 9, data_dir=data_dir).split(0).train
    place = np.arange(case.rows) % len(train.labels)
    images = train.images[place]
    acting = images.any(axis=0)
    return Workload(case, np.ascontiguousarray(images[:, acting]), train.labels[place])
