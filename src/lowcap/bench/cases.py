"""What is trained in a benchmark: the same networks and rows for every contender.

What is slow to import is imported where it is used: a cold start counts the imports, and those of
one contender must not count against another.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from jaxtyping import Float32, Shaped

from lowcap.streams import stream

if TYPE_CHECKING:
    from lowcap.networks import Dense, Member

PAPER_GRID = (2, 4, 6, 8, 10, 12, 16, 24, 32, 48, 64)


@dataclass(frozen=True)
class Case:
    """One population of one-hidden-layer networks and how it is trained."""

    family: ClassVar[str] = "wide"
    optimizer: ClassVar[str] = "sgd"
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
    def members(self) -> "list[Member]":
        """The networks, sorted by hidden size."""
        from lowcap.networks import grid

        rates = [0.03 / 2**number for number in range(self.rates)]
        return grid(self.hidden, rates, range(self.seeds))

    @property
    def first_units(self) -> int:
        """Units of all first layers."""
        return sum(self.hidden) * self.rates * self.seeds

    def operations(self, pixels: int) -> float:
        """Useful floating-point operations of an epoch: 4 x pixels x hidden units x rows.

        Two for each weight of the first layers forward, two backward; the gradient with respect
        to the images is not needed, and second layers are too small to count.
        """
        return 4.0 * pixels * self.first_units * self.rows


@dataclass(frozen=True)
class RetrainCase(Case):
    """Networks that are pruned before every epoch, each time the same share of what is left.

    Operations are those of dense networks: nobody here has a product that passes removed weights
    over.
    """

    family: ClassVar[str] = "retrain"
    sparsity: float = 0.995
    """The share of the weights that is removed in the end."""

    @property
    def sparsities(self) -> list[float]:
        """The share that is removed before each epoch, in all."""
        last = range(1, self.epochs + 1)
        return [1 - (1 - self.sparsity) ** (number / self.epochs) for number in last]


@dataclass(frozen=True)
class StackedCase:
    """One population of deeper networks of one shape and how it is trained."""

    family: ClassVar[str] = "stacked"
    optimizer: ClassVar[str] = "sgd"
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

    @property
    def first_units(self) -> int:
        """Units of all first layers."""
        return self.networks * self.hidden[0]

    def architecture(self, pixels: int) -> "Dense":
        """That of every network."""
        from lowcap.networks import Dense

        return Dense(pixels, self.hidden, self.classes)

    def operations(self, pixels: int) -> float:
        """Useful floating-point operations of an epoch.

        Two for each weight forward, two for its gradient, and beyond the first layer two for the
        gradient with respect to what the layer is given.
        """
        widths = (pixels, *self.hidden, self.classes)
        weights = sum(before * after for before, after in pairwise(widths))
        return (6.0 * weights - 2.0 * pixels * self.hidden[0]) * self.networks * self.rows


@dataclass(frozen=True)
class TableCase:
    """A search over hidden sizes on a small table, by cross-validation.

    Every hidden size is trained for every fold, without its rows, from several seeds.
    """

    family: ClassVar[str] = "table"
    optimizer: ClassVar[str] = "adam"
    name: str
    description: str
    dataset: str
    """"digits" or "breast_cancer", which scikit-learn brings along."""
    rows: int
    classes: int
    epochs: int
    hidden: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
    folds: int = 5
    seeds: int = 4
    batch_size: int = 32
    rate: float = 1e-3

    @property
    def networks(self) -> list[tuple[int, int]]:
        """Hidden size and seed of each network; its fold is the seed modulo their number."""
        return [(size, seed) for size in self.hidden for seed in range(self.seeds * self.folds)]

    @property
    def first_units(self) -> int:
        """Units of all first layers."""
        return sum(self.hidden) * self.seeds * self.folds

    def operations(self, features: int) -> float:
        """Useful floating-point operations of an epoch.

        For each row that a network's fold keeps: two for each weight of the first layer forward
        and two backward, and six for each of the second, which also passes its gradient on.
        """
        outputs = self.classes if self.classes > 2 else 1
        kept = self.rows * (self.folds - 1) / self.folds
        return (4.0 * features + 6.0 * outputs) * self.first_units * kept


AnyCase = Case | StackedCase | TableCase

CASES: dict[str, AnyCase] = {
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
        TableCase("digits", "1,797 x 64, ten classes: twelve sizes, five folds, four seeds",
                  "digits", 1797, 10, 30),
        TableCase("table", "569 x 30, two classes: twelve sizes, five folds, four seeds",
                  "breast_cancer", 569, 2, 50),
        RetrainCase("retrain", "110 networks pruned to 99.5 % in forty rounds: eleven sizes, ten "
                    "seeds, batch 128", PAPER_GRID, 128, 40, rows=4096, seeds=10),
    )
}  # fmt: skip


class Workload(NamedTuple):
    """A case with its data: pixels that are always 0 are left out for every contender."""

    case: AnyCase
    x: Float32[np.ndarray, "rows features"]
    y: Shaped[np.ndarray, " rows"]
    """0.0 or 1.0 where there are two classes, else the number of the class."""
    kept: Shaped[np.ndarray, "members rows"] | None = None
    """Of a table: which rows each network trains on, those outside its fold; else all."""

    @property
    def operations(self) -> float:
        """Useful floating-point operations of an epoch."""
        return self.case.operations(self.x.shape[1])


def workload(case: AnyCase, dataset: str = "mnist-5k", data_dir: str | None = None) -> Workload:
    """A case's rows: 4s and 9s, repeated or cut to their number; all classes if it is stacked.

    A table's rows are those of its own data set.
    """
    if isinstance(case, TableCase):
        return _table(case)
    from lowcap.data import load_dataset, pair_task, sample

    if isinstance(case, StackedCase):
        rows = sample(load_dataset(dataset, data_dir), case.rows, case.classes)
        return Workload(case, rows.train.x, rows.train.y)
    train = pair_task(dataset, 4, 9, data_dir=data_dir).split(0).train
    place = np.arange(case.rows) % len(train.y)
    images = train.x[place]
    acting = images.any(axis=0)
    return Workload(case, np.ascontiguousarray(images[:, acting]), train.y[place])


def _table(case: TableCase) -> Workload:
    """A table of scikit-learn's, pixels in [0, 1] or columns of mean 0 and deviation 1."""
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{case.dataset}")()
    x, y = bunch.data[: case.rows], bunch.target[: case.rows]
    x = x / 16 if case.dataset == "digits" else (x - x.mean(axis=0)) / x.std(axis=0)
    fold_of_row = stream("benchmark data").permutation(len(x)) % case.folds
    fold = np.array([seed % case.folds for _, seed in case.networks])
    kind = np.int32 if case.classes > 2 else np.float32
    return Workload(case, x.astype(np.float32), y.astype(kind), fold_of_row != fold[:, None])
