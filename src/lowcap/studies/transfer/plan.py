"""What a cell of this study is, and which cells a run consists of."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from lowcap.data import DataReference
from lowcap.runs import Cell
from lowcap.studies.transfer.settings import CLASS_EPOCHS, EPOCHS, HIDDEN, Settings

NUMERICS = 2
"""Raise this when a change of code trains other networks for the same configuration."""


@dataclass(frozen=True)
class CellConfig:
    """The networks of all sizes of one architecture, with one seed, on one task.

    With `classes` the task is the tasks of telling so many classes apart that all classes of the
    data set are dealt out to by the seed: five pairs, three triples, and so on.
    """

    dataset: str
    architecture: str
    task: str
    seed: int
    images: int
    """Images of each class at most, for training and validation."""
    epochs: int
    batch_size: int
    sizes: tuple[int, ...] = HIDDEN
    place: int = 0
    """Where the task stands from easy to hard, from 0."""
    inside: bool = False
    """Whether networks are looked into: the hardest task of a data set."""
    classes: int = 0

    @property
    def condition(self) -> str:
        """What verdicts stand side by side for."""
        return f"{self.dataset}, {self.architecture}"


def plan(settings: Settings, data: Sequence[DataReference]) -> list[Cell]:
    """One cell for each data set, architecture, task and seed."""
    cells = []
    for one, architecture in product(data, settings.architectures):
        sizes, seeds = settings.sizes(architecture), range(settings.seeds)
        tasks = settings.names_of(one.name)
        for (place, task), seed in product(enumerate(tasks), seeds):
            config = CellConfig(
                one.name, architecture, task, seed, settings.images, settings.epochs or EPOCHS,
                settings.batch_size, sizes, place, place == len(tasks) - 1,
            )  # fmt: skip
            cells.append(Cell(settings.study, config, one.sha256, NUMERICS, one.source))
        for count, seed in product(settings.classes, seeds):
            config = CellConfig(
                one.name, architecture, f"{count} classes", seed, settings.class_images,
                settings.epochs or CLASS_EPOCHS, settings.batch_size, sizes, classes=count,
            )  # fmt: skip
            cells.append(Cell(settings.study, config, one.sha256, NUMERICS, one.source))
    return cells
