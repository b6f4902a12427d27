"""The claims of arXiv 2507.16278, each with readings, statistics and bounds fixed in advance."""

from lowcap.studies.low_capacity.claims import (
    capacity,
    difficulty,
    geometry,
    grace,
    instability,
    neurons,
    pruning,
    rates,
    robustness,
    saliency,
)

CLAIMS = (
    *rates.CLAIMS,
    *capacity.CLAIMS,
    *instability.CLAIMS,
    *difficulty.CLAIMS,
    *pruning.CLAIMS,
    *grace.CLAIMS,
    *neurons.CLAIMS,
    *geometry.CLAIMS,
    *robustness.CLAIMS,
    *saliency.CLAIMS,
)
"""In the paper's order, by section."""

__all__ = ["CLAIMS"]
