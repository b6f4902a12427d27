"""Which pixels a decision hangs on (2507.16278, sec. 4.7): maps, what they cover, who agrees."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int
from scipy.stats import rankdata

from lowcap.data import Split
from lowcap.errors import SettingsError
from lowcap.given import several
from lowcap.measures.blocks import image_blocks
from lowcap.measures.geometry import balanced
from lowcap.measures.scoring import check_kind, check_reference
from lowcap.networks import Network, Population
from lowcap.streams import stream

Images = Float[np.ndarray, "images pixels"]
Maps = Float[np.ndarray, "images pixels"]
Method = Callable[[Network, Images], Maps]


def gradient(network: Network, images: Images) -> Maps:
    """The exact gradient of the decisive logit with respect to the pixels."""
    return network.gradient(images)


def gradient_times_input(network: Network, images: Images) -> Maps:
    """Gradient times pixel: 0 wherever the image is black."""
    return gradient(network, images) * images


def probability_gradient(network: Network, images: Images) -> Maps:
    """The exact gradient of the decisive probability.

    With two classes it is the logit's, times p (1 - p).
    """
    p = network(images)
    if network.kind == "binary":
        return (p * (1 - p))[:, None] * gradient(network, images)
    own = np.eye(p.shape[1], dtype=p.dtype)[p.argmax(axis=1)]
    largest = (p * own).sum(axis=1, keepdims=True)
    return network.gradient(images, largest * (own - p))


def finite_differences(network: Network, images: Images, step: float = 0.1) -> Maps:
    """The published map: |p(x + step e_i) - p(x)| for each pixel i, of the decisive probability.

    The paper's text says step 0.01, its code uses 0.1, on the probability, unclipped.
    """
    first = network.first(images)  # what a pixel adds to the first layer needs no product
    said = network.onward(first)
    if said.ndim == 1:
        said, decisive = said[:, None], np.zeros(len(images), int)
    else:
        decisive = said.argmax(axis=1)
    rows = np.arange(len(images))
    base, maps = said[rows, decisive], np.empty_like(images)
    for pixel in range(images.shape[1]):
        moved = network.onward(first + step * network.column(pixel)).reshape(said.shape)
        maps[:, pixel] = np.abs(moved[rows, decisive] - base)
    return maps


def integrated_gradients(network: Network, images: Images, steps: int = 32) -> Maps:
    """Sundararajan et al. (2017), on the logit, from a black image, by the midpoint rule.

    The maps sum to logit(image) - logit(black) but for the error of the rule.
    """
    total = np.zeros_like(images)
    for step in range(steps):
        total += gradient(network, images * ((step + 0.5) / steps))
    return images * total / steps


def smooth_gradient(
    network: Network,
    images: Images,
    sigma: float = 0.15,
    draws: int = 16,
    seed: int = 0,
) -> Maps:
    """SmoothGrad (Smilkov et al., 2017): the mean gradient over noisy copies, N(0, sigma)."""
    rng = stream("SmoothGrad", seed)
    total = np.zeros_like(images)
    for _ in range(draws):
        noise = rng.normal(0, sigma, images.shape).astype(images.dtype)
        total += gradient(network, images + noise)
    return total / draws


METHODS: dict[str, Method] = {
    "finite differences": finite_differences,
    "gradient": gradient,
    "gradient x input": gradient_times_input,
    "probability gradient": probability_gradient,
    "integrated gradients": integrated_gradients,
    "SmoothGrad": smooth_gradient,
}


def concentration(
    maps: Maps, region: Bool[np.ndarray, "images pixels"]
) -> Float[np.ndarray, " images"]:
    """The share of a map's magnitude inside a region over the region's share of the area.

    1 for a map that does not know the region; NaN where the map or the region is empty.
    """
    magnitude = np.abs(maps)
    total, area = magnitude.sum(axis=1), region.mean(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (magnitude * region).sum(axis=1) / total / area


class Ranked:
    """A set of maps as far as their agreement with others is concerned; sorted once."""

    def __init__(self, maps: Maps, share: float = 0.05) -> None:
        magnitude = np.abs(maps)
        ranks = rankdata(magnitude, axis=1)
        self._centred = ranks - ranks.mean(axis=1, keepdims=True)
        self._count = max(1, round(share * maps.shape[1]))
        strongest = np.argsort(-magnitude, axis=1, kind="stable")[:, : self._count]
        self._top = np.zeros(maps.shape, bool)
        np.put_along_axis(self._top, strongest, True, axis=1)
        self._top &= magnitude > 0  # a pixel that nothing hangs on is nobody's strongest

    def agreement(self, other: "Ranked") -> Float[np.ndarray, " images"]:
        """Spearman's rank correlation of the maps' magnitudes over pixels, image by image.

        0 where a map is the same everywhere: it agrees with nothing.
        """
        one, two = self._centred, other._centred
        norms = np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
        return (one * two).sum(axis=1) / np.where(norms > 0, norms, 1)

    def top_overlap(self, other: "Ranked") -> Float[np.ndarray, " images"]:
        """The part of the strongest pixels, `share` of all, that the maps have in common."""
        return (self._top & other._top).sum(axis=1) / self._count

    def attainable(self, other: "Ranked") -> Float[np.ndarray, " images"]:
        """The largest overlap that maps with so few non-zero pixels can have."""
        return np.minimum(self._top.sum(axis=1), other._top.sum(axis=1)) / self._count


def discriminating_region(split: Split, share: float = 0.1) -> Bool[np.ndarray, " pixels"]:
    """The pixels in which the classes' mean training images differ most, fixed in advance."""
    x, y = split.train
    apart = np.ptp([x[y == label].mean(axis=0) for label in np.unique(y)], axis=0)
    return apart >= np.quantile(apart, 1 - share)


def saliency(
    population: Population,
    split: Split,
    *,
    rows: int = 100,
    methods: str | Sequence[str] = tuple(METHODS),
) -> pd.DataFrame:
    """Where the maps of networks lie; means over the test images of a block (a twentieth of them).

    Args:
        population: the networks.
        split: the task's data; test images are explained.
        rows: how many test images, as many of each class.
        methods: one or several of `METHODS`.

    Raises:
        SettingsError: the networks predict numbers.

    Returns:
        One row per member, method and block: `method, block, images, on_strokes, on_region`, the
        concentration on pixels above 0.5 and on the most discriminating tenth of pixels (NaN where
        all maps are empty).
    """
    check_kind(population, "saliency", "binary", "classes")
    data = balanced(split.test, rows)
    strokes = data.x > 0.5
    region = np.broadcast_to(discriminating_region(split), strokes.shape)
    owners, parts = image_blocks(data.y), []
    for member in range(len(population)):
        who = population.keys.iloc[[member]]
        for method in _known(methods):
            maps = METHODS[method](population[member], data.x)
            inside = {
                "on_strokes": concentration(maps, strokes),
                "on_region": concentration(maps, region),
            }
            parts.append(who.merge(_by_block(owners, {"method": method}, inside), "cross"))
    return pd.concat(parts, ignore_index=True)


def saliency_agreement(
    population: Population,
    split: Split,
    *,
    reference: Population,
    rows: int = 100,
    methods: str | Sequence[str] = tuple(METHODS),
) -> pd.DataFrame:
    """How far the maps of networks agree with those of others, such as before pruning.

    Args:
        population: the networks.
        split: the task's data; test images are explained.
        reference: as many networks, with which each is compared.
        rows: how many test images, as many of each class.
        methods: one or several of `METHODS`.

    Raises:
        SettingsError: the networks predict numbers, or the reference is of another length.

    Returns:
        One row per member, method and block: `method, block, images, rank_correlation,
        top_overlap` of the strongest twentieth of the pixels, `attainable`, the largest overlap
        that maps with so few non-zero pixels can have, and `empty`, the share of maps that are 0
        everywhere (they agree with nothing and count as 0).
    """
    check_kind(population, "saliency_agreement", "binary", "classes")
    check_reference(population, reference)
    data = balanced(split.test, rows)
    owners, parts = image_blocks(data.y), []
    for member in range(len(population)):
        who = population.keys.iloc[[member]]
        for method in _known(methods):
            maps = METHODS[method](population[member], data.x)
            one, other = Ranked(METHODS[method](reference[member], data.x)), Ranked(maps)
            agreeing = {
                "rank_correlation": one.agreement(other),
                "top_overlap": one.top_overlap(other),
                "attainable": one.attainable(other),
                "empty": (np.abs(maps).max(axis=1) == 0).astype(float),
            }
            parts.append(who.merge(_by_block(owners, {"method": method}, agreeing), "cross"))
    return pd.concat(parts, ignore_index=True)


def _by_block(
    owners: Int[np.ndarray, " images"],
    common: Mapping[str, str],
    values: Mapping[str, Float[np.ndarray, " images"]],
) -> pd.DataFrame:
    """Means over the images of each block; images whose map is empty (NaN) do not count."""
    table = pd.DataFrame(dict(values)).groupby(owners).mean().rename_axis("block").reset_index()
    for place, (name, value) in enumerate(common.items()):
        table.insert(place, name, value)
    table.insert(len(common) + 1, "images", np.bincount(owners)[table["block"]])
    return table


def _known(methods: str | Sequence[str]) -> list[str]:
    """The methods asked for.

    Raises:
        SettingsError: there is none of a name.
    """
    found = several(methods)
    for name in found:
        if name not in METHODS:
            raise SettingsError(f"unknown method '{name}': choose {', '.join(METHODS)}")
    return found


def region_shares(network: Network, split: Split, label: int) -> pd.DataFrame:
    """How much of each test image's map lies on the most discriminating tenth of the pixels.

    Args:
        network: whose maps.
        split: the task's data; the region follows from the class means of the training images.
        label: the class, 0 or 1, whose test images are looked at, all of them.

    Returns:
        One row per image: `image` (its number among the test images of the class), `correct`,
        `published map` (concentration of the finite differences) and `gradient x input` (its share
        on the region over the image's own share of ink there: gradient x input is 0 without ink,
        so that the share alone would measure ink).
    """
    images = split.test.x[split.test.y == label]
    region = np.broadcast_to(discriminating_region(split), images.shape)
    ink = concentration(images, region)
    with np.errstate(invalid="ignore", divide="ignore"):
        per_ink = concentration(gradient_times_input(network, images), region) / ink
    return pd.DataFrame(
        {
            "image": np.arange(len(images)),
            "correct": (network(images) >= 0.5) == (label > 0),
            "published map": concentration(finite_differences(network, images), region),
            "gradient x input": per_ink,
        }
    )
