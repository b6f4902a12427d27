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
    ELSEWHERE = "about other data"
    """It speaks of data of a kind that the run's are not, such as handwritten digits."""


class NotMeasured(Exception):
    """Raised by a judge when the run holds too little to judge by; the message says what lacks."""


class AboutOtherData(NotMeasured):
    """The claim is not about data like the run's; the message names those that it speaks of."""
