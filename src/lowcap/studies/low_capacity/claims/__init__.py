"""The claims of arXiv 2507.16278, each with readings, statistics and bounds fixed in advance."""

from lowcap.claims import with_lacks, with_words
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
from lowcap.studies.low_capacity.claims.lacks import LACKS
from lowcap.studies.low_capacity.claims.said import SAID

CLAIMS = with_lacks(
    with_words(
        (
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
        ),
        SAID,
    ),
    LACKS,
)
"""In the paper's order, by section."""

__all__ = ["CLAIMS"]
