"""Every claim of this study, in the order of the page."""

from lowcap.claims import Claim, Said, with_words
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

CLAIMS: tuple[Claim, ...] = with_words(
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
)
