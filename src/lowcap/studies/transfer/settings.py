"""What a user may set, and each data set's tasks. Light to import: the command line needs it."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import tyro

from lowcap.data import BUILT_IN, parse_task
from lowcap.data.own import MOST_CLASSES
from lowcap.studies.low_capacity.settings import PAIRS
from lowcap.studies.settings import (
    AtLeast,
    AtMost,
    Epochs,
    HiddenSize,
    Positive,
    Seeds,
    StudySettings,
    otherwise,
)

Architecture = Literal["fully connected", "conv 3x3", "conv 5x5"]

ARCHITECTURES: tuple[Architecture, ...] = ("fully connected", "conv 3x3", "conv 5x5")

HIDDEN = (1, 2, 4, 8, 16, 32, 64)
"""Hidden units of fully connected networks."""

CHANNELS = (1, 2, 4, 8, 16, 32)
"""Filters of convolutional networks."""

CLASSES = (2, 3, 5, 10)
"""Numbers of classes that tasks are made of, to see whether more classes need larger networks."""

CLOTHES = ("1-9", "7-9", "0-3", "2-4", "0-6")
"""Trousers and boots, sneakers and boots, T-shirts and dresses, pullovers and coats, T-shirts and
shirts: from easy to hard for a linear classifier."""

PHOTOGRAPHS = ("6-8", "5-8", "3-7", "0-8", "1-9")
"""Frogs and ships, dogs and ships, cats and horses, airplanes and ships, automobiles and trucks.
Of 1,200 photographs of cats and dogs neither a linear classifier (AUC 0.60) nor these networks
(0.57 to 0.66) learn what would be worth pruning."""

TASKS = {
    "mnist": PAIRS,
    "mnist-5k": PAIRS,
    "fashion-mnist": CLOTHES,
    "cifar-10": PHOTOGRAPHS,
    "cifar-10-small": PHOTOGRAPHS,
}
"""The pairs of classes of each known data set, from easy to hard."""

EPOCHS, CLASS_EPOCHS = 20, 15
"""Passes over the images of a pair, and over those of tasks that count classes."""


@dataclass(frozen=True)
class Settings(StudySettings):
    """Where do the first paper's claims travel: clothes, photographs, convolutional networks?

    For example, on the built-in digits, and on all that comes with a folder of data:
        lowcap run transfer
        lowcap run transfer --dataset mnist fashion-mnist cifar-10
    """

    study: ClassVar[str] = "transfer"

    dataset: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME|FILE.npz ...")] = (BUILT_IN,)
    """mnist-5k (built in), mnist, fashion-mnist, cifar-10, cifar-10-small (from --data-dir), or
    paths of .npz files of your own."""
    architectures: tuple[Architecture, ...] = ARCHITECTURES
    """Fully connected networks with one hidden layer; networks with one layer of filters of 3 x 3
    or 5 x 5 pixels, max-pooled, and a linear head."""
    tasks: Annotated[tuple[str, ...], tyro.conf.arg(metavar="A-B ...")] = ()
    """Pairs of classes from easy to hard, on every data set; by default five chosen for each that
    lowcap knows. The last one is looked at closely."""
    hidden: tuple[HiddenSize, ...] = HIDDEN
    """Hidden units of the fully connected networks."""
    channels: tuple[HiddenSize, ...] = CHANNELS
    """Filters of the convolutional networks."""
    classes: tuple[Annotated[int, AtLeast(2), AtMost(MOST_CLASSES)], ...] = CLASSES
    """Numbers of classes of the tasks that ask whether more classes need larger networks; what a
    data set has too few classes for is left out."""
    images: Annotated[int, AtLeast(5)] = 600
    """Images of each class for training and validation at most, so that data sets differ in what
    they show and not in how much; the smallest has as many."""
    class_images: Annotated[int, AtLeast(5)] = 300
    """The same of the tasks that count classes."""
    seeds: Annotated[Seeds, AtLeast(2)] = 10
    """Networks of each size, architecture and task, each on images of its own choice."""
    epochs: Annotated[Epochs | None, otherwise("20, and 15 where classes are counted")] = None
    """Passes over the images."""
    batch_size: Positive = 32
    """Images a step."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for task in self.tasks:
            parse_task(task)
        self.replaced(
            tasks=tuple(dict.fromkeys(self.tasks)),
            architectures=tuple(dict.fromkeys(self.architectures)),
            hidden=tuple(sorted(set(self.hidden))),
            channels=tuple(sorted(set(self.channels))),
            classes=tuple(sorted(set(self.classes))),
        )

    def sizes(self, architecture: str) -> tuple[int, ...]:
        """Hidden units or filters of the networks of an architecture."""
        return self.hidden if architecture == ARCHITECTURES[0] else self.channels

    def names_of(self, dataset: str) -> tuple[str, ...]:
        """The pairs of classes of a data set, from easy to hard; () if none are set or known."""
        return self.tasks or TASKS.get(dataset, ())
