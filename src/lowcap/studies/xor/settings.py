"""What a user may set. Light to import: the command line needs it."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import tyro

from lowcap.errors import SettingsError

HIDDEN = (2, 3, 4, 6, 8, 10, 16, 20, 50, 120, 256)
SMALL, LARGE = 2, 120
"""The two sizes of the theorems, in filters of each sign."""

GAMMA, RATE = 8.0, 1 / 410
"""The theorems' margin, and their c: a step of gradient descent is c / k."""


@dataclass(frozen=True)
class Settings:
    """Settings of the study."""

    study: ClassVar[str] = "xor"

    dataset: Annotated[str, tyro.conf.arg(metavar="NAME|FILE.npz")] = "mnist"
    """For the convolutional part: mnist, fashion-mnist, mnist-5k (built in), or an .npz."""
    hidden: tuple[int, ...] = HIDDEN
    """k: filters of each sign; 2 and 120 are the theorems'."""
    runs: int = 100_000
    """Networks simulated at k = 2; larger ones are fewer, in proportion to their size."""
    images: int = 6000
    """Training images of the convolutional networks; as many as there are, if fewer."""
    seeds: int = 5
    """Convolutional networks of each kind."""

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data set of the convolutional part."""
        return (self.dataset,)

    def __post_init__(self) -> None:
        if not self.hidden or min(self.hidden) < 1:
            raise SettingsError("--hidden: give numbers of filters, each at least 1")
        for name in ("runs", "images", "seeds"):
            if getattr(self, name) < 1:
                raise SettingsError(f"--{name} {getattr(self, name)}: must be at least 1")
        object.__setattr__(self, "hidden", tuple(sorted(set(self.hidden))))

    def runs_of(self, k: int) -> int:
        """How many networks of k filters are simulated."""
        return max(min(self.runs, 1000), 2 * self.runs // k)
