"""What a user may set. Light to import: the command line needs it."""

from dataclasses import dataclass
from itertools import combinations
from math import ceil
from typing import Annotated, ClassVar, Literal

import tyro

from lowcap.data import BUILT_IN, parse_task
from lowcap.errors import SettingsError
from lowcap.studies.low_capacity.settings import FULL_DATASETS, PAIRS
from lowcap.studies.settings import (
    AtLeast,
    Epochs,
    HiddenSize,
    Positive,
    Seeds,
    StudySettings,
    otherwise,
)

HIDDEN = (2, 4, 8, 16, 32, 64)
SPARSITY = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)

SMALL = {"seeds": 5, "epochs": 10, "batch_size": 32}
FULL = {"seeds": 10, "epochs": 10, "batch_size": 128}
"""Defaults on small data sets, and on those with some ten thousand images a pair."""

LEARNING_RATES = {"sgd": 0.1, "momentum": 0.03, "adam": 0.003}
"""With which networks of every size settle within the default number of steps."""

Scope = Literal["global", "first layer", "each layer, rounded"]


@dataclass(frozen=True)
class Settings(StudySettings):
    """Pruning with retraining: does it keep what one-shot pruning loses (arXiv 2507.16278)?

    For example, on the built-in digits, and on all of MNIST:
        lowcap run retraining
        lowcap run retraining --dataset mnist
    """

    study: ClassVar[str] = "retraining"

    dataset: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME|FILE.npz ...")] = (BUILT_IN,)
    """mnist-5k (built in), mnist, fashion-mnist, cifar-10, or paths of .npz files of your own."""
    tasks: Annotated[tuple[str, ...], tyro.conf.arg(metavar="A-B ...|all")] = PAIRS
    """Pairs of classes, such as 4-9, or all pairs of digits."""
    hidden: tuple[HiddenSize, ...] = HIDDEN
    """Hidden sizes of the networks that are pruned."""
    sparsity: tuple[float, ...] = SPARSITY
    """Shares of the weights to remove, each above 0 and below 1."""
    scope: tuple[Scope, ...] = ("global",)
    """Within which weights the smallest are removed before fine-tuning; the first one for all
    other ways of retraining too. One-shot pruning is scored under all three."""
    seeds: Annotated[
        Annotated[Seeds, AtLeast(2)] | None, otherwise("10 on full data sets, 5 on small ones")
    ] = None
    """Networks of each kind, size and task."""
    epochs: Annotated[Annotated[Epochs, AtLeast(2)] | None, otherwise("10")] = None
    """Passes over the data before pruning, and as many after it."""
    batch_size: Annotated[Positive | None, otherwise("128 on full data sets, 32 on small ones")] = (
        None
    )
    """Images a step."""
    optimizer: Literal["momentum", "sgd", "adam"] = "momentum"
    """How networks are trained. Adam gives weights of seldom lit pixels large magnitudes too."""
    round_share: float = 0.2
    """Iterative pruning: the share of the weights that are left which each round removes."""
    round_epochs: Epochs = 1
    """Iterative pruning: passes over the data after each round."""

    def __post_init__(self) -> None:
        super().__post_init__()
        tasks = self.tasks
        if "all" in tasks:
            tasks = tuple(f"{low}-{high}" for low, high in combinations(range(10), 2))
        for task in tasks:
            parse_task(task)
        for level in self.sparsity:
            if not 0 < level < 1:
                raise SettingsError(f"--sparsity {level:g}: must be above 0 and below 1")
        if not 0 < self.round_share < 1:
            raise SettingsError(f"--round-share {self.round_share:g}: must be between 0 and 1")
        self.replaced(
            tasks=tuple(dict.fromkeys(tasks)),
            hidden=tuple(sorted(set(self.hidden))),
            sparsity=tuple(sorted(set(self.sparsity))),
            scope=tuple(dict.fromkeys(self.scope)),
        )

    def usual(self, dataset: str) -> dict[str, int]:
        """Seeds, epochs and batch size on a data set: as set, or its defaults."""
        defaults = FULL if dataset in FULL_DATASETS else SMALL
        return {name: getattr(self, name) or value for name, value in defaults.items()}


def units_left(hidden: int, sparsity: float) -> int:
    """The hidden size that holds as many weights as a pruned network, or a few more; 0 for none.

    The few more are the small network's advantage: a pruned one that beats it is the better.
    """
    left = hidden * (1 - sparsity)
    return ceil(left - 1e-9) if left > 1 - 1e-9 else 0
