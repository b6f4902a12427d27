"""Every claim of this study, in the order of the page."""

from lowcap.claims import Claim, Said, with_lacks, with_words
from lowcap.studies.low_capacity.claims import said
from lowcap.studies.transfer.claims import (
    attention,
    capacity,
    classes,
    pruning,
    robustness,
    saliency,
    space,
)

SAID = {
    "harder-need-more": Said(said.CAPACITY),
    "hard-task-pruning-travels": Said(said.PRUNING),
    "noise-robustness-travels": Said(said.ROBUSTNESS),
    "occlusion-robustness-travels": Said(said.ROBUSTNESS),
    "reasoning-preserved-travels": Said(said.REASONING),
}
"""Said of fully connected networks on pairs of digits."""

_SMALL = (
    "images of less than 14 x 14 pixels were not corrupted: a patch would hide too much of them"
)

LACKS = {"robustness": _SMALL, "attention": _SMALL}
"""What it means that a run has no such table; see `Claim.lacks`."""

CLAIMS: tuple[Claim, ...] = with_lacks(
    with_words(
        (
            *capacity.CLAIMS,
            *pruning.CLAIMS,
            *space.CLAIMS,
            *robustness.CLAIMS,
            *saliency.CLAIMS,
            *classes.CLAIMS,
            *saliency.KIN_CLAIMS,
            *attention.CLAIMS,
        ),
        SAID,
    ),
    LACKS,
)
