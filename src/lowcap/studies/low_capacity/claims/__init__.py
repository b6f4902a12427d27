"""The claims of arXiv 2507.16278, each with the statistic and rule fixed in advance."""

from lowcap.studies.low_capacity.claims import capacity, geometry, pruning, robustness, saliency

CLAIMS = (*capacity.CLAIMS, *pruning.CLAIMS, *geometry.CLAIMS, *robustness.CLAIMS, *saliency.CLAIMS)

__all__ = ["CLAIMS"]
