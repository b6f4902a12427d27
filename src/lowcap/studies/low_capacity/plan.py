"""What a cell of this study is, and which cells a run consists of."""

from dataclasses import dataclass

from lowcap.runs import Cell
from lowcap.studies.low_capacity.protocols import PROTOCOLS
from lowcap.studies.low_capacity.settings import (
    HIDDEN,
    LEARNING_RATE,
    LEARNING_RATES,
    RATE_TASK,
    Settings,
)

RATE_SEEDS = 5
"""How many seeds the learning rates are compared on."""

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
    learning_rates: tuple[float, ...] = (LEARNING_RATE,)
    """With any other than the paper's one, the cell compares learning rates and no more."""


def plan(settings: Settings, dataset: str, data_sha256: str, source: tuple) -> list[Cell]:
    """The cells of a run, in the order of its tables."""

    def cell(protocol: str, task: str, seed: int, rates: tuple[float, ...]) -> Cell:
        config = CellConfig(protocol, dataset, task, seed, settings.hidden, settings.epochs, rates)
        cost = sum(settings.hidden) * settings.epochs * len(rates)
        return Cell("low-capacity", config, data_sha256, NUMERICS, source, cost)

    cells = []
    others = tuple(rate for rate in LEARNING_RATES if rate != LEARNING_RATE)
    for protocol in settings.protocol:
        seeds = PROTOCOLS[protocol].seeds[: settings.seeds]
        for task in settings.tasks:
            cells += [cell(protocol, task, seed, (LEARNING_RATE,)) for seed in seeds]
        if RATE_TASK in settings.tasks:
            cells += [cell(protocol, RATE_TASK, seed, others) for seed in seeds[:RATE_SEEDS]]
    return cells
