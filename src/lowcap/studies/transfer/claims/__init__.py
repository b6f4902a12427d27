"""Every claim of this study, in the order of the page."""

from lowcap.claims import Claim
from lowcap.studies.transfer.claims import (
    attention,
    capacity,
    classes,
    pruning,
    robustness,
    saliency,
    space,
)

CLAIMS: tuple[Claim, ...] = (
    *capacity.CLAIMS,
    *pruning.CLAIMS,
    *space.CLAIMS,
    *robustness.CLAIMS,
    *saliency.CLAIMS,
    *classes.CLAIMS,
    *saliency.KIN_CLAIMS,
    *attention.CLAIMS,
)
