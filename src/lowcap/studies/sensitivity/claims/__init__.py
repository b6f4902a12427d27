"""The eight claims of arXiv 1802.08760 that are covered here, each judged for every data set."""

from lowcap.studies.sensitivity.claims import correlations, ellipses, factors, points

CLAIMS = (*correlations.CLAIMS, *ellipses.CLAIMS, *factors.CLAIMS, *points.CLAIMS)

__all__ = ["CLAIMS"]
