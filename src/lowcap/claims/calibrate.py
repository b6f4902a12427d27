"""Error rates of judges: how often they say "holds" and "fails" where we know better.

Simulation-based calibration in the sense of Talts et al. (2018), of verdicts instead of
posteriors: draw runs from a world whose truth is known, send each through the judge exactly as a
real one, count the verdicts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from lowcap.claims.claim import (
    RATES,
    Claim,
    Generator,
    Reading,
    World,
    check_subject,
    judge_reading,
)
from lowcap.claims.estimates import Share
from lowcap.claims.looks import MULTIPLES, SPENDING, judge_looks
from lowcap.claims.rows import Tables, of_condition
from lowcap.claims.verdict import NotMeasured, Verdict
from lowcap.streams import stream

KEYS = ["claim", "condition", "reading", "looks"]
COLUMNS = [
    *KEYS, "primary", "world", "truth", "replicates", "simulations", "holds", "fails",
    "holds_low", "holds_high", "fails_low", "fails_high",
]  # fmt: skip
RATE_COLUMNS = [*KEYS, "replicates", *RATES]

LEVEL = 0.025
"""What a judge may err by on either side."""


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
    looks: bool = False,
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
        looks: try the sequential procedure of `judge_looks` instead, of primary readings.

    Returns:
        `claim, condition, reading, looks, primary, world, truth` ("true", "false", "at the
        bound"), `replicates, simulations`, and the shares of verdicts `holds` and `fails`, each
        with its Wilson interval. Readings that the tables hold too little for are left out.
    """
    parts = [
        calibrate_reading(
            claim, reading, tables, condition, by, simulations=simulations,
            replicates=(replicates or {}).get(condition, 0), alpha=alpha, looks=looks,
        )
        for claim, reading, condition in tried(
            claims, conditions, primary_only=primary_only, looks=looks
        )
    ]  # fmt: skip
    return pd.DataFrame([row for part in parts for row in part], columns=COLUMNS)


def tried(
    claims: Iterable[Claim], conditions: Iterable[str], *, primary_only: bool, looks: bool
) -> Iterator[tuple[Claim, Reading, str]]:
    """The readings that a calibration tries, and under which conditions."""
    conditions = list(conditions)
    for claim in claims:
        for reading in claim.readings:
            for condition in conditions:
                if reading.worlds is None or not reading.suits(condition):
                    continue
                if looks and not reading.grows_under(condition):
                    continue
                if primary_only and not reading.leads(condition):
                    continue
                yield claim, reading, condition


def calibrate_reading(
    claim: Claim,
    reading: Reading,
    tables: Tables,
    condition: str,
    by: str,
    *,
    simulations: int,
    replicates: int,
    alpha: float = 0.05,
    looks: bool = False,
) -> list[list[Any]]:
    """The rows of `COLUMNS` for one reading under one condition; none if there is too little.

    The random numbers depend on the claim, reading, condition and world alone.
    """
    assert reading.worlds is not None
    try:
        check_subject(claim, tables)
        worlds = list(reading.worlds(of_condition(tables, reading.needs, by, condition)))
    except NotMeasured:
        return []
    rows = []
    for world in worlds:
        kind = ["looks"] if looks else []
        generator = stream(
            "calibration", claim.id, reading.name, condition, world.name, *kind
        )  # fmt: skip
        judge = _sequential(reading, world) if looks else _single(reading, world, alpha)
        if judge is None:
            continue
        held, failed = _shares(judge, generator, simulations)
        truth = {True: "true", False: "false", None: "at the bound"}[world.truth]
        rows.append(
            [
                claim.id, condition, reading.name, len(SPENDING) if looks else 1,
                reading.leads(condition), world.name, truth, replicates, simulations,
                held.estimate, failed.estimate, *held[1:], *failed[1:],
            ]
        )  # fmt: skip
    return rows


Verdicts = Callable[[Generator], Verdict]


def _single(reading: Reading, world: World, alpha: float) -> Verdicts:
    return lambda generator: judge_reading(reading, world.make(generator), alpha)[0].verdict


def _sequential(reading: Reading, world: World) -> Verdicts | None:
    looks = world.looks
    if looks is None:
        return None
    return lambda generator: judge_looks(reading, looks(generator, MULTIPLES))[0].verdict


def _shares(verdict_of: Verdicts, generator: Generator, simulations: int):
    counts = {Verdict.HOLDS: 0, Verdict.FAILS: 0}
    for _ in range(simulations):
        try:
            verdict = verdict_of(generator)
        except NotMeasured:
            continue
        if verdict in counts:
            counts[verdict] += 1
    return [Share(count, simulations).interval() for count in counts.values()]


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
    return pd.DataFrame(rows, columns=RATE_COLUMNS)


def wilson(share: float, trials: float) -> tuple[float, float]:
    """The Wilson interval of a share that was counted in so many trials."""
    low, high = Share(round(share * trials), int(trials)).interval()[1:]
    return low, high


def misses(share: float, trials: float) -> bool:
    """Whether a judge errs more often than it may, beyond Monte-Carlo error."""
    return bool(np.isfinite(share)) and wilson(share, trials)[0] > LEVEL


def with_rates(
    verdicts: pd.DataFrame, known: pd.DataFrame, replicates: Mapping[str, int]
) -> pd.DataFrame:
    """The claims table with each judge's rates, where a calibration of this design is known."""
    bare = verdicts.drop(columns=RATES)
    design = [replicates.get(condition, 0) for condition in bare["condition"]]
    keys = [*KEYS, "replicates"]
    joined = bare.assign(replicates=design).merge(
        known[[*keys, *RATES]].drop_duplicates(keys), on=keys, how="left"
    )
    return joined[verdicts.columns]


def expected_false(verdicts: pd.DataFrame, default: float = LEVEL) -> float:
    """How many false verdicts to expect at most among the primary ones.

    Every primary reading that was tested, undecided ones too, counts with its judge's rates of
    saying "holds" and "fails" wrongly in the worst case, with the truth exactly at its bound; with
    2.5 % each where they are not known. Counting only those that were decided would leave out how
    they came to be.
    """
    decisive = verdicts["verdict"].isin(["holds", "fails", "undecided"])
    tested = verdicts[verdicts["primary"] & decisive]
    return float(tested[["false_holds", "false_fails"]].astype(float).fillna(default).sum().sum())
