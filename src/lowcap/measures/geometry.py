"""The geometry of hidden activations, and what pruning does to it (2507.16278, sec. 4.5)."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float
from sklearn import config_context
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_score
from sklearn.neighbors import KNeighborsClassifier

from lowcap.data import Labelled, Split
from lowcap.measures.pruning import masked
from lowcap.measures.scoring import keys
from lowcap.networks import OneHiddenLayer, removed, take
from lowcap.streams import state_of
from lowcap.training import Fitted

NEIGHBOURS = 5

EXACT: Mapping[str, Callable[[int, float], int]] = {"exact": removed}


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


def pruned_pairs(
    fitted: Fitted, sparsity: float, count: Callable[[int, float], int] = removed
) -> list[tuple[OneHiddenLayer, OneHiddenLayer]]:
    """Each member dense, and with each layer pruned by magnitude."""
    wide = fitted.wide
    pruned = masked(wide, *fitted.ranks().keep(sparsity, count))
    return [(take(wide, m), take(pruned, m)) for m in range(wide.layout.members)]


def geometry(
    fitted: Fitted,
    split: Split,
    data: Labelled,
    sparsity: float,
    *,
    rules: Mapping[str, Callable[[int, float], int]] = EXACT,
    rows: int = 1000,
) -> pd.DataFrame:
    """How hidden space looks before and after pruning, one row a member and rule of pruning.

    Columns: `rule`; `requested_sparsity`; `cka`, linear CKA between the dense and the pruned
    network's activations on `data`; `knn_dense` and `knn_pruned`, accuracy on `data` of a
    5-nearest-neighbour classifier in hidden space that knows training images; `silhouette_dense`
    and `silhouette_pruned`, of the two classes on `data` (NaN where all activations are equal).

    Args:
        fitted: the trained population.
        split: its data; the first `rows` training images (they are shuffled) are the neighbours.
        data: the images looked at; the first `rows` of each class alternating are used.
        sparsity: fraction of each layer's weights to prune.
        rules: by name, how many of n weights a sparsity removes; see `prune`.
        rows: how many images at most.
    """
    train = Labelled(split.train.images[:rows], split.train.labels[:rows])
    data = balanced(data, rows)
    dense = [_space(fitted.member(m), train, data) for m in range(len(fitted.members))]
    parts = []
    for rule, count in rules.items():
        pairs = pruned_pairs(fitted, sparsity, count)
        found = []
        for before, (_, network) in zip(dense, pairs, strict=True):
            after = _space(network, train, data)
            found.append(
                {
                    "rule": rule,
                    "requested_sparsity": sparsity,
                    "cka": linear_cka(before.seen, after.seen),
                    "knn_dense": before.knn,
                    "knn_pruned": after.knn,
                    "silhouette_dense": before.silhouette,
                    "silhouette_pruned": after.silhouette,
                }
            )
        parts.append(keys(fitted.members).join(pd.DataFrame(found)))
    return pd.concat(parts, ignore_index=True)


class _Space(NamedTuple):
    """One network's hidden space."""

    seen: Float[np.ndarray, "images hidden"]
    knn: float
    silhouette: float


def _space(network: OneHiddenLayer, train: Labelled, data: Labelled) -> _Space:
    seen = activations(network, data.images)
    # Checking small arrays costs scikit-learn as long as working on them.
    with config_context(assume_finite=True, skip_parameter_validation=True):
        classifier = KNeighborsClassifier(NEIGHBOURS, algorithm="brute")
        classifier.fit(activations(network, train.images), train.labels)
        knn = float(classifier.score(seen, data.labels))
        silhouette = float(silhouette_score(seen, data.labels)) if _varies(seen) else float("nan")
    return _Space(seen, knn, silhouette)


def balanced(data: Labelled, rows: int) -> Labelled:
    """The first images of each class, at most `rows` in all."""
    chosen = [np.flatnonzero(data.labels == label)[: rows // 2] for label in (0, 1)]
    places = np.sort(np.concatenate(chosen))
    return Labelled(data.images[places], data.labels[places])


def embedding(
    dense: OneHiddenLayer, pruned: OneHiddenLayer, data: Labelled, *, rows: int = 400, seed: int = 0
) -> pd.DataFrame:
    """Both networks' activations in one t-SNE plane, so that the two pictures can be compared.

    Returns:
        One row an image and state: `state` (dense, pruned), `image`, `label`, `x`, `y`.
    """
    data = balanced(data, rows)
    both = np.concatenate([activations(net, data.images) for net in (dense, pruned)])
    plane = TSNE(init="pca", perplexity=30, random_state=state_of("t-SNE", seed)).fit_transform(
        both
    )
    count = len(data.labels)
    return pd.DataFrame(
        {
            "state": np.repeat(["dense", "pruned"], count),
            "image": np.tile(np.arange(count), 2),
            "label": np.tile(data.labels.astype(int), 2),
            "x": plane[:, 0],
            "y": plane[:, 1],
        }
    )
