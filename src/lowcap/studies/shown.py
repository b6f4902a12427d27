"""How runs and their findings show themselves in a notebook and on a terminal."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from textwrap import shorten
from typing import Any

import pandas as pd

from lowcap.errors import SettingsError
from lowcap.report.links import finding_id
from lowcap.report.page import VERDICTS, counted, interval, number
from lowcap.shown import Link, card, line
from lowcap.shown import counted as amount
from lowcap.studies.recorded import Recorded

MARKS = {"holds": "✓", "fails": "✗", "undecided": "?", "not measured": "–"}


@dataclass(frozen=True)
class Finding:
    """What a run found of one claim under one condition, in its main reading."""

    claim: str
    condition: str
    statement: str
    """What the paper says, in our words."""
    verdict: str
    sentence: str
    """What was found, with its numbers."""
    measured: str
    """What is measured and over what."""
    bound: str
    """What the interval is held against."""
    effect: float
    low: float
    high: float
    unit: str
    """The limits of the 95 % interval, and their unit."""

    def __repr__(self) -> str:
        found = shorten(self.sentence, 240)
        return f"<Finding {self.claim} ({self.condition}): {self.verdict}. {found}>"

    def _repr_html_(self) -> str:
        facts = {
            "verdict": self.verdict,
            "condition": self.condition,
            "effect": f"{number(self.effect, self.unit)} {interval(vars(self))}".strip(),
            "it must be": shorten(self.bound, 200),
        }
        title = f"{MARKS.get(self.verdict, '∅')} {self.statement}"
        rows = [{"found": self.sentence, "measured": self.measured}]
        return card(title, facts, rows, f"claim {self.claim}")


def find_finding(claims: pd.DataFrame, claim: str, condition: str | None) -> Finding:
    """The finding of one claim in its main reading; see `Run.finding`.

    Raises:
        SettingsError: there is no such claim or condition, or several conditions.
    """
    primary = claims[claims["primary"]]
    rows = primary[primary["claim"] == claim]
    if rows.empty:
        raise SettingsError(
            f"unknown claim '{claim}': choose {', '.join(primary['claim'].unique())}"
        )
    known = list(rows["condition"])
    if condition is None and len(known) == 1:
        condition = known[0]
    if condition not in known:
        given = "several conditions" if condition is None else f"no condition '{condition}'"
        raise SettingsError(f"claim {claim}: {given}; choose {', '.join(known)}")
    row = rows[rows["condition"] == condition].iloc[0]
    names = {"sentence": "finding", "measured": "statistic"}
    return Finding(
        **{field.name: row[names.get(field.name, field.name)] for field in fields(Finding)}
    )


def run_line(run: Recorded) -> str:
    """A run in one line; its verdicts as they stand on the disk."""
    claims = published(run)
    judged = "no page yet" if claims is None else counted(claims[claims["primary"]]["verdict"])
    name = f"Run {run.study.name} on {', '.join(run.names)}"
    return line(name, amount(len(run.cells), "cell"), judged, str(run.store.root))


def run_card(run: Recorded) -> str:
    """A run as a card: claims by conditions, each verdict leading to its place on the page."""
    page = run.store.root.resolve() / "report.html"
    held = sum(map(run.store.holds, run.cells))
    facts = {
        "folder": str(run.store.root),
        "cells (a cell is one training with its measures)": f"{held} of {len(run.cells)} finished",
    }
    title = f"Run of {run.study.name} on {', '.join(run.names)}"
    claims = published(run)
    if claims is None or not page.is_file():
        note = f"There is no page yet: lowcap report {run.store.root}"
        return card(title, facts, (), note)
    primary = claims[claims["primary"]]
    facts["main readings"] = counted(primary["verdict"])
    conditions = list(primary["condition"].unique())
    rows = []
    for claim, found in primary.groupby("claim", sort=False):
        verdicts = dict(zip(found["condition"], found["verdict"], strict=True))
        row: dict[str, Any] = {"claim": shorten(found["statement"].iloc[0], 90)}
        row |= {c: _verdict(page.as_uri(), str(claim), c, verdicts) for c in conditions}
        rows.append(row)
    note = f"The whole page: {page}. One of them: run.finding(claim, condition)"
    return card(title, facts, rows, note, most=len(rows))


def _verdict(page: str, claim: str, condition: str, verdicts: Mapping[str, str]) -> str:
    verdict = verdicts.get(condition)
    if verdict is None:
        return ""
    assert verdict in VERDICTS
    words = f"{MARKS.get(verdict, '∅')} {verdict}"
    return Link(words, f"{page}#{finding_id(claim, condition)}")


def published(run: Recorded) -> pd.DataFrame | None:
    """The verdicts as the run's page shows them, which takes no judging; None without a page."""
    path = run.store.root / "claims.parquet"
    try:
        return pd.read_parquet(io.BytesIO(path.read_bytes()))
    except (OSError, ValueError):
        return None
