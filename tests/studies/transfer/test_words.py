"""The first screen says what the paper says, of the networks that were trained."""

from lowcap.studies.transfer.settings import Settings
from lowcap.studies.transfer.study import STUDY
from lowcap.studies.transfer.words import HEADLINES, _middle


def test_middle_sizes_are_those_that_are_looked_into():
    assert _middle(Settings()) == "32 hidden units and 8 filters"
    few = Settings(hidden=(1, 16), channels=(2, 4), architectures=("fully connected", "conv 3x3"))
    assert _middle(few) == "16 hidden units and 4 filters"


def test_headlines_are_settled_by_claims_of_the_study():
    assert set(HEADLINES.values()) <= {claim.id for claim in STUDY.claims}
