"""Instruments: a trained population and its data in, a tidy table out."""

from lowcap.measures.capacity import (
    Scores,
    capacity,
    history,
    plateau_capacity,
    scores_by_seed,
    stable_capacity,
)
from lowcap.measures.difficulty import difficulty
from lowcap.measures.geometry import embedding, geometry, linear_cka, pruned_pairs
from lowcap.measures.neurons import neurons
from lowcap.measures.pruning import masked, prune
from lowcap.measures.robustness import examples, robustness
from lowcap.measures.saliency import saliency
from lowcap.measures.scoring import dead_neurons, keys, respond

__all__ = [
    "Scores",
    "capacity",
    "dead_neurons",
    "difficulty",
    "embedding",
    "examples",
    "geometry",
    "history",
    "keys",
    "linear_cka",
    "masked",
    "neurons",
    "plateau_capacity",
    "prune",
    "pruned_pairs",
    "respond",
    "robustness",
    "saliency",
    "scores_by_seed",
    "stable_capacity",
]
