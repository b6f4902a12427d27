"""What a user may set. Light to import: the command line needs it."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import tyro

from lowcap.studies.settings import HiddenSize, Positive, Seeds, StudySettings

HIDDEN = (2, 3, 4, 6, 8, 10, 16, 20, 50, 120, 256)
SMALL, LARGE = 2, 120
"""The two sizes of the theorems, in filters of each sign."""

GAMMA, RATE = 8.0, 1 / 410
"""The theorems' margin, and their c: a step of gradient descent is c / k."""


@dataclass(frozen=True)
class Settings(StudySettings):
    """Larger models and the XOR problem (arXiv 1810.03037): bounds, exact runs, compression.

    For example, and a quick look without MNIST's files:
        lowcap run xor
        lowcap run xor --dataset mnist-5k --runs 20000 --seeds 2
    """

    study: ClassVar[str] = "xor"

    dataset: Annotated[str, tyro.conf.arg(metavar="NAME|FILE.npz")] = "mnist"
    """For the convolutional part: mnist, fashion-mnist, mnist-5k (built in), or an .npz."""
    hidden: tuple[HiddenSize, ...] = HIDDEN
    """k: filters of each sign; 2 and 120 are the theorems'."""
    runs: Positive = 100_000
    """Networks simulated at k = 2; larger ones are fewer, in proportion to their size."""
    images: Positive = 6000
    """Training images of the convolutional networks; as many as there are, if fewer."""
    seeds: Seeds = 5
    """Convolutional networks of each kind."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.replaced(hidden=tuple(sorted(set(self.hidden))))

    def runs_of(self, k: int) -> int:
        """How many networks of k filters are simulated."""
        return max(min(self.runs, 1000), 2 * self.runs // k)
