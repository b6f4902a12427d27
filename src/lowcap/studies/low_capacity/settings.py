"""What a user may set, and the paper's own values. Light to import: the command line needs it."""

from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, ClassVar, Literal

import tyro

from lowcap.data import BUILT_IN, parse_task
from lowcap.errors import SettingsError
from lowcap.studies.settings import (
    MOST_SEEDS,
    Epochs,
    HiddenSize,
    Seeds,
    StudySettings,
    otherwise,
)

PAIRS = ("0-1", "1-7", "5-6", "3-8", "4-9")
"""The paper's five digit pairs, from easy to hard in its order."""

PAPER_HIDDEN = (2, 4, 6, 8, 10, 12, 16, 24, 32, 48, 64)
"""The paper's grid, over which its claims are judged."""

HIDDEN = (1, *PAPER_HIDDEN)
"""One unit more, so that the floor is seen; a linear classifier stands for none."""

LEARNING_RATE = 0.03
LEARNING_RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
"""The paper's grid; 0.03 is the one it chose."""

BATCH_SIZES: dict[Literal["full"] | int, float] = {1024: 0.3, 32: 0.1}
"""Batch sizes beside the protocols' own, to tell the number of gradient steps from the rest; and
the share of the epochs that each runs for: enough to see capacity settle."""

RATE_TASK = "4-9"
"""The task on which the paper chose the learning rate."""
PUBLISHED_SEEDS = 3
"""The author's own."""
HIGH_SPARSITY = (0.5, 0.8, 0.9, 0.95)
"""The sparsities up to the paper's 95 % at which networks could lose anything."""

SPARSITY = (0.10, 0.15, 0.20, 0.30, 0.40, 0.50, 0.80, 0.90, 0.95, 0.99)

MORE_RATES = (1e-1,)
"""What lies above the paper's grid, whose largest rate won."""

FULL_DATASETS = ("mnist", "fashion-mnist", "cifar-10")
"""Data sets with some ten thousand images a pair, on which more seeds are worth their time."""

DIGITS = ("mnist", "mnist-5k")
"""Data sets of digits. The paper's sentences about digit pairs are judged on these only."""


@dataclass(frozen=True)
class Settings(StudySettings):
    """Low-capacity networks (arXiv 2507.16278): how small can a network be, and what then?

    For example, on full MNIST under all protocols, and two tasks quickly:
        lowcap run low-capacity --dataset mnist
        lowcap run low-capacity --tasks 0-1 4-9 --seeds 2 --out runs/quick
    """

    study: ClassVar[str] = "low-capacity"
    grows: ClassVar[bool] = True

    dataset: Annotated[str, tyro.conf.arg(metavar="NAME|FILE.npz")] = BUILT_IN
    """mnist-5k (built in), mnist, fashion-mnist, cifar-10, or the path of an .npz of your own."""
    protocol: tuple[Literal["published", "replicated", "corrected"], ...] = (
        "published",
        "replicated",
        "corrected",
    )
    """How networks are trained and scored: the author's own three seeds, the same procedure with
    fresh seeds, and the paper's text done properly; all three by default."""
    tasks: tuple[str, ...] = PAIRS
    """Pairs of classes to tell apart, such as 4-9; all means the 45 pairs of 0 to 9."""
    hidden: tuple[HiddenSize, ...] = HIDDEN
    """Hidden sizes."""
    seeds: Annotated[
        Seeds | None,
        otherwise(
            "published 3, replicated 30 on full data sets and 10 on small ones, corrected 10"
        ),
    ] = None
    """Seeds of each protocol. The published protocol has no more than its author's own 3."""
    epochs: Epochs = 100
    """Passes over the training data."""
    least_steps: Epochs = 1000
    """Gradient steps of the corrected protocol at least, where the passes make fewer; and up to
    2.5 times as many while the validation loss still falls."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the factors of training's products; bfloat16 is faster where the hardware multiplies it,
    and rounds images and weights to 8 bits. Networks are measured in float32 all the same."""

    extra: Annotated[tuple[str, ...], tyro.conf.Suppress] = ()
    """More seeds where verdicts need them: entries "PROTOCOL TASK SEEDS", written by a run that
    goes on until its claims are decided."""

    def __post_init__(self) -> None:
        super().__post_init__()
        tasks = self.tasks
        if tasks == ("all",):
            tasks = tuple(f"{a}-{b}" for a, b in combinations(range(10), 2))
        tasks = ("{}-{}".format(*parse_task(task)) for task in tasks)
        self.replaced(
            tasks=tuple(dict.fromkeys(tasks)),
            protocol=tuple(dict.fromkeys(self.protocol)),
            hidden=tuple(sorted(set(self.hidden))),
        )
        if self.protocol == ("published",) and (self.seeds or 0) > PUBLISHED_SEEDS:
            raise SettingsError(
                f"--seeds {self.seeds}: the published protocol has its author's own "
                f"{PUBLISHED_SEEDS}; add --protocol replicated for fresh ones"
            )
        for entry in self.extra:
            _check_extra(entry)


def _check_extra(entry: str) -> None:
    """Refuse what no run that adds seeds has written.

    Raises:
        SettingsError: it is something else.
    """
    words = entry.split()
    count = words[-1] if len(words) == 3 else ""
    if not (count.isascii() and count.isdecimal() and int(count) <= MOST_SEEDS):
        raise SettingsError(f"--extra '{entry}': write PROTOCOL TASK SEEDS")
