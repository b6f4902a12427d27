"""Claims on images: convolutional networks of 4 and 120 channels (abstract, section 7)."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from lowcap.claims import (
    EVERYWHERE,
    Above,
    AllOf,
    Claim,
    Evidence,
    NotMeasured,
    Reading,
    Student,
    Tables,
    World,
    jackknife,
)
from lowcap.studies.xor.plan import FILTERS, FITTED_IMAGES, FITTING, NETWORKS

GAIN = "gain over random directions of the same norms"
CLOSE = "lead over the middle between 4 random and 120 channels"


class Choice(NamedTuple):
    """Which networks a reading is about."""

    filter: int
    pool: int
    scale: float
    fitted: bool = False
    """Whether they were trained to zero training error."""


def choice(filter: int, pool: int, scale: float, fitted: bool = False) -> str:
    """A choice of sizes and of the initial filters' scale in words."""
    start = "" if scale < 1 else ", large initial filters"
    end = ", zero training error" if fitted else ""
    return f"filters {filter} x {filter}, pool {pool} x {pool}{start}{end}"


class Errors(NamedTuple):
    """Test errors by network, in the order of `NETWORKS`."""

    by_seed: Float[np.ndarray, "seeds networks"]
    without: Float[np.ndarray, "blocks networks"]
    """Means over seeds without each block of test images."""
    left_out: int
    """Seeds left out because a network did not reach zero training error."""

    def mean(self, network: str) -> float:
        """Of one network, over seeds."""
        return float(self.by_seed[:, NETWORKS.index(network)].mean())

    def estimate(self, weights: Mapping[str, float]) -> Student:
        """A weighted sum of test errors, by the jackknife over seeds and blocks of images."""
        w = np.array([weights.get(name, 0.0) for name in NETWORKS])
        return jackknife(lambda means: float(means @ w), self.by_seed, self.without)


def _rows_of(table: pd.DataFrame, variant: Choice) -> pd.DataFrame:
    kept = np.ones(len(table), bool)
    for name, value in variant._asdict().items():
        kept &= (table[name] == value).to_numpy()
    if not kept.any():
        raise NotMeasured("no networks of this choice were trained")
    return table[kept]


def _fitting_seeds(tables: Tables, variant: Choice, networks: Sequence[str]) -> set[int]:
    """The seeds whose networks count: of networks trained to zero error those that reached it."""
    rows = _rows_of(tables["compression"], variant)
    seeds = set(rows["seed"])
    if variant.fitted:
        wrong = (rows["train_error"] > 0) & rows["network"].isin(list(networks))
        seeds -= set(rows["seed"][wrong])
    return seeds


def errors_of(tables: Tables, variant: Choice, networks: Sequence[str]) -> Errors:
    """Test errors of one choice, from the mistakes in each block of test images.

    Raises:
        NotMeasured: there are none, or fewer than two seeds that count.
    """
    counted = _fitting_seeds(tables, variant, networks)
    every = _rows_of(tables["compression_blocks"], variant)
    seeds, of_seed = np.unique(every["seed"].to_numpy(), return_inverse=True)
    blocks, of_block = np.unique(every["block"].to_numpy(), return_inverse=True)
    of_network = pd.Index(NETWORKS).get_indexer(pd.Index(every["network"]))
    wrong = np.full((len(seeds), len(blocks), len(NETWORKS)), np.nan)
    wrong[of_seed, of_block, of_network] = every["mistakes"]
    tested = np.zeros(len(blocks))
    tested[of_block] = every["tested"]
    kept = np.isin(seeds, list(counted))
    if kept.sum() < 2:
        raise NotMeasured("fewer than two seeds reached zero training error" if variant.fitted
                          else "an interval needs at least two seeds")  # fmt: skip
    wrong = wrong[kept]
    total = wrong.sum(axis=1)
    without = (total[:, None] - wrong).mean(axis=0) / (tested.sum() - tested)[:, None]
    return Errors(total / tested.sum(), without, int((~kept).sum()))


def _images(tables: Tables, variant: Choice) -> int:
    return int(_rows_of(tables["compression"], variant)["images"].iloc[0])


def _aside(errors: Errors) -> str:
    several = "s" if errors.left_out > 1 else ""
    return f", {errors.left_out} seed{several} left out that did not fit" if errors.left_out else ""


def larger_better(tables: Tables, *, variant: Choice) -> Evidence:
    """Test error of the small network less that of the large one, paired by seed."""
    errors = errors_of(tables, variant, ("small", "large"))
    gain = errors.estimate({"small": 1, "large": -1})
    interval = gain.interval()
    until = " to zero training error" if variant.fitted else ""
    rows = _rows_of(tables["compression"], variant)
    on_training = {
        name: rows["train_error"].to_numpy()[(rows["network"] == name).to_numpy()].mean()
        for name in ("small", "large")
    }
    sentence = (
        f"Trained{until} on {_images(tables, variant):,} images, 120 channels have a test error of "
        f"{errors.mean('large'):.2%}, 4 channels {errors.mean('small'):.2%} "
        f"({len(errors.by_seed)} seeds{_aside(errors)}, paired difference {gain.value:+.2%}, 95 % "
        f"interval {interval.low:+.2%} to {interval.high:+.2%}); mean training errors "
        f"{on_training['large']:.2%} and {on_training['small']:.2%}."
    )
    return Evidence(gain, sentence)


def compress(tables: Tables, *, variant: Choice) -> Evidence:
    """What starting from the large network's cluster centres gains."""
    errors = errors_of(tables, variant, NETWORKS)
    parts = {
        GAIN: errors.estimate({"small from directions": 1, "small from clusters": -1}),
        CLOSE: errors.estimate({"small": 0.5, "large": 0.5, "small from clusters": -1}),
    }
    interval = parts[GAIN].interval()
    gap = errors.mean("small") - errors.mean("large")
    closed = (errors.mean("small") - errors.mean("small from clusters")) / gap if gap > 0 else 0.0
    sentence = (
        f"4 channels have a test error of {errors.mean('small from clusters'):.2%} from the "
        f"centres of the large network's clusters, {errors.mean('small from directions'):.2%} from "
        f"random directions of the same norms, {errors.mean('small from filters'):.2%} from random "
        f"filters of the large network at these norms, {errors.mean('small'):.2%} from random "
        f"filters; 120 channels {errors.mean('large'):.2%} ({len(errors.by_seed)} seeds"
        f"{_aside(errors)}). The clusters gain {parts[GAIN].value:+.2%} over the directions "
        f"(95 % interval {interval.low:+.2%} to {interval.high:+.2%}) and close {closed:.0%} of "
        "the gap."
    )
    control = {
        "random filters": errors.mean("small"),
        "random directions": errors.mean("small from directions"),
        "random filters of the large network": errors.mean("small from filters"),
        "120 channels": errors.mean("large"),
    }
    return Evidence(parts, sentence, control)


def image_worlds(
    tables: Tables, *, variant: Choice, networks: Sequence[str],
    means: Callable[[Mapping[str, float]], Sequence[tuple[str, bool | None, Mapping[str, float]]]],
) -> Sequence[World]:  # fmt: skip
    """Worlds with other mean test errors, and the real spread over seeds and blocks of images.

    Args:
        tables: of the real run.
        variant: whose networks.
        networks: that must have reached zero training error, where that is asked.
        means: from the real mean errors, each world's name, truth and mean errors that differ.
    """
    seeds = sorted(_fitting_seeds(tables, variant, networks))
    table = _rows_of(tables["compression_blocks"], variant)
    table = table[table["seed"].isin(seeds)].copy()
    table["network"] = pd.Categorical(table["network"], NETWORKS)
    table = table.sort_values(["seed", "network", "block"])
    table["network"] = table["network"].astype(str)
    if len(seeds) < 2:
        raise NotMeasured("a spread needs at least two seeds")
    shape = (len(seeds), len(NETWORKS), table["block"].nunique())
    tested = table["tested"].to_numpy().reshape(shape)
    error = table["mistakes"].to_numpy().reshape(shape) / tested
    real = dict(zip(NETWORKS, error.mean(axis=(0, 2)).tolist(), strict=True))
    of_seeds = error.mean(axis=2) - error.mean(axis=(0, 2))
    of_blocks = (error.mean(axis=0) - error.mean(axis=(0, 2))[:, None]).T

    rest = {"compression": _rows_of(tables["compression"], variant)}

    def make(targets: Mapping[str, float], generator: np.random.Generator) -> Tables:
        level = np.array([targets[name] for name in NETWORKS])
        by_seed, by_block = (
            generator.standard_normal((len(x), len(x))) @ x / np.sqrt(len(x) - 1)
            for x in (of_seeds, of_blocks)
        )
        simulated = level[:, None] + by_seed[:, :, None] + by_block.T[None]
        return {**rest, "compression_blocks": table.assign(mistakes=(simulated * tested).ravel())}

    return [World(name, truth, partial(make, real | dict(new))) for name, truth, new in means(real)]


def _larger_means(real: Mapping[str, float], clear: float = 0.02):
    large = real["large"]
    return [
        ("at the bound", None, {"small": large}),
        ("clearly true", True, {"small": large + clear}),
        ("clearly false", False, {"small": large - clear}),
    ]


def _compress_means(real: Mapping[str, float], clear: float = 0.015):
    """Errors from directions and of the middle, relative to the error from clusters."""
    clusters = real["small from clusters"]

    def at(gain: float, close: float) -> dict[str, float]:
        return {"small from directions": clusters + gain, "small": clusters + close + clear,
                "large": clusters + close - clear}  # fmt: skip

    return [
        ("both at their bounds", None, at(0, 0)),
        ("clearly true", True, at(clear, clear)),
        ("clearly false", False, at(-clear, -clear)),
        ("no gain, but close", None, at(0, clear)),
        ("a gain, but not close", False, at(clear, -clear)),
        ("a loss, but close", False, at(-clear, clear)),
    ]


CHOICES = tuple(choice(*values) for values in FILTERS)

_EVERY = (*(Choice(*values) for values in FILTERS), Choice(*FITTING, fitted=True))
_WITH = "jackknife over seeds, each with its own training images, and blocks of test images"
_NEEDS = ("compression", "compression_blocks")


def _about(variant: Choice) -> str:
    if variant.fitted:
        return (
            f"; networks trained to zero training error on {FITTED_IMAGES:,} images, seeds at "
            "which both reach it"
        )
    return "; networks trained for a fixed number of epochs, whatever their training error"


def _larger(variant: Choice) -> Reading:
    return Reading(
        choice(*variant),
        f"test error with 4 channels less that with 120, paired by seed, {_WITH}{_about(variant)}",
        Above(0, percent=True),
        partial(larger_better, variant=variant),
        _NEEDS,
        primary=EVERYWHERE if variant.fitted else (),
        worlds=partial(
            image_worlds, variant=variant, networks=("small", "large"), means=_larger_means
        ),
    )


def _compressed(variant: Choice) -> Reading:
    return Reading(
        choice(*variant),
        "test error of 4 channels from random directions as long as the cluster centres less that "
        "from the centres; and the mean error of 4 channels from random filters and of 120 "
        f"channels less that from the centres (at least half of the gap is closed); {_WITH}"
        + _about(variant),
        AllOf({GAIN: Above(0, percent=True), CLOSE: Above(0, percent=True, ours=True)}),
        partial(compress, variant=variant),
        _NEEDS,
        primary=EVERYWHERE if variant == _EVERY[0] else (),
        worlds=partial(image_worlds, variant=variant, networks=NETWORKS, means=_compress_means),
    )


IMAGE_CLAIMS = (
    Claim(
        "mnist-larger-better",
        "abstract; 7",
        "At global minima of the training loss, 120 channels generalize better than 4.",
        tuple(map(_larger, _EVERY)),
        figure="compression",
    ),
    Claim(
        "mnist-compress",
        "7",
        "4 channels started from the large network's cluster centres beat 4 from random "
        "filters, and come close to the large network.",
        tuple(map(_compressed, _EVERY)),
        figure="compression",
    ),
)
