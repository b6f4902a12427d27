"""Claims on noise and occlusion (section 4.6)."""

import numpy as np
import pandas as pd

from lowcap.claims import Interval, NotMeasured, Tables, Verdict
from lowcap.claims.legacy import Finding
from lowcap.claims.legacy import claim as Claim
from lowcap.claims.statistics import gain_p_value, holm, mean_interval

TASK = "4-9"
"""The pair the paper corrupts."""


def scores(tables: Tables, kind: str) -> pd.DataFrame:
    """F1 of the dense networks of the paper's pair: severity by hidden size and seed.

    Draws of the corruption are averaged; the clean score has severity 0.
    """
    table = tables["robustness"]
    mine = table[
        (table["task"] == TASK)
        & (table["requested_sparsity"] == 0)
        & table["corruption"].isin([kind, "none"])
    ]
    if mine.empty:
        raise NotMeasured(f"it corrupted no images of {TASK}")
    return mine.pivot_table(index="severity", columns=["hidden", "seed"], values="f1")


def _differences(square: pd.DataFrame, large: int, small: int) -> pd.DataFrame:
    sizes = set(square.columns.get_level_values("hidden"))
    if not {large, small} <= sizes:
        raise NotMeasured(f"it has no networks of {small} and {large} units")
    seeds = square.columns.get_level_values("seed").unique()
    gains = {seed: square[large, seed] - square[small, seed] for seed in seeds}
    return pd.DataFrame(gains)


def _judge(cases: dict[str, np.ndarray], what: str) -> Finding:
    """Holds when every difference is positive and significant; fails when one is not positive."""
    if len(next(iter(cases.values()))) < 2:
        raise NotMeasured("paired tests need at least two seeds")
    adjusted = holm([gain_p_value(gains) for gains in cases.values()])
    intervals = {name: mean_interval(gains) for name, gains in cases.items()}
    least = min(intervals, key=lambda name: intervals[name].estimate)
    worst: Interval = intervals[least]
    if (adjusted < 0.05).all():
        verdict = Verdict.HOLDS
    else:
        verdict = Verdict.FAILS if worst.estimate <= 0 else Verdict.UNDECIDED
    listed = ", ".join(f"{name}: {i.estimate:+.4f}" for name, i in intervals.items())
    sentence = (
        f"{what} {int((adjusted < 0.05).sum())} of {len(cases)} differences in F1 are positive and "
        f"significant (Holm): {listed}."
    )
    return Finding(*worst, verdict, sentence.replace("-0.", "−0."))


def noise(tables: Tables, variant: str) -> Finding:
    """Whether 64 units beat 24 at every strength of noise."""
    gains = _differences(scores(tables, "gaussian noise").drop(index=0.0), 64, 24)
    cases = {f"sigma {severity:g}": row.to_numpy() for severity, row in gains.iterrows()}
    return _judge(cases, "64 against 24 units under Gaussian noise:")


def occluded(tables: Tables, variant: str) -> Finding:
    """Whether 64 units beat 48, and 48 beat 24, under occlusion."""
    square = scores(tables, "occlusion").drop(index=0.0)
    cases = {
        f"{large} over {small}": _differences(square, large, small).iloc[0].to_numpy()
        for large, small in ((64, 48), (48, 24))
    }
    means = square.iloc[0].groupby("hidden").mean()
    listed = ", ".join(f"{h}: {means[h]:.3f}" for h in (24, 48, 64))
    return _judge(cases, f"F1 under occlusion is {listed}.")


CLAIMS = (
    Claim(
        "noise-robustness",
        "4.6",
        "Under Gaussian noise, 64 hidden units beat 24 at every strength.",
        "F1 at 64 units less F1 at 24, paired by seed, for every sigma of 0.1 to 0.5 on 4-9; "
        "one-sided t-tests with Holm's correction; the effect is the smallest difference",
        "holds when all are positive and significant; fails when the smallest is not positive",
        ("robustness",),
        noise,
        figure="noise",
    ),
    Claim(
        "occlusion-robustness",
        "4.6",
        "Under occlusion, 64 hidden units beat 48, and 48 beat 24.",
        "paired F1 differences by seed on 4-9 with one 7 x 7 patch an image; one-sided t-tests "
        "with Holm's correction; the effect is the smaller difference",
        "holds when both are positive and significant; fails when the smaller is not positive",
        ("robustness",),
        occluded,
        figure="noise",
    ),
)
