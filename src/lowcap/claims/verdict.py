"""The verdicts, and the reason why there may be none."""

from enum import StrEnum


class Verdict(StrEnum):
    """What became of a claim."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"
    NOT_MEASURABLE = "not measurable this way"
    """Even a case for which the claim is known to be true would not pass the bound."""
    NOT_MEASURED = "not measured"


class NotMeasured(Exception):
    """Raised by a judge when the run holds too little to judge by; the message says what lacks."""
