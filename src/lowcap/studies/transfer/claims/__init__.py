"""Every claim of this study, in the order of the page."""

from lowcap.claims import Claim
from lowcap.studies.transfer.claims import (
    attention,
    capacity,
    classes,
    inside,
    pruning,
    robustness,
)

CLAIMS: tuple[Claim, ...] = (
    *capacity.CLAIMS,
    *classes.CLAIMS,
    *pruning.CLAIMS,
    *robustness.CLAIMS,
    *inside.CLAIMS,
    *attention.CLAIMS,
)
