"""The eight claims of arXiv 1802.08760 that are covered here, each judged for every data set."""

from lowcap.claims import with_words
from lowcap.studies.sensitivity.claims import correlations, ellipses, factors, points
from lowcap.studies.sensitivity.claims.said import SAID

CLAIMS = with_words((*correlations.CLAIMS, *ellipses.CLAIMS, *factors.CLAIMS, *points.CLAIMS), SAID)

__all__ = ["CLAIMS"]
