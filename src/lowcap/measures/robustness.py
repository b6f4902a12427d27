"""How members answer to corrupted images (2507.16278, sec. 4.6)."""

import numpy as np
import pandas as pd

from lowcap.data import Labelled
from lowcap.measures.blocks import f1_without, image_blocks
from lowcap.measures.corrupted import Corruptions, corrupted_copies
from lowcap.measures.scoring import check_kind, scores, tidy
from lowcap.networks import Population
from lowcap.training import SCORES


def robustness(
    population: Population,
    data: Labelled,
    shape: tuple[int, ...],
    corruptions: Corruptions,
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
    for copy in corrupted_copies(data, shape, corruptions, draws=draws, seed=seed):
        found = scores(population.kind, population.logits(copy.x), data.y)
        observations.append(copy.key | {score: found[score]})
    return tidy(population.keys, observations)


def robustness_blocks(
    population: Population,
    data: Labelled,
    shape: tuple[int, ...],
    corruptions: Corruptions,
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
    for copy in corrupted_copies(data, shape, corruptions, draws=draws, seed=seed):
        found = f1_without(population.logits(copy.x)[..., 0], data.y, owners)
        without.setdefault((copy.corruption, copy.severity), []).append(found)
    observations = [
        {"corruption": kind, "severity": severity, "block": block, "f1": scores}
        for (kind, severity), found in without.items()
        for block, scores in enumerate(np.mean(found, axis=0).T)
    ]
    return tidy(population.keys, observations)


def examples(
    data: Labelled,
    shape: tuple[int, ...],
    corruptions: Corruptions,
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
    first = Labelled(data.x[first_rows], data.y[first_rows])
    parts = []
    for copy in corrupted_copies(first, shape, corruptions, draws=1, seed=seed):
        pixels = copy.x.shape[1]
        parts.append(
            pd.DataFrame(
                {
                    "corruption": copy.corruption,
                    "severity": copy.severity,
                    "label": np.repeat(labels, pixels),
                    "pixel": np.tile(np.arange(pixels), len(labels)),
                    "value": copy.x.reshape(-1),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
