"""What the cells of this study are, and which a run consists of."""

from collections.abc import Sequence
from dataclasses import dataclass

from lowcap.data import DataReference
from lowcap.runs import Cell
from lowcap.studies.xor.settings import GAMMA, LARGE, RATE, SMALL, Settings

NUMERICS = 6
"""Raise this when a change of code trains other networks for the same configuration."""

GAMMAS = (1.0, 2.0, 4.0, 8.0, 16.0)
POINTS = (2, 4, 8, 16, 32, 64, 128, 256)
"""Training set sizes, half of each label."""

DIVERSITY = (0.5, 0.9, 0.98)
"""p+ and p-, taken equal: how often a point holds all patterns that its label allows."""

SAMPLED = (SMALL, 4, 10, LARGE)
"""Sizes whose sample complexity is measured."""

SAMPLE_RUNS = {SMALL: 1000, 4: 1000, 10: 500, LARGE: 100}

SAMPLE_RATE, SAMPLE_STEPS = 0.1, 5000
"""Inputs that are rare in a training set are learned slowly: a longer step than the theorems',
whose c / k only says how finely the same path is followed, makes them affordable."""

REPEATS = 8
"""Runs from each of the 4,096 starts that k = 2 filters of each sign can have."""

CHANNELS = (4, 120)

NETWORKS: tuple[str, ...] = (
    "small", "small from directions", "small from filters", "small from clusters", "large",
)  # fmt: skip
"""4 channels from random filters as drawn; from random directions, and from random filters of the
large network, both as long as the centres of its clusters; from those centres; 120 channels."""

FILTERS = ((5, 4, 0.1), (5, 2, 0.1), (3, 2, 0.1), (5, 2, 1.0))
"""Choices that are ours: filter and pool size, and how large initial filters are beside N(0, 2 /
inputs). From small ones filters move far, as in the theorems; from large ones they hardly do."""

FITTING = (5, 2, 0.1)
"""The choice for networks trained to zero training error. After 60 epochs on 300 images, 4 channels
with wider pools or smaller filters still err on 13 % and 8 % of them, these on 1 %; and large
initial filters hardly move."""

FITTED_IMAGES, FITTED_EPOCHS, FITTED_SEEDS = 1000, 600, 2
"""Theirs: images that 4 channels can fit without error, the most epochs, and seeds for each seed of
the others."""


ADAM_EPOCHS, ADAM_BATCH, ADAM_RATE = 12, 100, 2e-3
"""How networks on images are trained: passes over them, images a step, and Adam's learning rate;
ours, not the paper's."""


@dataclass(frozen=True)
class Simulation:
    """Runs of networks with k filters of each sign on the exact problem."""

    k: int
    runs: int
    gamma: float = GAMMA
    diversity: float = 1.0
    """p+ and p-; 1 means training sets that are diverse throughout, whatever their size."""
    points: tuple[int, ...] = ()
    """Training set sizes, where they matter; `runs` networks of each."""
    rate: float = RATE
    """c: a step is c / k."""
    max_steps: int = 100_000
    seed: int = 0


@dataclass(frozen=True)
class Enumeration:
    """Every start of k = 2: which octant each of its four filters begins in."""

    repeats: int
    """Runs from each start, with lengths and angles of their own."""
    gamma: float = GAMMA
    rate: float = RATE
    max_steps: int = 100_000
    seed: int = 0


@dataclass(frozen=True)
class Convolution:
    """One seed of the convolutional networks: small ones from several starts, and a large one."""

    dataset: str
    images: int
    filter: int
    pool: int
    scale: float
    seed: int
    epochs: int = ADAM_EPOCHS
    until_fit: bool = False
    """Whether each network is trained to zero training error, as far as `epochs` allow."""


def plan(settings: Settings, data: Sequence[DataReference]) -> list[Cell]:
    """The cells of a run, in the order of its tables."""
    simulations: list[Simulation | Enumeration] = [
        Simulation(k, settings.runs_of(k)) for k in settings.hidden
    ]
    if SMALL in settings.hidden:
        simulations.append(Enumeration(REPEATS))
    for k in (k for k in (SMALL, 10, LARGE) if k in settings.hidden):
        simulations += [Simulation(k, max(1, settings.runs_of(k) // 5), gamma) for gamma in GAMMAS]
    for k in (k for k in SAMPLED if k in settings.hidden):
        runs = max(1, min(SAMPLE_RUNS[k], settings.runs_of(k)))
        simulations += [
            Simulation(
                k, runs, diversity=p, points=POINTS, rate=SAMPLE_RATE, max_steps=SAMPLE_STEPS
            )
            for p in DIVERSITY
        ]
    cells = [
        Cell(settings.study, one, "", NUMERICS, cost=_cost(one))
        for one in dict.fromkeys(simulations)
    ]
    for one in data:
        convolutions = [
            Convolution(one.name, settings.images, *choice, seed)
            for choice in FILTERS
            for seed in range(settings.seeds)
        ]
        fitted = [
            Convolution(one.name, min(FITTED_IMAGES, settings.images), *FITTING, seed,
                        FITTED_EPOCHS, until_fit=True)
            for seed in range(FITTED_SEEDS * settings.seeds)
        ]  # fmt: skip
        cells += [
            Cell(settings.study, each, one.sha256, NUMERICS, one.source, _cost(each))
            for each in convolutions + fitted
        ]
    return cells


def _cost(one: Simulation | Enumeration | Convolution) -> float:
    """In seconds, roughly."""
    if isinstance(one, Convolution):
        return 6.0 if one.until_fit else 25.0
    if isinstance(one, Enumeration):
        return 2 + one.repeats * 0.6
    return 2 + one.k * one.runs * max(1, 5 * len(one.points)) * 4e-5
