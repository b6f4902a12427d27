"""What a cell of this study is, and which cells a run consists of."""

from dataclasses import dataclass

from lowcap.runs import Cell
from lowcap.studies.low_capacity.protocols import PROTOCOLS
from lowcap.studies.low_capacity.settings import HIDDEN, Settings

NUMERICS = 1
"""Raise this when a change of code gives other numbers for the same configuration."""


@dataclass(frozen=True)
class CellConfig:
    """One population: a task, one split of it, one protocol."""

    protocol: str
    dataset: str
    task: str
    seed: int
    hidden: tuple[int, ...] = HIDDEN
    epochs: int = 100


def plan(settings: Settings, dataset: str, data_sha256: str, source: tuple) -> list[Cell]:
    """The cells of a run, in the order of its tables."""
    cells = []
    for protocol in settings.protocol:
        for task in settings.tasks:
            for seed in PROTOCOLS[protocol].seeds[: settings.seeds]:
                config = CellConfig(protocol, dataset, task, seed, settings.hidden, settings.epochs)
                cost = sum(settings.hidden) * settings.epochs
                cells.append(Cell("low-capacity", config, data_sha256, NUMERICS, source, cost))
    return cells
