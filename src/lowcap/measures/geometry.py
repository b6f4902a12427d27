"""The geometry of hidden activations, and what pruning does to it (2507.16278, sec. 4.5)."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float
from sklearn import config_context
from sklearn.linear_model import RidgeClassifier
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_score
from sklearn.neighbors import KNeighborsClassifier

from lowcap.data import Labelled, Split
from lowcap.measures.blocks import BLOCKS, image_blocks
from lowcap.measures.scoring import check_kind, check_reference
from lowcap.networks import Population
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


def geometry(
    population: Population,
    split: Split,
    data: Labelled,
    *,
    reference: Population | None = None,
    rows: int = 1000,
) -> pd.DataFrame:
    """How the hidden spaces of networks look, one row per member.

    Args:
        population: the networks.
        split: the task's data; the first `rows` training rows (they are shuffled) teach the
            classifiers.
        data: the rows looked at: the first of each class, as many of each.
        reference: networks, as many, with which each is compared, such as those before pruning;
            the population itself unless given.
        rows: how many rows at most.

    Returns:
        The members' keys and `cka`, linear CKA with the reference's activations on `data` (NaN
        where all activations are equal); `knn`, accuracy on `data` of a 5-nearest-neighbour
        classifier in hidden space; `probe`, that of a linear least-squares classifier (ridge,
        strength 1) on the hidden activations; `silhouette` of the classes.

    Raises:
        SettingsError: the networks predict numbers, or the reference is of another length.
    """
    data = balanced(data, rows)
    found = []
    for space in _spaces(population, split, data, reference, rows):
        silhouette = (
            float(silhouette_score(space.values, data.y)) if _varies(space.values) else np.nan
        )
        found.append(space.scores(np.ones(len(data.y), bool)) | {"silhouette": silhouette})
    return population.keys.join(pd.DataFrame(found))


def geometry_blocks(
    population: Population,
    split: Split,
    data: Labelled,
    *,
    reference: Population | None = None,
    rows: int = 1000,
) -> pd.DataFrame:
    """As `geometry` without each twentieth of the rows, for a jackknife over rows.

    Returns:
        One row per member and block: `block, cka, knn, probe`.
    """
    data = balanced(data, rows)
    owners, parts = image_blocks(data.y), []
    spaces = _spaces(population, split, data, reference, rows)
    for member, space in enumerate(spaces):
        left_out = [{"block": b} | space.scores(owners != b) for b in range(BLOCKS)]
        parts.append(population.keys.iloc[[member]].merge(pd.DataFrame(left_out), "cross"))
    return pd.concat(parts, ignore_index=True)


class _Space(NamedTuple):
    """One network's hidden activations on the rows looked at, and who is classified right there."""

    reference: Float[np.ndarray, "rows _"]
    values: Float[np.ndarray, "rows units"]
    right: dict[str, Bool[np.ndarray, " rows"]]

    def scores(self, kept: Bool[np.ndarray, " rows"]) -> dict[str, float]:
        """CKA and accuracies on some of the rows."""
        accuracies = {name: float(hits[kept].mean()) for name, hits in self.right.items()}
        return {"cka": linear_cka(self.reference[kept], self.values[kept]), **accuracies}


def _spaces(
    population: Population,
    split: Split,
    data: Labelled,
    reference: Population | None,
    rows: int,
) -> list[_Space]:
    check_kind(population, "geometry", "binary", "classes")
    if reference is not None:
        check_reference(population, reference)
    train = Labelled(split.train.x[:rows], split.train.y[:rows])
    spaces = []
    for member in range(len(population)):
        network = population[member]
        taught, values = network.hidden(train.x), network.hidden(data.x)
        other = values if reference is None else reference[member].hidden(data.x)
        # Checking small arrays costs scikit-learn as long as working on them.
        with config_context(assume_finite=True, skip_parameter_validation=True):
            nearest = KNeighborsClassifier(NEIGHBOURS, algorithm="brute").fit(taught, train.y)
            probe = RidgeClassifier(alpha=1.0).fit(taught, train.y)
            right = {
                "knn": nearest.predict(values) == data.y,
                "probe": probe.predict(values) == data.y,
            }
        spaces.append(_Space(other, values, right))
    return spaces


def balanced(data: Labelled, rows: int) -> Labelled:
    """The first rows of each class, as many of each, at most `rows` in all."""
    classes = np.unique(data.y)
    each = rows // max(len(classes), 1)
    places = np.sort(np.concatenate([np.flatnonzero(data.y == c)[:each] for c in classes]))
    return Labelled(data.x[places], data.y[places])


PERPLEXITIES = (5, 30, 100)
"""One t-SNE picture proves nothing: neighbourhoods of three sizes are shown."""


def embedding(
    population: Population, data: Labelled, *, rows: int = 400, seed: int = 0
) -> pd.DataFrame:
    """Each network's hidden activations in a plane of its own, by t-SNE at three perplexities.

    Args:
        population: the networks.
        data: the rows looked at, as many of each class.
        rows: how many rows at most.
        seed: seed of t-SNE.

    Returns:
        One row per member, perplexity and image: `perplexity, image, label, x, y`.
    """
    check_kind(population, "embedding", "binary", "classes")
    data = balanced(data, rows)
    count, parts = len(data.y), []
    for member in range(len(population)):
        values = population[member].hidden(data.x)
        for perplexity in (p for p in PERPLEXITIES if p < count / 3):
            random_state = state_of("t-SNE", seed, perplexity)
            plane = TSNE(init="pca", perplexity=perplexity, random_state=random_state)
            places = plane.fit_transform(values) if _varies(values) else np.zeros((count, 2))
            table = pd.DataFrame(
                {
                    "perplexity": perplexity,
                    "image": np.arange(count),
                    "label": data.y.astype(int),
                    "x": places[:, 0],
                    "y": places[:, 1],
                }
            )
            parts.append(population.keys.iloc[[member]].merge(table, "cross"))
    return pd.concat(parts, ignore_index=True)
