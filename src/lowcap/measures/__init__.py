"""Instruments: a trained population and its data in, a tidy table out."""

from lowcap.measures.capacity import (
    Scores,
    capacity,
    constant_f1,
    history,
    plateau_capacity,
    scores_by_seed,
    stable_capacity,
)
from lowcap.measures.difficulty import difficulty
from lowcap.measures.geometry import embedding, geometry, geometry_by, linear_cka
from lowcap.measures.neurons import neurons
from lowcap.measures.pruning import prune, prune_by
from lowcap.measures.robustness import examples, robustness, robustness_by
from lowcap.measures.saliency import region_shares, saliency
from lowcap.measures.scoring import dead_neurons, keys, respond

__all__ = [
    "Scores",
    "capacity",
    "constant_f1",
    "dead_neurons",
    "difficulty",
    "embedding",
    "examples",
    "geometry",
    "geometry_by",
    "history",
    "keys",
    "linear_cka",
    "neurons",
    "plateau_capacity",
    "prune",
    "prune_by",
    "region_shares",
    "respond",
    "robustness",
    "robustness_by",
    "saliency",
    "scores_by_seed",
    "stable_capacity",
]
