"""Claims: a sentence of a paper, the ways to read it, and the bound that each is held against."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from textwrap import shorten
from typing import Any

import numpy as np
import pandas as pd

from lowcap.claims.bounds import ALPHA, Bound, Decision, unit_of
from lowcap.claims.evidence import Evidence
from lowcap.claims.needed import needed
from lowcap.claims.rows import Divided, Tables, datasets_of, of_condition
from lowcap.claims.said import Said, region_of
from lowcap.claims.verdict import AboutOtherData, NotMeasured, Verdict
from lowcap.shown import card, line, plain

Judge = Callable[[Tables], Evidence]
Generator = np.random.Generator

EVERYWHERE = ("*",)


@dataclass(frozen=True)
class World:
    """Simulated runs in which it is known whether a claim is true; see `lowcap.claims.calibrate`.

    Example: a world "at the bound", truth None, whose `make` draws tables in which the mean loss
    is exactly the bound's limit and seeds differ as they do in a real run.
    """

    name: str
    truth: bool | None
    """True, false, or None for a truth exactly at the bound."""
    make: Callable[[Generator], Tables]
    """Draws the tables of one run, as the judge would see them."""
    looks: Callable[[Generator, Sequence[int]], list[Tables]] | None = None
    """Draws one run as seen after so many times its seeds, such as 1, 2, 4 and 8 times: the later
    tables hold the earlier ones' seeds."""

    def __repr__(self) -> str:
        return line("World", self.name, f"truth {plain(self.truth)}")


@dataclass(frozen=True)
class Reading:
    """One way to read a claim: what is measured, and the bound that decides. Fixed in advance."""

    name: str
    statistic: str
    """What is measured and over what, in words."""
    bound: Bound
    judge: Judge
    needs: tuple[str, ...]
    """The tables that the judge reads; one with a question mark only where the run has it."""
    primary: tuple[str, ...] = ()
    """The conditions under which this reading decides about the claim; ``("*",)`` for all."""
    conditions: tuple[str, ...] = EVERYWHERE
    """The conditions under which it makes sense..."""
    unsuited: tuple[str, ...] = ()
    """...except these."""
    tasks: tuple[str, ...] = ()
    """The tasks whose networks it is about, which get more seeds while it is undecided; empty for
    all of them."""
    grows: bool = True
    """Whether more seeds of its tasks bring more of the rows that it reads."""
    worlds: Callable[[Tables], Sequence[World]] | None = None
    """From a real run's tables, simulated worlds with its own spread and number of seeds."""

    def __repr__(self) -> str:
        return line(f"Reading {self.name}".rstrip(), shorten(str(self.bound), 200))

    def suits(self, condition: str) -> bool:
        """Whether it makes sense under a condition."""
        suited = self.conditions == EVERYWHERE or condition in self.conditions
        return suited and condition not in self.unsuited

    def leads(self, condition: str) -> bool:
        """Whether it is the claim's primary reading under a condition."""
        return self.primary == EVERYWHERE or condition in self.primary

    def grows_under(self, condition: str) -> bool:
        """Whether it gets more seeds under a condition for as long as it is undecided."""
        return self.grows and self.leads(condition)


@dataclass(frozen=True)
class Subject:
    """The data that a claim speaks of, where it does not speak of any whatever."""

    name: str
    """In words: "handwritten digits"."""
    datasets: tuple[str, ...]
    """The data sets that are such data."""


@dataclass(frozen=True)
class Claim:
    """One claim of a paper with its readings."""

    id: str
    section: str
    """Where the paper says it; "abstract" for its headline claims."""
    statement: str
    """What it says, in our words."""
    readings: tuple[Reading, ...]
    figure: str = ""
    """The figure that shows it; ``{condition}`` stands for the condition's name, and ``{dataset}``
    for the data set's in names such as "mnist, conv 5x5": what is before the last comma."""
    said: Said = field(default_factory=Said)
    """What the paper itself says: its words, its number, its code."""
    subject: Subject | None = None
    """The data that it speaks of; on others it is not judged. None where it speaks of any."""
    lacks: Mapping[str, str] = field(default_factory=dict)
    """By table, what a run without it did not do and which setting would, in a user's words."""

    def __repr__(self) -> str:
        return f"<Claim {self.id}, section {self.section}: {shorten(self.statement, 200)}>"

    def _repr_html_(self) -> str:
        rows = [
            {"reading": one.name or "the main one", "what is measured": one.statistic,
             "holds if": str(one.bound)}
            for one in self.readings
        ]  # fmt: skip
        return card(f"Claim {self.id}", {"section": self.section}, rows, self.statement)

    def __post_init__(self) -> None:
        names = [reading.name for reading in self.readings]
        assert len(set(names)) == len(names), f"{self.id}: two readings of one name"


def with_words(claims: Iterable[Claim], said: Mapping[str, Said]) -> tuple[Claim, ...]:
    """The claims, each with what the paper says about it.

    Args:
        claims: of one study.
        said: by the claim's id.
    """
    known = {claim.id: claim for claim in claims}
    assert set(said) <= set(known), f"no such claims: {set(said) - set(known)}"
    return tuple(replace(one, said=said.get(name, one.said)) for name, one in known.items())


def with_lacks(claims: Iterable[Claim], lacks: Mapping[str, str]) -> tuple[Claim, ...]:
    """The claims, each with what it means that a run lacks a table; see `Claim.lacks`."""
    return tuple(replace(one, lacks={**lacks, **one.lacks}) for one in claims)


COLUMNS = [
    "claim", "condition", "reading", "primary", "section", "statement", "statistic", "bound",
    "effect", "low", "high", "unit", "part", "verdict", "look", "looks", "finding", "control",
    "false_holds", "false_fails", "power_holds", "power_fails", "simulations", "figure",
    "holds_from", "holds_to", "quote", "quoted_from", "paper_value", "paper_effect", "code",
    "code_url", "code_does",
]  # fmt: skip

"""The claims table. `holds_from` and `holds_to` are the bound of the part that is shown, in
numbers; `paper_effect` is the paper's number on the same scale. Several places in the paper's code
stand one a line."""

RATES = ["false_holds", "false_fails", "power_holds", "power_fails", "simulations"]
"""What a calibration knows of a judge; NaN until one is given."""


def evaluate(
    claims: Iterable[Claim],
    tables: Tables,
    conditions: Iterable[str],
    by: str = "protocol",
    alpha: float = ALPHA,
) -> pd.DataFrame:
    """Judge every reading of every claim under every condition, once; one row each.

    For runs that are looked at repeatedly see `evaluate_looks`.

    Args:
        claims: what to judge.
        tables: of the whole run.
        conditions: what the verdicts stand side by side for: protocols, or data sets.
        by: the column of every table that tells the conditions apart.
        alpha: two-sided error rate of a verdict.
    """
    conditions, tables = list(conditions), Divided(tables, by)
    rows = [
        judged(claim, reading, tables, by, condition, alpha)
        for claim in claims
        for reading in claim.readings
        for condition in conditions
        if reading.suits(condition)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def check_subject(claim: Claim, tables: Tables) -> None:
    """Refuse to judge a claim on data that it does not speak of.

    Raises:
        AboutOtherData: it speaks of others than the run's.
    """
    if claim.subject is not None and not datasets_of(tables) <= set(claim.subject.datasets):
        raise AboutOtherData(claim.subject.name)


def judge_reading(
    reading: Reading, tables: Tables, alpha: float = ALPHA
) -> tuple[Decision, Evidence]:
    """One reading's decision on the tables of one condition.

    Raises:
        NotMeasured: the tables hold too little.
    """
    evidence = reading.judge(tables)
    decision = reading.bound.decide(evidence.estimates, alpha)
    if evidence.attainable is not None:
        best = reading.bound.decide(evidence.attainable, alpha)
        if best.verdict == Verdict.FAILS:
            decision = decision._replace(verdict=Verdict.NOT_MEASURABLE)
    return decision, evidence


def judged(
    claim: Claim,
    reading: Reading,
    tables: Tables,
    by: str,
    condition: str,
    alpha: float = ALPHA,
    look: int = 1,
    looks: int = 1,
) -> list[Any]:
    """The row of `COLUMNS` for one reading under one condition, at one look of so many."""
    try:
        check_subject(claim, tables)
        rows = of_condition(tables, reading.needs, by, condition, claim.lacks)
        decision, evidence = judge_reading(reading, rows, alpha)
        interval, part, verdict = decision.interval, decision.part, decision.verdict
        sentence, control = evidence.sentence, _listed(evidence.control)
        if verdict == Verdict.UNDECIDED:
            sentence = f"{sentence} {needed(reading.bound, evidence.estimates, alpha)}".rstrip()
    except NotMeasured as reason:
        interval, part, control = (np.nan,) * 3, "", ""
        verdict, sentence = _without(reason)
    return [
        claim.id, condition, reading.name, reading.leads(condition), claim.section,
        claim.statement, reading.statistic, str(reading.bound), *interval,
        unit_of(reading.bound, part), part, str(verdict), look, looks,
        real_minus(sentence), control, *[np.nan] * len(RATES),
        claim.figure.format(
            condition=condition, dataset=condition.rpartition(", ")[0] or condition
        ),
        *region_of(reading.bound, part),
        *_said(claim.said, part),
    ]  # fmt: skip


_ELSEWHERE = "Not judged here: it speaks of "


def _without(reason: NotMeasured) -> tuple[Verdict, str]:
    """The verdict and the finding of a claim that was not judged."""
    if isinstance(reason, AboutOtherData):
        return Verdict.ELSEWHERE, f"{_ELSEWHERE}{reason}."
    return Verdict.NOT_MEASURED, f"Not measured: {reason}."


def subject_of(finding: str) -> str:
    """What data a claim speaks of, from its finding on data that it does not speak of."""
    return finding.removeprefix(_ELSEWHERE).removesuffix(".")


def _said(said: Said, part: str) -> list[Any]:
    """The last columns of `COLUMNS`: what the paper says."""
    lines = (
        "\n".join(getattr(one, name) for one in said.code) for name in ("place", "url", "does")
    )
    quoted_from = said.quoted_from if said.quote else ""
    return [said.quote, quoted_from, said.value, said.effect_of(part), *lines]


def _listed(control: Mapping[str, float]) -> str:
    return real_minus("; ".join(f"{name} {value:.3g}" for name, value in control.items()))


def real_minus(sentence: str) -> str:
    """With a minus sign, not a hyphen, before negative numbers."""
    return re.sub(r"(?<!\w)-(?=[\d.])", "−", sentence)
