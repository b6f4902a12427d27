"""The eight claims of arXiv 1810.03037, one file a subject."""

from lowcap.claims import with_words
from lowcap.studies.xor.claims.common import diverse
from lowcap.studies.xor.claims.images import CHOICES, choice
from lowcap.studies.xor.claims.images import IMAGE_CLAIMS as BARE_IMAGE_CLAIMS
from lowcap.studies.xor.claims.interplay import INTERPLAY_CLAIMS
from lowcap.studies.xor.claims.said import EXACT_SAID, IMAGE_SAID
from lowcap.studies.xor.claims.samples import SAMPLE_CLAIMS
from lowcap.studies.xor.claims.theorems import THEOREM_CLAIMS

EXACT_CLAIMS = with_words((*THEOREM_CLAIMS, *INTERPLAY_CLAIMS, *SAMPLE_CLAIMS), EXACT_SAID)
IMAGE_CLAIMS = with_words(BARE_IMAGE_CLAIMS, IMAGE_SAID)
CLAIMS = (*EXACT_CLAIMS, *IMAGE_CLAIMS)

__all__ = ["CHOICES", "CLAIMS", "EXACT_CLAIMS", "IMAGE_CLAIMS", "choice", "diverse"]
