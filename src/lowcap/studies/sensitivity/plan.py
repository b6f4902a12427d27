"""What a cell of this study is, and which cells a run consists of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lowcap.data import DataReference
from lowcap.runs import Cell
from lowcap.studies.sensitivity.settings import Scale, Settings

NUMERICS = 2
"""Raise this when a change of code gives other numbers for the same configuration."""

BATCH = 100
SHIFT = 4
"""Pixels, as in the paper's augmentation."""

RATES = {
    "sgd": (0.2, 0.05),
    "momentum": (0.05, 0.01),
    "adam": (0.003, 0.001),
    "rmsprop": (0.001, 0.0003),
    "l-bfgs": (1.0,),
}
"""Two learning rates an optimizer, chosen by us so that the usual network fits its sample."""

OTHERS = ("relu6", "tanh", "hard tanh", "hard sigmoid")
"""Activations compared with ReLU; the paper compares the hard sigmoid."""

WIDE_ENOUGH = 64
"""Networks narrower than this do not fit random labels."""


@dataclass(frozen=True)
class CellConfig:
    """One stacked population: networks of one shape trained in one way, by rate and seed."""

    dataset: str
    width: int
    depth: int
    images: int
    tests: int
    epochs: int
    """Passes over the data at most; full-batch steps likewise."""
    seeds: int
    optimizer: str = "momentum"
    activation: str = "relu"
    batch: Literal["full"] | int = BATCH
    labels: Literal["true", "random"] = "true"
    shift: int = 0
    stop: bool = True
    """Whether a network that fits all its training images is finished."""
    curves: bool = False
    """Keep the curves along the ellipses; a plane of linear regions too, before and after."""


def configurations(scale: Scale, dataset: str) -> Iterator[CellConfig]:
    """Every population of one data set, each once."""

    def usual(width: int, depth: int, optimizer: str = "momentum") -> CellConfig:
        return CellConfig(
            dataset, width, depth, scale.images, scale.tests, scale.epochs, scale.seeds, optimizer
        )

    for depth in scale.depths:
        for width in scale.widths:
            yield usual(width, depth)
    for depth in scale.factor_depths:
        for width in scale.factor_widths:
            for optimizer in scale.optimizers:
                base = usual(width, depth, optimizer)
                yield base
                if width >= WIDE_ENOUGH:
                    yield replace(base, labels="random")
                yield replace(base, batch="full", epochs=scale.full_batch_steps)
                yield replace(base, stop=False)
                yield replace(base, shift=SHIFT, stop=False)
                for stop in (True, False):
                    yield replace(base, activation="hard sigmoid", stop=stop)
            for activation in OTHERS:
                yield replace(usual(width, depth), activation=activation)
            yield replace(
                usual(width, depth, "l-bfgs"), batch="full", epochs=scale.full_batch_steps
            )
    for depth in scale.ellipse_depths:
        yield replace(usual(100, depth, "adam"), curves=True, seeds=max(scale.seeds, 5))


def plan(settings: Settings, data: Sequence[DataReference]) -> list[Cell]:
    """The cells of a run, in the order of its tables."""
    return [
        Cell("sensitivity", config, one.sha256, NUMERICS, one.source, _cost(config))
        for one in data
        for config in dict.fromkeys(configurations(settings.chosen, one.name))
    ]


def _cost(config: CellConfig) -> float:
    """In millions of weight updates, with how long networks usually take to fit."""
    weights = 800 * config.width + (config.depth - 1) * config.width**2
    patience = 1.0
    if config.labels == "random" or not config.stop or config.batch == "full":
        patience = 5.0
    if config.optimizer == "l-bfgs":
        patience = 10.0
    members = config.seeds * len(RATES[config.optimizer])
    return 3 + 1e-6 * weights * patience * members
