"""How members answer to corrupted images (2507.16278, sec. 4.6), dense and pruned."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lowcap.data import Labelled
from lowcap.data.corruptions import Corruption
from lowcap.measures.pruning import masked
from lowcap.measures.scoring import respond, tidy
from lowcap.streams import stream
from lowcap.training import Fitted, f1, narrow, to_device


def robustness(
    fitted: Fitted,
    data: Labelled,
    shape: tuple[int, int],
    corruptions: Mapping[tuple[str, float], Corruption],
    *,
    draws: int = 3,
    sparsity: Sequence[float] = (0.0,),
    seed: int = 0,
) -> pd.DataFrame:
    """Score every member on corrupted copies of the data, all members on the same copies.

    Corrupted images light up pixels that no clean image uses, whose weights were never trained;
    they take part here as they would in use.

    Args:
        fitted: the trained population.
        data: the images to corrupt, flattened, in [0, 1].
        shape: height and width of an image.
        corruptions: by kind and severity; see `lowcap.data.corruptions`.
        draws: how many corrupted copies of each image.
        sparsity: pruning levels (each layer by magnitude) to score beside the dense network.
        seed: seed of the corruptions.

    Returns:
        One row a member, corruption, draw and pruning level: `corruption, severity, draw,
        requested_sparsity, f1`; the corruption "none" has severity 0 and one draw.
    """
    wide = fitted.wide
    everything = np.ones(data.images.shape[1], bool)
    networks = {
        level: narrow(masked(wide, *fitted.ranks().keep(level)) if level else wide, everything)
        for level in sparsity
    }
    images = data.images.reshape(-1, *shape)
    seen = []
    for number, (kind, severity) in enumerate([("none", 0.0), *corruptions]):
        for draw in range(1 if kind == "none" else draws):
            copy = images
            if kind != "none":
                copy = corruptions[kind, severity](images, _generator(seed, number, draw))
            flat = copy.reshape(len(images), -1).astype(np.float32)
            rows = to_device(Labelled(flat, data.labels), everything)
            for level, network in networks.items():
                logits, _ = respond(network, rows)
                seen.append(
                    {
                        "corruption": kind,
                        "severity": float(severity),
                        "draw": draw,
                        "requested_sparsity": level,
                        "f1": f1(logits, data.labels),
                    }
                )
    return tidy(fitted.members, seen)


def _generator(seed: int, number: int, draw: int) -> np.random.Generator:
    return stream("corruption", seed, number, draw)


def examples(
    data: Labelled,
    shape: tuple[int, int],
    corruptions: Mapping[tuple[str, float], Corruption],
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """The first image of each class under each corruption, to be looked at.

    Returns:
        One row a pixel: `corruption` ("none" first), `severity`, `label`, `pixel`, `value`.
    """
    chosen = [int(np.flatnonzero(data.labels == label)[0]) for label in (0, 1)]
    images = data.images[chosen].reshape(-1, *shape)
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
                    "label": np.repeat([0, 1], pixels),
                    "pixel": np.tile(np.arange(pixels), 2),
                    "value": copy.reshape(-1).astype(np.float32),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
