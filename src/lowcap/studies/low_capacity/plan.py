"""What a cell of this study is, and which cells a run consists of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lowcap.data import DataReference
from lowcap.runs import Cell
from lowcap.studies.low_capacity.protocols import PROTOCOLS
from lowcap.studies.low_capacity.settings import (
    BATCH_SIZES,
    HIDDEN,
    LEARNING_RATE,
    LEARNING_RATES,
    PAIRS,
    RATE_TASK,
    Settings,
)

RATE_SEEDS = 3
"""How many seeds the learning rates are compared on."""

BATCH_PROTOCOL, BATCH_SEEDS = "corrected", 3
"""Batch sizes are compared under this protocol, whose own batch size is one of them."""

NUMERICS = 3
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
    batch_size: int | Literal["protocol", "full"] = "protocol"
    """With any other than the protocol's, the cell compares batch sizes and no more."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the factors of training's products."""

    @property
    def purpose(self) -> Literal["everything", "learning rates", "batch sizes"]:
        """What the cell is for, and so which tables it gives."""
        if self.batch_size != "protocol":
            return "batch sizes"
        return "everything" if self.learning_rates == (LEARNING_RATE,) else "learning rates"


def plan(settings: Settings, data: Sequence[DataReference]) -> list[Cell]:
    """The cells of a run, in the order of its tables."""
    (dataset,) = data

    def cell(protocol: str, task: str, seed: int, **special) -> Cell:
        config = CellConfig(protocol, dataset.name, task, seed, settings.hidden, settings.epochs)
        config = replace(config, precision=settings.precision, **special)
        cost = sum(config.hidden) * config.epochs * len(config.learning_rates)
        return Cell("low-capacity", config, dataset.sha256, NUMERICS, dataset.source, cost)

    cells = []
    lengths = {b: max(1, round(share * settings.epochs)) for b, share in BATCH_SIZES.items()}
    others = tuple(rate for rate in LEARNING_RATES if rate != LEARNING_RATE)
    for protocol in settings.protocol:
        seeds = PROTOCOLS[protocol].seeds[: settings.seeds]
        for task in settings.tasks:
            cells += [cell(protocol, task, seed) for seed in seeds]
        if RATE_TASK in settings.tasks:
            cells += [
                cell(protocol, RATE_TASK, seed, learning_rates=others)
                for seed in seeds[:RATE_SEEDS]
            ]
        if protocol == BATCH_PROTOCOL:
            cells += [
                cell(protocol, task, seed, batch_size=size, epochs=epochs)
                for task in settings.tasks
                if task in PAIRS
                for size, epochs in lengths.items()
                for seed in seeds[:BATCH_SEEDS]
            ]
    return cells
