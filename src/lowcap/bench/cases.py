"""What is trained in a benchmark: the same networks, rows and batches for every contender."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from jaxtyping import Float32, Shaped

from lowcap.data import load_dataset, pair_task, sample
from lowcap.networks import Dense, Member, grid, parameters

PAPER_GRID = (2, 4, 6, 8, 10, 12, 16, 24, 32, 48, 64)


@dataclass(frozen=True)
class Case:
    """One population of one-hidden-layer networks and how it is trained."""

    family: ClassVar[str] = "wide"
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


@dataclass(frozen=True)
class StackedCase:
    """One population of deeper networks of one shape and how it is trained."""

    family: ClassVar[str] = "stacked"
    name: str
    description: str
    hidden: tuple[int, ...]
    """Width of each hidden layer."""
    networks: int
    batch_size: int
    epochs: int
    rows: int = 1000
    rate: float = 0.05
    classes: int = 10

    def architecture(self, pixels: int) -> Dense:
        """That of every network."""
        return Dense(pixels, self.hidden, self.classes, bias=False)

    def operations(self, pixels: int) -> float:
        """Useful floating-point operations of an epoch.

        Two for each weight forward, two for its gradient, and beyond the first layer two for the
        gradient with respect to what the layer is given.
        """
        every = parameters(self.architecture(pixels))
        return (6.0 * every - 2.0 * pixels * self.hidden[0]) * self.networks * self.rows


CASES: dict[str, Case | StackedCase] = {
    case.name: case
    for case in (
        Case("grid-128", "the paper's eleven sizes, batch 128", PAPER_GRID, 128, 20),
        Case("grid-32", "the paper's eleven sizes, batch 32", PAPER_GRID, 32, 8),
        Case("grid-full", "the paper's eleven sizes, full batch", PAPER_GRID, None, 20),
        Case("large", "2,200 networks: eleven sizes, ten rates, twenty seeds, batch 128",
             PAPER_GRID, 128, 4, rows=1024, rates=10, seeds=20),
        Case("narrow", "two networks of 4 and 8 units, batch 128", (4, 8), 128, 40),
        StackedCase("stacked", "48 networks of two hidden layers of 16 units, batch 100",
                    (16, 16), 48, 100, 20),
    )
}  # fmt: skip


class Workload(NamedTuple):
    """A case with its data: pixels that are always 0 are left out for every contender."""

    case: Case | StackedCase
    images: Float32[np.ndarray, "rows pixels"]
    labels: Shaped[np.ndarray, " rows"]
    """0.0 or 1.0 in a wide population, the number of the class in a stacked one."""

    @property
    def operations(self) -> float:
        """Useful floating-point operations of an epoch."""
        return self.case.operations(self.images.shape[1])


def workload(
    case: Case | StackedCase, dataset: str = "mnist-5k", data_dir: str | None = None
) -> Workload:
    """A case's rows: 4s and 9s, repeated or cut to their number; all classes if it is stacked."""
    if isinstance(case, StackedCase):
        drawn = sample(load_dataset(dataset, data_dir), case.rows, case.classes)
        return Workload(case, drawn.train.x, drawn.train.y)
    train = pair_task(dataset, 4, 9, data_dir=data_dir).split(0).train
    place = np.arange(case.rows) % len(train.y)
    images = train.x[place]
    acting = images.any(axis=0)
    return Workload(case, np.ascontiguousarray(images[:, acting]), train.y[place])
