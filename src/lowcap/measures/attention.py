"""Whether a network looks at a corrupted image as at the clean one (a question of 2507.16278)."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int, Shaped

from lowcap.data import Split
from lowcap.errors import DataError
from lowcap.measures.blocks import BLOCKS, image_blocks
from lowcap.measures.corrupted import Copy, Corruptions, corrupted_copies
from lowcap.measures.geometry import balanced
from lowcap.measures.saliency import METHODS, Images, Ranked
from lowcap.measures.scoring import check_kind, check_reference
from lowcap.networks import Network, Population

ANSWERS = ("right", "wrong")
"""How a network classifies a corrupted image."""


def attention_under(
    population: Population,
    split: Split,
    corruptions: Corruptions,
    *,
    stranger: Population | None = None,
    rows: int = 200,
    draws: int = 2,
    methods: Sequence[str] = ("gradient",),
    seed: int = 0,
) -> pd.DataFrame:
    """How far networks' maps of corrupted images agree with their own maps of the clean ones.

    Pixels are compared, by a map's magnitude summed over the channels of each, and of them those
    that are not 0 in every image of the task (`split.active`). Corrupted images light up the others
    too, which moves the hidden units as in use. But a fully connected network's weights there are
    initial noise that training never met, and filters hardly reach an image's edge, so that what
    maps have there in common was not learned. Overlaps hardly change by it; rank correlations of
    filters' maps would be higher with edges that no filter sees. A split whose `active` is all True
    compares whole maps.

    With several classes a map is that of the class which the network names for the very image: it
    also changes where another class is named. With two there is one logit.

    Args:
        population: the networks.
        split: the task's data; test images are explained.
        corruptions: by kind and severity; see `lowcap.data.corruptions`.
        stranger: as many networks, such as of other seeds, whose maps of the clean images each
            member's maps are compared with as well.
        rows: how many test images, as many of each class.
        draws: how many corrupted copies of each image.
        methods: which of `saliency.METHODS`.
        seed: seed of the corruptions, which are those of `robustness` on the same images.

    Raises:
        SettingsError: the networks predict numbers, or there are not as many strangers as members.
        DataError: the task has no images.

    Returns:
        One row per member, method, corruption, severity, block of images, their class `label`,
        `answer` ("right" or "wrong": how the member classifies the corrupted copy) and `before`
        (the same of the clean image), of those that occur. Means over the
        `images` copies: `top_overlap` of the strongest twentieth of the pixels, `rank_correlation`,
        `attainable`, the largest overlap that maps with so few non-zero pixels can have, `empty`,
        the share of copies whose map is 0 everywhere (it agrees with nothing and counts as 0), and
        with strangers `stranger_overlap`, of the strongest pixels with those of the stranger's map
        of the clean image. Corruption "none", severity 0, is the clean image itself, once.

        A mean over blocks must be weighted by `images`, for a block may have one wrong copy or
        all. Wrong copies are mostly of one class, and many were wrong when clean: to ask what an
        error does to a map, compare right and wrong ones within each class, of images that were
        right before. The copies of an image share a block, so that leaving out blocks leaves out
        whole images.
    """
    check_kind(population, "attention_under", "binary", "classes")
    if stranger is not None:
        check_reference(population, stranger)
    shape = split.target.shape
    if shape is None:
        raise DataError(f"task {split.target.id}: needs images, [height, width] of pixels")
    data = balanced(split.test, rows)
    copies = list(corrupted_copies(data, shape, corruptions, draws=draws, seed=seed))
    block, parts = image_blocks(data.y), []
    for member in range(len(population)):
        network, who = population[member], population.keys.iloc[[member]]
        wrong = np.stack([~classified_right(network, copy.x, data.y) for copy in copies])
        for method in methods:
            ranked = partial(_ranked, method, split.active, shape)
            maps = [ranked(network, copy.x) for copy in copies]
            other = None if stranger is None else ranked(stranger[member], data.x)
            table = _means(copies, block, data.y, wrong, _agreements(maps, other))
            table.insert(0, "method", method)
            parts.append(who.merge(table, "cross"))
    return pd.concat(parts, ignore_index=True)


def _ranked(
    method: str,
    active: Bool[np.ndarray, " inputs"],
    shape: tuple[int, ...],
    network: Network,
    images: Images,
) -> Ranked:
    """A network's maps of some images on the pixels of which any channel is active."""
    compared = active.reshape(shape[0] * shape[1], -1).any(axis=1)
    return Ranked(pixel_maps(METHODS[method](network, images), shape)[:, compared])


def pixel_maps(
    maps: Float[np.ndarray, "images inputs"], shape: tuple[int, ...]
) -> Float[np.ndarray, "images pixels"]:
    """The magnitude of a map at each pixel, summed over the pixel's channels if it has several."""
    pixels = shape[0] * shape[1]
    return np.abs(maps).reshape(len(maps), pixels, -1).sum(axis=2)


def classified_right(
    network: Network, images: Images, labels: Shaped[np.ndarray, " images"]
) -> Bool[np.ndarray, " images"]:
    """Which images a network puts into their class."""
    logits = network.logits(images)
    named = logits[:, 0] >= 0 if network.kind == "binary" else logits.argmax(axis=1)
    return named == labels


def _agreements(
    maps: Sequence[Ranked], other: Ranked | None
) -> dict[str, Float[np.ndarray, "copies images"]]:
    """Of each copy's maps with the first's, which are of the clean images, and the stranger's."""
    clean = maps[0]
    found = {
        "top_overlap": [one.top_overlap(clean) for one in maps],
        "rank_correlation": [one.agreement(clean) for one in maps],
        "attainable": [one.attainable(clean) for one in maps],
        "empty": [one.attainable(one) == 0 for one in maps],  # a map without a strongest pixel
    }
    if other is not None:
        found["stranger_overlap"] = [one.top_overlap(other) for one in maps]
    return {name: np.stack(values).astype(float) for name, values in found.items()}


def _means(
    copies: Sequence[Copy],
    block: Int[np.ndarray, " images"],
    labels: Shaped[np.ndarray, " images"],
    wrong: Bool[np.ndarray, "copies images"],
    values: Mapping[str, Float[np.ndarray, "copies images"]],
) -> pd.DataFrame:
    """Means over the copies of each group that occurs; the first of the copies is clean."""
    kinds = list(dict.fromkeys((copy.corruption, copy.severity) for copy in copies))
    kind = np.array([kinds.index((copy.corruption, copy.severity)) for copy in copies])
    classes, label = np.unique(labels, return_inverse=True)
    sizes = (len(kinds), BLOCKS, len(classes), len(ANSWERS), len(ANSWERS))
    places = (kind[:, None], block, label, wrong.astype(int), wrong[0].astype(int))
    group = np.ravel_multi_index(np.broadcast_arrays(*places), sizes).ravel()
    counts = np.bincount(group, minlength=int(np.prod(sizes)))
    there = np.flatnonzero(counts)
    of_kind, of_block, of_label, of_answer, before = np.unravel_index(there, sizes)
    means = {
        name: np.bincount(group, one.ravel(), len(counts))[there] / counts[there]
        for name, one in values.items()
    }
    return pd.DataFrame(
        {
            "corruption": [kinds[number][0] for number in of_kind],
            "severity": [kinds[number][1] for number in of_kind],
            "block": of_block,
            "label": classes[of_label].astype(int),
            "answer": np.array(ANSWERS)[of_answer],
            "before": np.array(ANSWERS)[before],
            "images": counts[there],
            **means,
        }
    )
