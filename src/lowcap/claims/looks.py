"""Looking again: a claim that is undecided gets more seeds, and its rates of error do not rise.

Error spending: each look may err with its own share of the two-sided 5 %, and a claim is decided
at the first look where its bound decides at that look's level. The chance of a false verdict at
any look is at most the sum of the looks' chances, however they hang together; so this holds for
t intervals, Wilson intervals, bootstraps and permutation tests alike, and whatever makes a run go
on or stop. The first look gets two fifths, since most claims are decided there and the shape of
an interval of few seeds is least certain far out in its tails; the others share the rest evenly.
Seeds double from look to look, so that the last one, at 1 %, still separates twice as finely as
the first at 5 %.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from lowcap.claims.bounds import Decision
from lowcap.claims.claim import COLUMNS, Claim, Reading, Tables, judge_reading, judged
from lowcap.claims.evidence import Evidence
from lowcap.claims.verdict import NotMeasured, Verdict

SPENDING = (0.02, 0.01, 0.01, 0.01)
"""The two-sided error rate of each look; together 5 %."""

MULTIPLES = (1, 2, 4, 8)
"""How many times its first seeds a run has at each look."""


class Need(NamedTuple):
    """Where an undecided primary verdict needs more seeds."""

    condition: str
    tasks: tuple[str, ...]
    """Empty for all."""


class Looked(NamedTuple):
    """The decision of the look that a reading stopped at."""

    decision: Decision
    evidence: Evidence
    look: int


def judge_looks(
    reading: Reading, looks: Iterable[Tables], spending: Sequence[float] = SPENDING
) -> Looked:
    """One reading's decision on a run that is looked at until it is decided.

    Args:
        reading: what to judge.
        looks: the tables of one condition at each look, earlier seeds among the later ones.
        spending: the two-sided error rate of each look.

    Raises:
        NotMeasured: the tables of the first look hold too little.
    """
    found = None
    for look, (tables, alpha) in enumerate(zip(looks, spending, strict=False), 1):
        try:
            found = Looked(*judge_reading(reading, tables, alpha), look)
        except NotMeasured:
            if found is None:
                raise
            break
        if found.decision.verdict != Verdict.UNDECIDED:
            break
    assert found is not None, "there must be at least one look"
    return found


def evaluate_looks(
    claims: Iterable[Claim],
    looks: Iterable[Tables],
    conditions: Iterable[str],
    by: str,
    extended: Collection[str],
    spending: Sequence[float] = SPENDING,
) -> pd.DataFrame:
    """The claims table of a run that is looked at until its primary verdicts are decided.

    Primary readings under conditions that can be extended are judged look by look. All others
    are judged once, at the first look: their seeds are not extended evenly.

    Args:
        claims: what to judge.
        looks: the tables of the whole run at each look; taken only while a verdict is open.
        conditions: as in `evaluate`.
        by: as in `evaluate`.
        extended: the conditions that further looks bring seeds to.
        spending: the two-sided error rate of each look.
    """
    places = [
        (claim, reading, condition, condition in extended and reading.grows_under(condition))
        for claim in claims
        for reading in claim.readings
        for condition in list(conditions)
        if reading.suits(condition)
    ]
    rows: list[list] = [[] for _ in places]
    open_ones = list(range(len(places)))
    for look, (tables, alpha) in enumerate(zip(looks, spending, strict=False), 1):
        for index in open_ones:
            claim, reading, condition, again = places[index]
            design = {"alpha": alpha, "look": look, "looks": len(spending)} if again else {}
            row = judged(claim, reading, tables, by, condition, **design)
            if look == 1 or row[_VERDICT] != Verdict.NOT_MEASURED:
                rows[index] = row
        open_ones = [
            i for i in open_ones if places[i][-1] and rows[i][_VERDICT] == Verdict.UNDECIDED
        ]
        if not open_ones:
            break
    return pd.DataFrame(rows, columns=COLUMNS)


def needs_of(claims: Iterable[Claim], verdicts: pd.DataFrame) -> list[Need]:
    """What the verdicts that are still open need, each once."""
    open_ones = verdicts[(verdicts["looks"] > 1) & (verdicts["verdict"] == Verdict.UNDECIDED)]
    places = set(zip(open_ones["claim"], open_ones["reading"], open_ones["condition"], strict=True))
    needs = [
        Need(condition, reading.tasks)
        for claim in claims
        for reading in claim.readings
        for condition in verdicts["condition"].unique()
        if (claim.id, reading.name, condition) in places
    ]
    return list(dict.fromkeys(needs))


_VERDICT = COLUMNS.index("verdict")
