"""How members answer to corrupted images (2507.16278, sec. 4.6), dense and pruned."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from lowcap.data import Labelled
from lowcap.data.corruptions import Corruption
from lowcap.measures.blocks import f1_without, image_blocks
from lowcap.measures.scoring import respond, tidy
from lowcap.networks import GLOBAL, PruningRule
from lowcap.streams import stream
from lowcap.training import Fitted, f1, narrow, to_device


class Corrupted(NamedTuple):
    """What `robustness_by` gives."""

    table: pd.DataFrame
    blocks: pd.DataFrame
    """F1 without one block of images, mean over draws: `corruption, severity, block, f1`."""


def robustness(
    fitted: Fitted,
    data: Labelled,
    shape: tuple[int, int],
    corruptions: Mapping[tuple[str, float], Corruption],
    *,
    draws: int = 3,
    sparsity: Sequence[float] = (0.0,),
    rule: PruningRule = GLOBAL,
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
        sparsity: pruning levels to score; 0 is the dense network.
        rule: how to prune.
        seed: seed of the corruptions.

    Returns:
        One row per member, corruption, draw and pruning level: `corruption, severity, draw,
        requested_sparsity, f1`; the corruption "none" has severity 0 and one draw.
    """
    return robustness_by(
        fitted, data, shape, corruptions, draws=draws, sparsity=sparsity, rule=rule, seed=seed
    ).table


def robustness_by(
    fitted: Fitted,
    data: Labelled,
    shape: tuple[int, int],
    corruptions: Mapping[tuple[str, float], Corruption],
    *,
    draws: int = 3,
    sparsity: Sequence[float] = (0.0,),
    rule: PruningRule = GLOBAL,
    seed: int = 0,
    blocks: bool = False,
) -> Corrupted:
    """As `robustness`; with `blocks`, the dense networks' F1 without each block of images too."""
    everything = np.ones(data.x.shape[1], bool)
    networks = {level: narrow(fitted.pruned(level, rule), everything) for level in sparsity}
    images = data.x.reshape(-1, *shape)
    owners = image_blocks(data.y)
    seen, left_out = [], []
    for number, (kind, severity) in enumerate([("none", 0.0), *corruptions]):
        without = []
        for draw in range(1 if kind == "none" else draws):
            copy = images
            if kind != "none":
                copy = corruptions[kind, severity](images, _generator(seed, number, draw))
            flat = copy.reshape(len(images), -1).astype(np.float32)
            rows = to_device(Labelled(flat, data.y), everything)
            for level, network in networks.items():
                logits, _ = respond(network, rows)
                common = {"corruption": kind, "severity": float(severity)}
                scores = {"requested_sparsity": level, "f1": f1(logits, data.y)}
                seen.append({**common, "draw": draw, **scores})
                if blocks and level == 0:
                    without.append(f1_without(logits, data.y, owners))
        if blocks:
            mean = np.mean(without, axis=0)
            left_out += [{**common, "block": b, "f1": scores} for b, scores in enumerate(mean.T)]
    table = tidy(fitted.members, seen)
    return Corrupted(table, tidy(fitted.members, left_out) if blocks else table.iloc[:0])


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
    chosen = [int(np.flatnonzero(data.y == label)[0]) for label in (0, 1)]
    images = data.x[chosen].reshape(-1, *shape)
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
