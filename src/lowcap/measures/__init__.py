"""Instruments: a trained population and its data in, a tidy table out."""

from lowcap.measures.attention import attention_under
from lowcap.measures.capacity import (
    Scores,
    capacity,
    constant_f1,
    costs,
    plateau_capacity,
    scores_by_seed,
    stable_capacity,
)
from lowcap.measures.difficulty import difficulty
from lowcap.measures.geometry import embedding, geometry, geometry_blocks, linear_cka
from lowcap.measures.jacobian import jacobian_norms
from lowcap.measures.neurons import neurons
from lowcap.measures.pruning import prune, pruned_blocks, pruned_scores
from lowcap.measures.regions import region_map, transitions
from lowcap.measures.robustness import examples, robustness, robustness_blocks
from lowcap.measures.saliency import region_shares, saliency, saliency_agreement
from lowcap.measures.scoring import scores, tidy
from lowcap.measures.sensitivity import along_ellipses, ellipse_paths, sensitivity

__all__ = [
    "Scores",
    "along_ellipses",
    "attention_under",
    "capacity",
    "constant_f1",
    "costs",
    "difficulty",
    "ellipse_paths",
    "embedding",
    "examples",
    "geometry",
    "geometry_blocks",
    "jacobian_norms",
    "linear_cka",
    "neurons",
    "plateau_capacity",
    "prune",
    "pruned_blocks",
    "pruned_scores",
    "region_map",
    "region_shares",
    "robustness",
    "robustness_blocks",
    "saliency",
    "saliency_agreement",
    "scores",
    "scores_by_seed",
    "sensitivity",
    "stable_capacity",
    "tidy",
    "transitions",
]
