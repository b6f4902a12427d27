"""The claims of this study, each with its readings."""

from lowcap.studies.retraining.claims import (
    attention,
    difficulty,
    gains,
    losses,
    mechanisms,
    neurons,
)

CLAIMS = tuple(
    claim
    for part in (losses, gains, difficulty, mechanisms, attention, neurons)
    for claim in part.CLAIMS
)
