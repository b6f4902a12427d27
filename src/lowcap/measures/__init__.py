"""Instruments: a trained population and its data in, a tidy table out."""

from lowcap.measures.capacity import (
    Scores,
    capacity,
    history,
    plateau_capacity,
    scores_by_seed,
    stable_capacity,
)
from lowcap.measures.pruning import masked, prune
from lowcap.measures.scoring import dead_neurons, keys, respond

__all__ = [
    "Scores",
    "capacity",
    "dead_neurons",
    "history",
    "keys",
    "masked",
    "plateau_capacity",
    "prune",
    "respond",
    "scores_by_seed",
    "stable_capacity",
]
