"""Error rates of judges: how often they say "holds" and "fails" where we know better.

Simulation-based calibration in the sense of Talts et al. (2018), of verdicts instead of
posteriors: draw runs from a world whose truth is known, send each through the judge exactly as a
real one, count the verdicts.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from lowcap.claims.claim import Claim, Reading, Tables, judge_reading, of_condition
from lowcap.claims.estimates import Share
from lowcap.claims.verdict import NotMeasured, Verdict
from lowcap.streams import stream

KEYS = ["claim", "condition", "reading"]
COLUMNS = [
    *KEYS, "primary", "world", "truth", "replicates", "simulations", "holds", "fails",
    "holds_low", "holds_high", "fails_low", "fails_high",
]  # fmt: skip


def calibrate(
    claims: Iterable[Claim],
    tables: Tables,
    conditions: Iterable[str],
    by: str = "protocol",
    *,
    simulations: int = 400,
    replicates: Mapping[str, int] | None = None,
    primary_only: bool = False,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Send simulated runs through every judge; one row per reading, condition and world.

    Args:
        claims: whose judges to try.
        tables: a real run's tables, whose spread and numbers of seeds the simulated ones have.
        conditions: as in `evaluate`.
        by: as in `evaluate`.
        simulations: runs simulated in each world.
        replicates: by condition, how many seeds the real run has; only noted in the table.
        primary_only: leave out readings that are not primary.
        alpha: the two-sided error rate that the judges work at.

    Returns:
        `claim, condition, reading, primary, world, truth` ("true", "false", "at the bound"),
        `replicates, simulations`, and the shares of verdicts `holds` and `fails`, each with its
        Wilson interval. Readings that the tables hold too little for are left out.
    """
    rows = []
    for claim in claims:
        for reading in claim.readings:
            for condition in conditions:
                leads = reading.leads(condition)
                if reading.worlds is None or not reading.suits(condition):
                    continue
                if primary_only and not leads:
                    continue
                try:
                    seen = of_condition(tables, reading.needs, by, condition)
                    worlds = list(reading.worlds(seen))
                except NotMeasured:
                    continue
                for world in worlds:
                    generator = stream("calibration", claim.id, reading.name, condition, world.name)
                    counts = _verdicts(reading, world.make, generator, simulations, alpha)
                    truth = {True: "true", False: "false", None: "at the bound"}[world.truth]
                    held, failed = (
                        Share(counts.get(verdict, 0), simulations).interval()
                        for verdict in (Verdict.HOLDS, Verdict.FAILS)
                    )
                    rows.append(
                        [
                            claim.id, condition, reading.name, leads, world.name, truth,
                            (replicates or {}).get(condition, 0), simulations, held.estimate,
                            failed.estimate, *held[1:], *failed[1:],
                        ]
                    )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _verdicts(reading: Reading, make, generator, simulations: int, alpha: float) -> dict:
    counts: dict[Verdict, int] = {}
    for _ in range(simulations):
        try:
            verdict = judge_reading(reading, make(generator), alpha)[0].verdict
        except NotMeasured:
            verdict = Verdict.NOT_MEASURED
        counts[verdict] = counts.get(verdict, 0) + 1
    return counts


def rates(calibration: pd.DataFrame) -> pd.DataFrame:
    """One row per reading and condition: its rates of false verdicts, and its power.

    `false_holds` is the largest share of "holds" in any world where the claim is not true, at the
    bound or beyond; `false_fails` the largest share of "fails" where it is not false;
    `power_holds` and `power_fails` the smallest shares of right verdicts where the truth is clear.
    """
    rows = []
    for key, worlds in calibration.groupby(KEYS, sort=False):
        truth = worlds["truth"]
        rows.append(
            {
                **dict(zip(KEYS, key, strict=True)),
                "replicates": worlds["replicates"].iloc[0],
                "simulations": worlds["simulations"].iloc[0],
                "false_holds": worlds.loc[truth != "true", "holds"].max(),
                "false_fails": worlds.loc[truth != "false", "fails"].max(),
                "power_holds": worlds.loc[truth == "true", "holds"].min(),
                "power_fails": worlds.loc[truth == "false", "fails"].min(),
            }
        )
    columns = [*KEYS, "replicates", "simulations",
               "false_holds", "false_fails", "power_holds", "power_fails"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def with_rates(
    verdicts: pd.DataFrame, known: pd.DataFrame, replicates: Mapping[str, int]
) -> pd.DataFrame:
    """The claims table with each judge's rates, where a calibration of this design is known."""
    columns = ["false_holds", "false_fails", "power_holds", "power_fails"]
    bare = verdicts.drop(columns=columns)
    design = [replicates.get(condition, 0) for condition in bare["condition"]]
    joined = bare.assign(replicates=design).merge(
        known[[*KEYS, "replicates", *columns]], on=[*KEYS, "replicates"], how="left"
    )
    return joined[verdicts.columns]


def expected_false(verdicts: pd.DataFrame, default: float = 0.025) -> float:
    """How many false verdicts to expect at most among the primary ones.

    Every primary verdict that says "holds" or "fails" counts with its judge's own rate of being
    wrong in the worst case, at the bound; with 2.5 % where that is not known.
    """
    decided = verdicts[verdicts["primary"] & verdicts["verdict"].isin(["holds", "fails"])]
    holds = decided["verdict"] == "holds"
    worst = np.where(holds, decided["false_holds"], decided["false_fails"]).astype(float)
    return float(np.where(np.isnan(worst), default, worst).sum())
