"""The eight claims of arXiv 1810.03037, one file a subject."""

from lowcap.studies.xor.claims.common import diverse
from lowcap.studies.xor.claims.images import CHOICES, IMAGE_CLAIMS, choice
from lowcap.studies.xor.claims.interplay import INTERPLAY_CLAIMS
from lowcap.studies.xor.claims.samples import SAMPLE_CLAIMS
from lowcap.studies.xor.claims.theorems import THEOREM_CLAIMS

EXACT_CLAIMS = (*THEOREM_CLAIMS, *INTERPLAY_CLAIMS, *SAMPLE_CLAIMS)
CLAIMS = (*EXACT_CLAIMS, *IMAGE_CLAIMS)

__all__ = ["CHOICES", "CLAIMS", "EXACT_CLAIMS", "IMAGE_CLAIMS", "choice", "diverse"]
