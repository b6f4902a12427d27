"""Clusters of filters (1810.03037, sec. 7): centres, and how near the filters are to them."""

import numpy as np
from jaxtyping import Float
from sklearn.cluster import KMeans

from lowcap.streams import state_of, stream
from lowcap.studies.xor.exact import angles_to

Filters = Float[np.ndarray, "filters area"]


def cluster_centres(filters: Filters, count: int, seed: int = 0) -> Float[np.ndarray, "count area"]:
    """Centres of k-means on the filters, not normalised; the best of ten starts."""
    means = KMeans(count, n_init=10, random_state=state_of("k-means", seed))  # type: ignore[arg-type] - its default
    return means.fit(filters).cluster_centers_


def angles_to_centres(filters: Filters, count: int, seed: int = 0) -> Float[np.ndarray, " filters"]:
    """The angle in degrees of each filter to the nearest of its own clusters' centres."""
    return angles_to(filters, cluster_centres(filters, count, seed))


def same_norms(
    directions: Float[np.ndarray, "count area"], centres: Float[np.ndarray, "count area"]
) -> Float[np.ndarray, "count area"]:
    """The given directions, each scaled to the norm of the centre in the same row."""
    lengths = np.linalg.norm(centres, axis=1, keepdims=True)
    return directions / np.linalg.norm(directions, axis=1, keepdims=True) * lengths


def random_directions(
    centres: Float[np.ndarray, "count area"], seed: int = 0
) -> Float[np.ndarray, "count area"]:
    """Control: directions sampled uniformly, with the norms of the centres."""
    generator = stream("directions beside cluster centres", seed)
    return same_norms(generator.standard_normal(centres.shape), centres)


def random_members(
    filters: Filters, centres: Float[np.ndarray, "count area"], seed: int = 0
) -> Float[np.ndarray, "count area"]:
    """Control: randomly picked filters in place of centres, with the norms of the centres."""
    generator = stream("filters beside cluster centres", seed)
    return same_norms(filters[generator.choice(len(filters), len(centres), replace=False)], centres)
