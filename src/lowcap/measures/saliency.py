"""Which pixels a decision hangs on (2507.16278, sec. 4.7): maps, what they cover, who agrees."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float
from scipy.stats import rankdata

from lowcap.data import Split
from lowcap.measures.geometry import balanced
from lowcap.networks import OneHiddenLayer
from lowcap.streams import stream

Images = Float[np.ndarray, "images pixels"]
Maps = Float[np.ndarray, "images pixels"]
Method = Callable[[OneHiddenLayer, Images], Maps]


def gradient(network: OneHiddenLayer, images: Images) -> Maps:
    """The exact gradient of the logit with respect to the pixels."""
    acting = (images @ network.w1.T + network.b1 > 0) * network.w2
    return acting @ network.w1


def gradient_times_input(network: OneHiddenLayer, images: Images) -> Maps:
    """Gradient times pixel: 0 wherever the image is black."""
    return gradient(network, images) * images


def probability_gradient(network: OneHiddenLayer, images: Images) -> Maps:
    """The exact gradient of the probability: the logit's, times p (1 - p)."""
    p = network(images)
    return (p * (1 - p))[:, None] * gradient(network, images)


def finite_differences(network: OneHiddenLayer, images: Images, step: float = 0.1) -> Maps:
    """The published map: |p(x + step e_i) - p(x)| for each pixel i.

    The paper's text says step 0.01, its code uses 0.1, on the probability, unclipped.
    """
    before = images @ network.w1.T + network.b1
    base = _probability(network, before)
    maps = np.empty_like(images)
    for pixel in range(images.shape[1]):
        moved = before + step * network.w1[:, pixel]
        maps[:, pixel] = np.abs(_probability(network, moved) - base)
    return maps


def integrated_gradients(network: OneHiddenLayer, images: Images, steps: int = 32) -> Maps:
    """Sundararajan et al. (2017), on the logit, from a black image, by the midpoint rule.

    The maps sum to logit(image) - logit(black) but for the error of the rule.
    """
    total = np.zeros_like(images)
    for step in range(steps):
        total += gradient(network, images * ((step + 0.5) / steps))
    return images * total / steps


def smooth_gradient(
    network: OneHiddenLayer,
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


def _probability(network: OneHiddenLayer, before: Float[np.ndarray, "images hidden"]) -> np.ndarray:
    logits = np.maximum(before, 0) @ network.w2 + network.b2
    return 0.5 * (1 + np.tanh(0.5 * logits))


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

    def agreement(self, other: "Ranked") -> Float[np.ndarray, " images"]:
        """Spearman's rank correlation of the maps' magnitudes over pixels, image by image."""
        one, two = self._centred, other._centred
        norms = np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return (one * two).sum(axis=1) / norms

    def top_overlap(self, other: "Ranked") -> Float[np.ndarray, " images"]:
        """The part of the strongest pixels, `share` of all, that the maps have in common."""
        return (self._top & other._top).sum(axis=1) / self._count


def discriminating_region(split: Split, share: float = 0.1) -> Bool[np.ndarray, " pixels"]:
    """The pixels in which the classes' mean training images differ most, fixed in advance."""
    x, y = split.train
    apart = np.abs(x[y == 1].mean(axis=0) - x[y == 0].mean(axis=0))
    return apart >= np.quantile(apart, 1 - share)


def saliency(
    networks: dict[str, OneHiddenLayer], split: Split, *, rows: int = 100
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Where the maps of related networks lie, and how far they agree.

    Args:
        networks: by state: "trained", "untrained" (same initial weights), "pruned",
            "independent" (another network trained on the same data).
        split: the task's data; test images are explained.
        rows: how many test images, half of each class.

    Returns:
        Two tables. One row a state, method and image: `state, method, image, label, correct,
        on_strokes, on_region`, the concentration on pixels above 0.5 and on the most
        discriminating tenth of pixels. One row a method, other state and image: `method, state,
        image, rank_correlation, top_overlap` with the trained network's map.
    """
    data = balanced(split.test, rows)
    strokes = data.images > 0.5
    region = np.broadcast_to(discriminating_region(split), strokes.shape)
    image = np.arange(len(data.labels))
    maps = {
        (state, name): method(network, data.images)
        for state, network in networks.items()
        for name, method in METHODS.items()
    }
    shares = [
        pd.DataFrame(
            {
                "state": state,
                "method": name,
                "image": image,
                "label": data.labels.astype(int),
                "correct": (networks[state](data.images) >= 0.5) == (data.labels > 0),
                "on_strokes": concentration(drawn, strokes),
                "on_region": concentration(drawn, region),
            }
        )
        for (state, name), drawn in maps.items()
    ]
    ranked = {key: Ranked(drawn) for key, drawn in maps.items()}
    agreements = [
        pd.DataFrame(
            {
                "method": name,
                "state": state,
                "image": image,
                "rank_correlation": mine.agreement(ranked["trained", name]),
                "top_overlap": mine.top_overlap(ranked["trained", name]),
            }
        )
        for (state, name), mine in ranked.items()
        if state != "trained"
    ]
    return pd.concat(shares, ignore_index=True), pd.concat(agreements, ignore_index=True)
