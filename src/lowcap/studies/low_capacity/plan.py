"""What a cell of this study is, and which cells a run consists of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from lowcap.data import DataReference
from lowcap.runs import Cell
from lowcap.studies.low_capacity.protocols import PROTOCOLS
from lowcap.studies.low_capacity.settings import (
    BATCH_SIZES,
    FULL_DATASETS,
    HIDDEN,
    LEARNING_RATE,
    LEARNING_RATES,
    MORE_RATES,
    PAIRS,
    RATE_TASK,
    Settings,
)

SEEDS = {"published": 3, "replicated": 10, "corrected": 10}
FULL_SEEDS = SEEDS | {"replicated": 30}
"""Seeds of each protocol, on small data sets and on those of `FULL_DATASETS`."""

RATE_SEEDS = {"published": 3, "replicated": 5, "corrected": 5}
FULL_RATE_SEEDS = RATE_SEEDS | {"replicated": 10, "corrected": 3}
"""How many seeds the learning rates are compared on, on small data sets and on full ones."""

BATCH_PROTOCOL, BATCH_SEEDS = "corrected", 2
"""Batch sizes are compared under this protocol, whose own batch size is one of them."""

FACTOR_SEEDS = 2
"""How many seeds the factors between the protocols are told apart on, on the rate's task."""

NUMERICS = 6
"""Raise this when a change of code trains other networks for the same configuration."""


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
    """With more than the paper's one, the cell compares learning rates and no more: all of them
    trained for the same number of steps."""
    batch_size: int | Literal["protocol", "full"] = "protocol"
    """With any other than the protocol's, the cell compares batch sizes and no more."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the factors of training's products."""
    factors: tuple[str, ...] = ()
    """A cell of the factorial between the published and the corrected protocol names the
    protocol whose initialiser, whose split and whose batch size it takes, in this order."""
    least_steps: int = 1000
    """Where the protocol has a floor of gradient steps."""
    first: bool = False
    """Whether it is the first of its task, and so measures what once is enough for."""

    @property
    def purpose(self) -> Literal["everything", "learning rates", "batch sizes", "factors"]:
        """What the cell is for, and so which tables it gives."""
        if self.factors:
            return "factors"
        if self.batch_size != "protocol":
            return "batch sizes"
        return "everything" if self.learning_rates == (LEARNING_RATE,) else "learning rates"


def seeds_of(settings: Settings, protocol: str, task: str = "") -> tuple[int, ...]:
    """The seeds of a protocol, more for a task whose claims asked for them."""
    usual = FULL_SEEDS if settings.dataset in FULL_DATASETS else SEEDS
    count = settings.seeds or usual[protocol]
    for entry in settings.extra:
        wanted_protocol, wanted_task, seeds = entry.split()
        if (wanted_protocol, wanted_task) == (protocol, task):
            count = max(count, int(seeds))
    return PROTOCOLS[protocol].seeds(count)


def plan(settings: Settings, data: Sequence[DataReference]) -> list[Cell]:
    """The cells of a run, in the order of its tables."""
    (dataset,) = data

    def cell(config: CellConfig) -> Cell:
        cost = sum(config.hidden) * config.epochs * len(config.learning_rates)
        return Cell(settings.study, config, dataset.sha256, NUMERICS, dataset.source, cost)

    return [cell(config) for config in _configurations(settings, dataset.name)]


def _configurations(settings: Settings, dataset: str) -> Iterator[CellConfig]:
    full = settings.dataset in FULL_DATASETS
    for protocol in settings.protocol:
        for task in settings.tasks:
            base = CellConfig(protocol, dataset, task, 0, settings.hidden, settings.epochs)
            base = replace(base, precision=settings.precision, least_steps=settings.least_steps)
            seeds = seeds_of(settings, protocol, task)
            for seed in seeds:
                yield replace(base, seed=seed, first=seed == seeds[0])
            few = seeds_of(settings, protocol)
            if task == RATE_TASK:
                for seed in few[: (FULL_RATE_SEEDS if full else RATE_SEEDS)[protocol]]:
                    yield replace(base, seed=seed, learning_rates=LEARNING_RATES + MORE_RATES)
            if protocol == BATCH_PROTOCOL:
                yield from _batch_sizes(base, few)
    if {"published", "corrected"} <= set(settings.protocol) and RATE_TASK in settings.tasks:
        yield from _factors(settings, dataset)


def _batch_sizes(base: CellConfig, seeds: Sequence[int]) -> Iterator[CellConfig]:
    if base.task in PAIRS:
        for size, share in BATCH_SIZES.items():
            epochs = max(1, round(share * base.epochs))
            for seed in seeds[:BATCH_SEEDS]:
                yield replace(base, seed=seed, batch_size=size, epochs=epochs)


def _factors(settings: Settings, dataset: str) -> Iterator[CellConfig]:
    """All eight mixtures of the two protocols, measured alike."""
    sides = ("published", "corrected")
    base = CellConfig("factorial", dataset, RATE_TASK, 0, settings.hidden, settings.epochs)
    base = replace(base, precision=settings.precision, least_steps=settings.least_steps)
    for mixed in product(sides, sides, sides):
        for seed in range(min(FACTOR_SEEDS, len(seeds_of(settings, "corrected")))):
            yield replace(base, seed=seed, factors=mixed)
