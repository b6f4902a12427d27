"""For the studies whose claims still hold a judge that gives its own verdict; goes with them."""

from collections.abc import Callable
from dataclasses import dataclass

from lowcap.claims.bounds import Decision
from lowcap.claims.claim import Claim, Reading
from lowcap.claims.estimates import Interval
from lowcap.claims.evidence import Evidence
from lowcap.claims.verdict import Verdict


@dataclass(frozen=True)
class Finding:
    """What was found about one claim under one condition."""

    effect: float
    low: float
    high: float
    verdict: Verdict
    sentence: str


@dataclass(frozen=True)
class Judged:
    """A finding where an estimate is expected."""

    finding: Finding

    @property
    def value(self) -> float:
        """The effect."""
        return self.finding.effect

    def interval(self, confidence: float = 0.95) -> Interval:
        """The finding's own interval."""
        return Interval(self.finding.effect, self.finding.low, self.finding.high)


@dataclass(frozen=True)
class Worded:
    """A rule in words beside a judge that decides by itself."""

    rule: str

    def decide(self, estimates, alpha: float = 0.05) -> Decision:
        """The judge's own verdict."""
        found = estimates.finding
        return Decision(found.verdict, Interval(found.effect, found.low, found.high))

    def __str__(self) -> str:
        return self.rule


def claim(
    id: str, section: str, statement: str, statistic: str, rule: str, needs: tuple[str, ...],
    judge: Callable, variants: tuple[str, ...] = ("",), figure: str = "",
) -> Claim:  # fmt: skip
    """A claim as it was written before bounds decided."""

    def reading(variant: str) -> Reading:
        def read(tables) -> Evidence:
            finding = judge(tables, variant)
            return Evidence(Judged(finding), finding.sentence)

        primary = ("*",) if variant == variants[0] else ()
        return Reading(variant, statistic, Worded(rule), read, needs, primary)

    return Claim(id, section, statement, tuple(map(reading, variants)), figure)
