"""The geometry of hidden activations, and what pruning does to it (2507.16278, sec. 4.5)."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float
from sklearn import config_context
from sklearn.linear_model import RidgeClassifier
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_score
from sklearn.neighbors import KNeighborsClassifier

from lowcap.data import Labelled, Split
from lowcap.measures.blocks import BLOCKS, image_blocks
from lowcap.networks import OneHiddenLayer
from lowcap.streams import state_of

NEIGHBOURS = 5


def linear_cka(one: Float[np.ndarray, "rows a"], other: Float[np.ndarray, "rows b"]) -> float:
    """Linear centred kernel alignment (Kornblith et al., 2019, eq. 5): 1 for equal geometry.

    Invariant to rotation and to scale; NaN when either does not vary.
    """
    if not (_varies(one) and _varies(other)):
        return float("nan")
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    norms = np.linalg.norm(one.T @ one) * np.linalg.norm(other.T @ other)
    return float(np.linalg.norm(one.T @ other) ** 2 / norms)


def _varies(values: Float[np.ndarray, "rows units"]) -> bool:
    return bool(np.ptp(values, axis=0).max() > 0)


def activations(
    network: OneHiddenLayer, images: Float[np.ndarray, "images pixels"]
) -> Float[np.ndarray, "images hidden"]:
    """The outputs of the hidden units."""
    return np.maximum(images @ network.w1.T + network.b1, 0)


class Spaces(NamedTuple):
    """What `geometry_by` gives."""

    table: pd.DataFrame
    blocks: pd.DataFrame
    """The same quantities when a block of images is left out: `state, block, cka, knn, probe`."""


def geometry(
    networks: Mapping[str, OneHiddenLayer], split: Split, data: Labelled, *, rows: int = 1000
) -> pd.DataFrame:
    """How the hidden spaces of related networks look, one row per network.

    Args:
        networks: by state; "dense" is the one the others are compared with, such as "pruned",
            "untrained" (its own initial weights) and "another seed".
        split: the task's data; the first `rows` training images (they are shuffled) teach the
            classifiers.
        data: the images looked at: the first `rows` // 2 of each class.
        rows: how many images at most.

    Returns:
        Columns: `state`; `cka`, linear CKA with the dense network's activations on `data` (NaN
        where all activations are equal); `knn`, accuracy on `data` of a 5-nearest-neighbour
        classifier in hidden space; `probe`, that of a linear least-squares classifier (ridge,
        strength 1) on the hidden activations; `silhouette` of the two classes.
    """
    return geometry_by(networks, split, data, rows=rows).table


def geometry_by(
    networks: Mapping[str, OneHiddenLayer], split: Split, data: Labelled, *, rows: int = 1000
) -> Spaces:
    """As `geometry`; and without each twentieth of the images, for a jackknife over images."""
    train = Labelled(split.train.x[:rows], split.train.y[:rows])
    data = balanced(data, rows)
    owners = image_blocks(data.y)
    dense = activations(networks["dense"], data.x)
    found, left_out = [], []
    for state, network in networks.items():
        taught, seen = activations(network, train.x), activations(network, data.x)
        # Checking small arrays costs scikit-learn as long as working on them.
        with config_context(assume_finite=True, skip_parameter_validation=True):
            nearest = KNeighborsClassifier(NEIGHBOURS, algorithm="brute").fit(taught, train.y)
            probe = RidgeClassifier(alpha=1.0).fit(taught, train.y)
            right = {
                "knn": nearest.predict(seen) == data.y,
                "probe": probe.predict(seen) == data.y,
            }
        found.append(
            {
                "state": state,
                "cka": linear_cka(dense, seen),
                **{name: float(hits.mean()) for name, hits in right.items()},
                "silhouette": float(silhouette_score(seen, data.y))
                if _varies(seen)
                else float("nan"),
            }
        )
        for block in range(BLOCKS):
            kept = owners != block
            left_out.append(
                {
                    "state": state,
                    "block": block,
                    "cka": linear_cka(dense[kept], seen[kept]),
                    **{name: float(hits[kept].mean()) for name, hits in right.items()},
                }
            )
    return Spaces(pd.DataFrame(found), pd.DataFrame(left_out))


def balanced(data: Labelled, rows: int) -> Labelled:
    """The first images of each class, at most `rows` in all."""
    chosen = [np.flatnonzero(data.y == label)[: rows // 2] for label in (0, 1)]
    places = np.sort(np.concatenate(chosen))
    return Labelled(data.x[places], data.y[places])


PERPLEXITIES = (5, 30, 100)
"""One t-SNE picture proves nothing: neighbourhoods of three sizes are shown."""


def embedding(
    networks: Mapping[str, OneHiddenLayer], data: Labelled, *, rows: int = 400, seed: int = 0
) -> pd.DataFrame:
    """Each network's hidden activations in a plane of its own, by t-SNE at three perplexities.

    Args:
        networks: by state.
        data: the images looked at, half of each class.
        rows: how many images at most.
        seed: seed of t-SNE.

    Returns:
        One row per state, perplexity and image: `state, perplexity, image, label, x, y`.
    """
    data = balanced(data, rows)
    count, parts = len(data.y), []
    for state, network in networks.items():
        seen = activations(network, data.x)
        for perplexity in (p for p in PERPLEXITIES if p < count / 3):
            random_state = state_of("t-SNE", seed, perplexity)
            plane = TSNE(init="pca", perplexity=perplexity, random_state=random_state)
            places = plane.fit_transform(seen) if _varies(seen) else np.zeros((count, 2))
            parts.append(
                pd.DataFrame(
                    {
                        "state": state,
                        "perplexity": perplexity,
                        "image": np.arange(count),
                        "label": data.y.astype(int),
                        "x": places[:, 0],
                        "y": places[:, 1],
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)
