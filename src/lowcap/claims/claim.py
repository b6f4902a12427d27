"""Claims: a sentence of a paper, the tables it needs, and the rule that judges it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lowcap.claims.verdict import Finding, NotMeasured, Verdict

Tables = Mapping[str, pd.DataFrame]
Judge = Callable[[Tables, str], Finding]
"""From the tables of one protocol and a variant's name, the finding."""


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
    """The figure that shows it; ``{protocol}`` stands for the protocol's name."""


COLUMNS = [
    "claim", "protocol", "variant", "section", "statement", "statistic", "rule",
    "effect", "low", "high", "verdict", "finding", "figure",
]  # fmt: skip


def evaluate(claims: Iterable[Claim], tables: Tables, protocols: Iterable[str]) -> pd.DataFrame:
    """Judge every claim under every protocol and variant; one row each."""
    rows = []
    protocols = list(protocols)
    for claim in claims:
        for variant in claim.variants:
            for protocol in protocols:
                finding = _judge(claim, tables, protocol, variant)
                rows.append(
                    [
                        claim.id, protocol, variant, claim.section, claim.statement,
                        claim.statistic, claim.rule, finding.effect, finding.low, finding.high,
                        str(finding.verdict), finding.sentence,
                        claim.figure.format(protocol=protocol),
                    ]
                )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _judge(claim: Claim, tables: Tables, protocol: str, variant: str) -> Finding:
    mine = {}
    try:
        for name in claim.needs:
            table = tables.get(name)
            if table is None or not (table["protocol"] == protocol).any():
                raise NotMeasured(f"this run has no {name} table under this protocol")
            mine[name] = table[table["protocol"] == protocol]
        return claim.judge(mine, variant)
    except NotMeasured as reason:
        return Finding(np.nan, np.nan, np.nan, Verdict.NOT_MEASURED, f"Not measured: {reason}.")
