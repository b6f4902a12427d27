"""Claims: a sentence of a paper, the tables it needs, and the rule that judges it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lowcap.claims.verdict import Finding, NotMeasured, Verdict

Tables = Mapping[str, pd.DataFrame]
Judge = Callable[[Tables, str], Finding]
"""From the tables of one condition and a variant's name, the finding."""


@dataclass(frozen=True)
class Claim:
    """One claim of a paper. Statistic and rule are fixed before looking at the data."""

    id: str
    section: str
    statement: str
    statistic: str
    rule: str
    needs: tuple[str, ...]
    """The tables the judge reads."""
    judge: Judge
    variants: tuple[str, ...] = ("",)
    """Several readings of one claim, each judged: say, at two meanings of a sparsity."""
    figure: str = ""
    """The figure that shows it; ``{condition}`` stands for the condition's name."""


COLUMNS = [
    "claim", "condition", "variant", "section", "statement", "statistic", "rule",
    "effect", "low", "high", "verdict", "finding", "figure",
]  # fmt: skip


def evaluate(
    claims: Iterable[Claim], tables: Tables, conditions: Iterable[str], by: str = "protocol"
) -> pd.DataFrame:
    """Judge every claim under every condition and variant; one row each.

    Args:
        claims: what to judge.
        tables: of the whole run.
        conditions: what the verdicts stand side by side for: protocols, or data sets.
        by: the column of every table that tells the conditions apart.
    """
    rows = []
    conditions = list(conditions)
    for claim in claims:
        for variant in claim.variants:
            for condition in conditions:
                finding = _judge(claim, tables, by, condition, variant)
                rows.append(
                    [
                        claim.id, condition, variant, claim.section, claim.statement,
                        claim.statistic, claim.rule, finding.effect, finding.low, finding.high,
                        str(finding.verdict), _real_minus(finding.sentence),
                        claim.figure.format(condition=condition),
                    ]
                )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _real_minus(sentence: str) -> str:
    """With a minus sign, not a hyphen, before negative numbers."""
    return re.sub(r"(?<!\w)-(?=[\d.])", "−", sentence)


def _judge(claim: Claim, tables: Tables, by: str, condition: str, variant: str) -> Finding:
    mine = {}
    try:
        for name in claim.needs:
            table = tables.get(name)
            if table is None or not (table[by] == condition).any():
                raise NotMeasured(f"this run has no {name} table for this {by}")
            mine[name] = table[table[by] == condition]
        return claim.judge(mine, variant)
    except NotMeasured as reason:
        return Finding(np.nan, np.nan, np.nan, Verdict.NOT_MEASURED, f"Not measured: {reason}.")
