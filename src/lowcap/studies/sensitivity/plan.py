"""What a cell of this study is, and which cells a run consists of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lowcap.data import DataReference
from lowcap.runs import Cell
from lowcap.studies.sensitivity.settings import Scale, Settings

NUMERICS = 5
"""Raise this when a change of code trains other networks for the same configuration."""

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

OTHERS = ("relu6", "tanh", "hard tanh")
"""More activations, beside ReLU and the hard sigmoid that the paper compares it with."""

ELLIPSES = 12
"""Ellipses of each kind for each training sample."""

WIDE_ENOUGH = 64
"""Networks narrower than this do not fit random labels."""


Length = Literal["until fit", "short", "long"]
"""How long networks train: until every training image is right; or all equally long, for the same
number of weight updates (short) or of passes over the data (long)."""


@dataclass(frozen=True)
class CellConfig:
    """One stacked population: networks of one shape trained in one way on one training sample."""

    dataset: str
    sample: int
    """Number of the training sample, which also decides about test images, initial weights, order
    of batches and ellipses."""
    width: int
    depth: int
    images: int
    tests: int
    epochs: int
    """Passes over the data, at most if training ends when a network fits."""
    seeds: int
    rates: int = 2
    """How many of the optimizer's learning rates, from the first on."""
    optimizer: str = "momentum"
    activation: str = "relu"
    batch: Literal["full"] | int = BATCH
    labels: Literal["true", "random"] = "true"
    shift: int = 0
    length: Length = "until fit"
    points: bool = False
    """Keep the norm at every test point."""
    curves: bool = False
    """Follow ellipses; of the first sample draw a plane of linear regions too."""
    ellipses: int = 4
    """Of each kind, where they are followed."""


def configurations(scale: Scale, dataset: str) -> Iterator[CellConfig]:
    """Every population of one data set, the samples of a kind after each other."""
    for kind in dict.fromkeys(_kinds(scale, dataset)):
        for number in range(scale.samples):
            yield replace(kind, sample=number)


def _kinds(scale: Scale, dataset: str) -> Iterator[CellConfig]:
    """Every kind of network, as it is trained on the first sample."""
    a_pass = -(-scale.images // BATCH)
    short_epochs = max(1, round(scale.updates / a_pass))

    def usual(width: int, depth: int, optimizer: str = "momentum") -> CellConfig:
        return CellConfig(
            dataset, 0, width, depth, scale.images, scale.tests, scale.epochs, scale.seeds,
            optimizer=optimizer,
        )  # fmt: skip

    for depth in scale.depths:
        for width in scale.widths:
            yield from _both(replace(usual(width, depth), points=True))
    for depth in scale.factor_depths:
        for width in scale.factor_widths:
            gridded = width in scale.widths and depth in scale.depths
            for optimizer in scale.optimizers:
                base = usual(width, depth, optimizer)
                if optimizer != "momentum" or not gridded:
                    yield from _both(base)
                one = replace(base, rates=1)
                if width >= WIDE_ENOUGH:
                    yield from _both(replace(one, labels="random"))
                yield from _both(replace(one, activation="hard sigmoid"))
                yield replace(one, length="long", shift=SHIFT)
                full = replace(one, batch="full", epochs=scale.updates)
                yield from (full, replace(full, length="short"))
                yield replace(one, length="short", epochs=short_epochs)
            for activation in OTHERS:
                yield from _both(replace(usual(width, depth), activation=activation))
            full = replace(usual(width, depth, "l-bfgs"), batch="full", epochs=scale.updates)
            yield replace(full, rates=1)
    for depth in scale.ellipse_depths:
        yield replace(usual(100, depth, "adam"), curves=True, ellipses=ELLIPSES)


def _both(config: CellConfig) -> Iterator[CellConfig]:
    """Trained until each network fits, and all equally long."""
    yield config
    yield replace(config, length="long")


def plan(settings: Settings, data: Sequence[DataReference]) -> list[Cell]:
    """The cells of a run, in the order of its tables."""
    return [
        Cell(settings.study, config, one.sha256, NUMERICS, one.source, _cost(config))
        for one in data
        for config in configurations(settings.effective_scale, one.name)
    ]


def _cost(config: CellConfig) -> float:
    """In millions of weight updates, with how long networks usually take to fit."""
    weights = 800 * config.width + (config.depth - 1) * config.width**2
    patience = 1.0
    if config.labels == "random" or config.length != "until fit" or config.batch == "full":
        patience = 5.0
    if config.optimizer == "l-bfgs":
        patience = 10.0
    members = config.seeds * config.rates
    return 3 + 1e-6 * weights * patience * members
