"""What a cell of this study is, and which cells a run consists of."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from lowcap.data import DataReference
from lowcap.runs import Cell
from lowcap.studies.retraining.settings import HIDDEN, SPARSITY, Settings

NUMERICS = 2
"""Raise this when a change of code trains other networks for the same configuration."""


@dataclass(frozen=True)
class CellConfig:
    """The networks of all sizes and methods with one seed, on one pair of classes."""

    dataset: str
    task: str
    seed: int
    epochs: int
    batch_size: int
    hidden: tuple[int, ...] = HIDDEN
    sparsity: tuple[float, ...] = SPARSITY
    scope: tuple[str, ...] = ("global",)
    round_share: float = 0.2
    round_epochs: int = 1
    optimizer: str = "momentum"


def plan(settings: Settings, data: Sequence[DataReference]) -> list[Cell]:
    """One cell for each data set, pair and seed."""
    cells = []
    for one, task in product(data, settings.tasks):
        usual = settings.usual(one.name)
        for seed in range(usual["seeds"]):
            config = CellConfig(
                one.name, task, seed, usual["epochs"], usual["batch_size"], settings.hidden,
                settings.sparsity, settings.scope, settings.round_share, settings.round_epochs,
                settings.optimizer,
            )  # fmt: skip
            cells.append(Cell(settings.study, config, one.sha256, NUMERICS, one.source))
    return cells
