"""The four verdicts, and a finding: a verdict with the numbers that led to it."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What became of a claim."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Finding:
    """What was found about one claim under one condition."""

    effect: float
    low: float
    high: float
    verdict: Verdict
    sentence: str
    """One sentence that a reader understands, with the numbers in it."""


class NotMeasured(Exception):
    """Raised by a judge when the run holds too little to judge by; the message says what lacks."""
