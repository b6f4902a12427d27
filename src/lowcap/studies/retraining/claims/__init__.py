"""The claims of this study, each with its readings."""

from lowcap.claims import Said, with_words
from lowcap.studies.low_capacity.claims import said
from lowcap.studies.retraining.claims import (
    attention,
    difficulty,
    gains,
    losses,
    mechanisms,
    neurons,
)

LOST = said.SAID
SAID = {
    "easy-task-pruning-retrained": LOST["easy-task-pruning"],
    "hard-task-pruning-retrained": LOST["hard-task-pruning"],
    "sparse-keeps-performance-and-attention": Said(said.REASONING),
}

CLAIMS = with_words(
    (
        claim
        for part in (losses, gains, difficulty, mechanisms, attention, neurons)
        for claim in part.CLAIMS
    ),
    SAID,
)
"""Every claim of this study, in the order of the page."""
