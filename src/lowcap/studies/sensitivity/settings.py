"""What a user may set. Light to import: the command line needs it."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

import tyro

from lowcap.data.datasets import BUILT_IN
from lowcap.studies.settings import Positive, Seeds, StudySettings, otherwise


@dataclass(frozen=True)
class Scale:
    """How large the study is."""

    widths: tuple[int, ...]
    depths: tuple[int, ...]
    factor_widths: tuple[int, ...]
    """Widths at which the paired comparisons are made."""
    factor_depths: tuple[int, ...]
    optimizers: tuple[str, ...]
    samples: int
    """Training samples of each data set, each with its own initial weights, order of batches,
    test images and ellipses: the replicates that intervals are taken over."""
    images: int
    """Training images in a sample."""
    tests: int
    """Test images beside each."""
    ellipse_depths: tuple[int, ...]
    """Depths of the networks that are followed along the ellipses."""
    seeds: int = 1
    """Networks of each kind on each sample."""
    epochs: int = 100
    """Passes over the sample: exactly so many at equal length, at most until networks fit."""
    updates: int = 400
    """Weight updates with the full batch, and of its twins with mini-batches at equal length."""


SCALES = {
    "quick": Scale(
        (16, 64, 256), (1, 3), (64,), (1, 3), ("momentum", "adam"), 5, 500, 500, (3,)
    ),
    "default": Scale(
        (8, 16, 32, 64, 128, 256), (1, 2, 3, 5), (64,), (1, 3),
        ("sgd", "momentum", "adam", "rmsprop"), 5, 1000, 2000, (3, 8),
    ),
    "paper": Scale(
        (8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512), (1, 2, 3, 4, 5), (64, 128, 256),
        (1, 2, 3), ("sgd", "momentum", "adam", "rmsprop"), 10, 4000, 5000, (3, 8, 15),
        epochs=200, updates=2000,
    ),
}  # fmt: skip

FULL_DATASETS = ("mnist", "fashion-mnist")


@dataclass(frozen=True)
class Settings(StudySettings):
    """Sensitivity and generalization (arXiv 1802.08760): Jacobian norms and linear regions.

    For example, on MNIST and Fashion-MNIST, and a quick look at the built-in digits:
        lowcap run sensitivity
        lowcap run sensitivity --dataset mnist-5k
    """

    study: ClassVar[str] = "sensitivity"

    dataset: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME|FILE.npz ...")] = FULL_DATASETS
    """mnist, fashion-mnist, mnist-5k (built in), or the paths of .npz files of your own."""
    scale: Annotated[
        Literal["quick", "default", "paper"] | None, otherwise("quick on mnist-5k, else default")
    ] = None
    """How many networks: dozens, hundreds, thousands."""
    images: Annotated[Positive | None, otherwise("as --scale says")] = None
    """Training images drawn from each data set; few, so that networks can fit them all."""
    samples: Annotated[Seeds | None, otherwise("as --scale says")] = None
    """Training samples of each data set, each with its own networks, order of batches and
    ellipses. Intervals are taken over them: two at least for any verdict."""
    seeds: Annotated[Seeds | None, otherwise("as --scale says")] = None
    """Networks of each kind on each training sample, which differ in their initial weights."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.replaced(dataset=tuple(dict.fromkeys(self.dataset)))

    @property
    def effective_scale(self) -> Scale:
        """The scale with the user's own numbers in it."""
        usual = "quick" if self.dataset == (BUILT_IN,) else "default"
        scale = SCALES[self.scale or usual]
        return replace(
            scale,
            images=self.images or scale.images,
            samples=self.samples or scale.samples,
            seeds=self.seeds or scale.seeds,
        )
