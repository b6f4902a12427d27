"""How members answer to corrupted images (2507.16278, sec. 4.6)."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from lowcap.data import Labelled
from lowcap.data.corruptions import Corruption
from lowcap.measures.blocks import f1_without, image_blocks
from lowcap.measures.scoring import check_kind, scores, tidy
from lowcap.networks import Population
from lowcap.streams import stream
from lowcap.training import SCORES


def robustness(
    population: Population,
    data: Labelled,
    shape: tuple[int, ...],
    corruptions: Mapping[tuple[str, float], Corruption],
    *,
    draws: int = 3,
    seed: int = 0,
) -> pd.DataFrame:
    """Score every member on corrupted copies of the data, all members on the same copies.

    Corrupted images light up pixels that no clean image uses, whose weights were never trained;
    they take part here as they would in use.

    Args:
        population: trained networks.
        data: the images to corrupt, flattened, in [0, 1].
        shape: height and width (and channels) of an image.
        corruptions: by kind and severity; see `lowcap.data.corruptions`.
        draws: how many corrupted copies of each image.
        seed: seed of the corruptions.

    Returns:
        One row per member, corruption and draw: `corruption, severity, draw` and `f1` (`accuracy`
        of several classes, `r2` of numbers); the corruption "none" has severity 0 and one draw.
    """
    score, observations = SCORES[population.kind], []
    for common, x in _copies(data, shape, corruptions, draws, seed):
        found = scores(population.kind, population.logits(x), data.y)
        observations.append(common | {score: found[score]})
    return tidy(population.keys, observations)


def robustness_blocks(
    population: Population,
    data: Labelled,
    shape: tuple[int, ...],
    corruptions: Mapping[tuple[str, float], Corruption],
    *,
    draws: int = 3,
    seed: int = 0,
) -> pd.DataFrame:
    """As `robustness`, without one block of images: `corruption, severity, block, f1`.

    F1 is the mean over draws.

    Raises:
        SettingsError: the networks do not tell two classes apart.
    """
    check_kind(population, "robustness_blocks", "binary")
    owners, without = image_blocks(data.y), {}
    for common, x in _copies(data, shape, corruptions, draws, seed):
        found = f1_without(population.logits(x)[..., 0], data.y, owners)
        without.setdefault((common["corruption"], common["severity"]), []).append(found)
    observations = [
        {"corruption": kind, "severity": severity, "block": block, "f1": scores}
        for (kind, severity), found in without.items()
        for block, scores in enumerate(np.mean(found, axis=0).T)
    ]
    return tidy(population.keys, observations)


def _copies(
    data: Labelled,
    shape: tuple[int, ...],
    corruptions: Mapping[tuple[str, float], Corruption],
    draws: int,
    seed: int,
) -> Iterator[tuple[dict[str, Any], Float[np.ndarray, "images pixels"]]]:
    """Every copy of the images with what tells it apart; the first is not corrupted."""
    images = data.x.reshape(-1, *shape)
    for number, (kind, severity) in enumerate([("none", 0.0), *corruptions]):
        for draw in range(1 if kind == "none" else draws):
            copy = images
            if kind != "none":
                copy = corruptions[kind, severity](images, _generator(seed, number, draw))
            common = {"corruption": kind, "severity": float(severity), "draw": draw}
            yield common, copy.reshape(len(images), -1).astype(np.float32)


def _generator(seed: int, number: int, draw: int) -> np.random.Generator:
    return stream("corruption", seed, number, draw)


def examples(
    data: Labelled,
    shape: tuple[int, ...],
    corruptions: Mapping[tuple[str, float], Corruption],
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """The first image of each class under each corruption, to be looked at.

    Returns:
        One row a value: `corruption` ("none" first), `severity`, `label`, `pixel`, `value`. The
        channels of a colour image follow each other in `pixel`.
    """
    labels = np.unique(data.y).astype(int)
    first_rows = [int(np.flatnonzero(data.y == label)[0]) for label in labels]
    images = data.x[first_rows].reshape(-1, *shape)
    parts = []
    for number, (kind, severity) in enumerate([("none", 0.0), *corruptions]):
        copy = images
        if kind != "none":
            copy = corruptions[kind, severity](images, _generator(seed, number, 0))
        pixels = copy[0].size
        parts.append(
            pd.DataFrame(
                {
                    "corruption": kind,
                    "severity": float(severity),
                    "label": np.repeat(labels, pixels),
                    "pixel": np.tile(np.arange(pixels), len(labels)),
                    "value": copy.reshape(-1).astype(np.float32),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
