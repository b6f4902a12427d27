"""What a user may set. Light to import: the command line needs it."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import tyro

from lowcap.data.datasets import BUILT_IN
from lowcap.studies.settings import AtLeast, AtMost, Seeds, StudySettings


@dataclass(frozen=True)
class Settings(StudySettings):
    """All pairs of classes: do harder ones need more hidden units (arXiv 2507.16278)?

    For example, on the built-in digits, and on digits and clothes:
        lowcap run pairs
        lowcap run pairs --dataset mnist fashion-mnist
    """

    study: ClassVar[str] = "pairs"

    dataset: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME|FILE.npz ...")] = (BUILT_IN,)
    """mnist-5k (built in), mnist, fashion-mnist, cifar-10, or paths of .npz files of your own."""
    classes: Annotated[int, AtLeast(5), AtMost(1000)] = 10
    """How many classes, from 0 on, at least 5; every two of them are a task."""
    seeds: Annotated[Seeds, AtLeast(2)] = 5
    """Networks of each hidden size and task."""
    steps: Annotated[int, AtLeast(1), AtMost(10**8)] = 2000
    """Gradient steps of each network."""
