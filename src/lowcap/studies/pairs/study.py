"""The cells of this study, how they are trained and measured, and the parts put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np
import pandas as pd

from lowcap.claims import Tables
from lowcap.data import DataReference, Dataset, Split, load_referenced, pair_task, parse_task
from lowcap.errors import SettingsError
from lowcap.measures import difficulty, tidy
from lowcap.networks import Population, grid
from lowcap.report import Sketch
from lowcap.runs import Cell, Files
from lowcap.streams import stream
from lowcap.studies.measure import Measure, Work, in_front
from lowcap.studies.pairs.claims import CLAIMS, LARGE, SMALL, SUFFICIENT
from lowcap.studies.pairs.figures import needs_figure, sizes_figure
from lowcap.studies.pairs.settings import Settings
from lowcap.studies.pairs.words import describe
from lowcap.studies.room import Largest, one_layer, pair_rows
from lowcap.studies.study import Study
from lowcap.training import Fitted, fit

HIDDEN = (SMALL, 4, 8, 12, 16, SUFFICIENT, 32, LARGE)
LEARNING_RATE, BATCH_SIZE = 0.003, 64
"""Of Adam, with which networks of every size settle within the default number of steps."""

BLOCKS = 10
"""Blocks of test images, whose spread is the images' share of an interval."""

NUMERICS = 2
"""Raise this when a change of code trains other networks for the same configuration."""


@dataclass(frozen=True)
class CellConfig:
    """The networks of all sizes with one seed, on one pair of classes."""

    dataset: str
    task: str
    seed: int
    steps: int = 2000


def plan(settings: Settings, data: Sequence[DataReference]) -> list[Cell]:
    """One cell for each data set, pair and seed."""
    tasks = [f"{low}-{high}" for low, high in combinations(range(settings.classes), 2)]
    return [
        Cell(settings.study, config, one.sha256, NUMERICS, one.source)
        for one, task, seed in product(data, tasks, range(settings.seeds))
        for config in [CellConfig(one.name, task, seed, settings.steps)]
    ]


def prepared(cell: Cell) -> Split:
    """The pair's images, equally many of each class, so that no task is hard for want of them."""
    dataset = load_referenced(cell.source, cell.data_sha256)
    task = pair_task(dataset, *parse_task(cell.config.task))
    least = min(np.bincount(dataset.labels)[dataset.classes])
    order = stream("balanced pairs", cell.config.task).permutation(len(task.y))
    rows = np.sort(np.concatenate([order[task.y[order] == label][:least] for label in (0, 1)]))
    return replace(task, x=task.x[rows], y=task.y[rows]).whole()


def train(cell: Cell) -> Mapping[str, bytes]:
    """Train the networks of one cell; contents of the files that are kept of them."""
    split, seed = prepared(cell), cell.config.seed
    epochs = -(-cell.config.steps * BATCH_SIZE // len(split.train.y))
    how = {"optimizer": "adam", "epochs": epochs, "batch_size": BATCH_SIZE, "seed": seed}
    return fit(grid(HIDDEN, [LEARNING_RATE], [seed]), split, **how).files()


def read(cell: Cell, files: Files) -> tuple[Split, Population]:
    """The cell's data, and the networks that `train` kept."""
    return prepared(cell), Fitted.of_files(files).population


def errors(cell: Cell, trained: tuple[Split, Population]) -> Tables:
    """The share of each block's test images that every network takes for the other class."""
    split, population = trained
    logits = population.logits(population.prepare(split.test.x, split.active))[..., 0]
    size = len(split.test.y) // BLOCKS
    wrong = ((logits > 0) != (split.test.y > 0.5))[:, : BLOCKS * size]
    shares = wrong.reshape(len(wrong), BLOCKS, size).mean(axis=2)
    rows = [{"block": n, "images": size, "error": shares[:, n]} for n in range(BLOCKS)]
    return {"errors": tidy(population.keys, rows)}


def linear(cell: Cell, trained: tuple[Split, Population]) -> Tables:
    """The difficulty of the pair, once."""
    return {"difficulty": difficulty(trained[0])}


def keyed(cell: Cell, table: pd.DataFrame) -> pd.DataFrame:
    """With the columns that tell cells apart in front."""
    return in_front(table, cell, "dataset", "task")


def check(settings: Settings, data: Sequence[Dataset]) -> None:
    """Refuse data sets that lack one of the classes, or have too few test images of one."""
    for dataset in data:
        for label in set(range(settings.classes)) - set(map(int, dataset.classes)):
            raise SettingsError(f"--classes {settings.classes}: {dataset.name} has no {label}")
        if (
            min(np.bincount(dataset.test_labels, minlength=settings.classes)[: settings.classes])
            < BLOCKS
        ):
            raise SettingsError(f"{dataset.name}: needs {BLOCKS} test images of each class")


def largest(settings: Settings, dataset: Dataset) -> Largest:
    """All sizes side by side, for as many steps as are asked for."""
    rows = pair_rows(dataset)
    epochs = -(-settings.steps * BATCH_SIZE // rows)
    return Largest(len(HIDDEN), one_layer(HIDDEN, dataset.images.shape[1]), epochs, rows)


MEASURES = {"errors": Measure(errors, ("errors",)), "linear": Measure(linear, ("difficulty",))}

STUDY = Study(
    settings=Settings,
    check=check,
    largest=largest,
    plan=plan,
    work=Work(train, read, MEASURES, keyed),
    wanted=lambda config: [name for name in MEASURES if name == "errors" or config.seed == 0],
    claims=CLAIMS,
    by="dataset",
    conditions=lambda tables, settings: list(tables["errors"]["dataset"].unique()),
    replicates=lambda tables, dataset: int(tables["errors"]["seed"].nunique()),
    describe=describe,
    figures=lambda tables: [Sketch(draw, tables) for draw in (needs_figure, sizes_figure)],
)
