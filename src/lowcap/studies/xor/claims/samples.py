"""The claim on sample complexity (section 6)."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from lowcap.claims import (
    EVERYWHERE,
    Above,
    Claim,
    Evidence,
    NotMeasured,
    Reading,
    Student,
    Tables,
    World,
)
from lowcap.studies.xor.exact import diverse_chance
from lowcap.studies.xor.settings import LARGE, SMALL

COMPLEXITY = 0.98
"""p+ = p- at which sample complexity is judged."""

TIMES = 8
"""Ours: how many times as many points "far fewer" grants the smaller network."""


class Pairs(NamedTuple):
    """Runs of the large network on m points beside those of another on more, by m."""

    large: pd.DataFrame
    other: pd.DataFrame


def pairs(tables: Tables, k: int, times: int) -> Pairs:
    """The training set sizes at which two networks are compared.

    They are those of the theorems: half of all training sets are diverse throughout, or more.
    """
    table = tables["frequencies"]
    rows = table[(table["points"] > 0) & (table["diversity"] == COMPLEXITY)]
    large, other = (rows[rows["k"] == size].set_index("points") for size in (LARGE, k))
    chances = {int(m): diverse_chance(int(m), COMPLEXITY, COMPLEXITY) for m in large.index}
    sizes = [m for m in sorted(chances) if chances[m] >= 0.5 and times * m in other.index]
    if not sizes:
        raise NotMeasured(
            f"k = {k} was not simulated on {times} times as many training points as k = {LARGE}"
        )
    return Pairs(large.loc[sizes], other.loc[[times * m for m in sizes]])


def lead(large: pd.DataFrame, other: pd.DataFrame) -> Student:
    """The mean over training set sizes of the difference in success.

    Each share's variance is taken one success and one failure from 0 and 1 (Agresti and Caffo,
    2000), so that shares of 1 do not count as known.
    """
    values, variance = [], 0.0
    for rows in (large, other):
        successes, runs = rows["perfect"].to_numpy(), rows["runs"].to_numpy()
        values.append((successes / runs).mean())
        shares = (successes + 1) / (runs + 2)
        variance += float((shares * (1 - shares) / (runs + 2)).sum()) / len(rows) ** 2
    trials = int(large["runs"].sum() + other["runs"].sum())
    return Student(float(values[0] - values[1]), float(np.sqrt(variance)), trials - 2)


def fewer_points(tables: Tables, *, k: int, times: int) -> Evidence:
    """How much more often k = 120 generalizes than another size on more points."""
    large, other = pairs(tables, k, times)
    listed = "; ".join(
        f"{one:.0%} on {m:,} points against {two:.0%} on {more:,}"
        for m, one, more, two in zip(
            large.index, large["perfect"] / large["runs"],
            other.index, other["perfect"] / other["runs"], strict=True,
        )
    )  # fmt: skip
    found = lead(large, other)
    sentence = (
        f"With p+ = p- = {COMPLEXITY:g}, networks of k = {LARGE} that generalize, against k = {k}: "
        f"{listed} (mean difference {found.value:+.1%})."
    )
    return Evidence(
        found, sentence, {f"k = {LARGE}": float((large["perfect"] / large["runs"]).mean())}
    )


def _worlds(tables: Tables, *, k: int, times: int, clear: float = 0.1) -> Sequence[World]:
    large, other = pairs(tables, k, times)
    middle = (large["perfect"] / large["runs"]).to_numpy() / 2
    middle = middle + (other["perfect"] / other["runs"]).to_numpy() / 2
    middle = np.clip(middle, clear, 1 - clear)

    def make(difference: float, generator: np.random.Generator) -> Tables:
        parts = []
        for rows, sign in ((large, 1), (other, -1)):
            shares = middle + sign * difference / 2
            counts = generator.binomial(rows["runs"].to_numpy(), shares)
            parts.append(rows.assign(perfect=counts).reset_index())
        return {"frequencies": pd.concat(parts, ignore_index=True)}

    return [
        World("at the bound", None, partial(make, 0.0)),
        World("clearly true", True, partial(make, clear)),
        World("clearly false", False, partial(make, -clear)),
    ]


def _reading(name: str, k: int, times: int, primary: tuple[str, ...] = (), note: str = ""):
    points = "as many points" if times == 1 else f"{times} times as many points"
    return Reading(
        name,
        f"share of networks with zero test error, k = {LARGE} on m points less k = {k} on "
        f"{points}, p+ = p- = {COMPLEXITY:g}, mean over those m of 2, 4, 8... at which half of the "
        f"training sets or more are diverse throughout; t interval{note}",
        Above(0, percent=True, ours=times > 1),
        partial(fewer_points, k=k, times=times),
        ("frequencies",),
        primary=primary,
        worlds=partial(_worlds, k=k, times=times),
    )


SAMPLE_CLAIMS = (
    Claim(
        "sample-complexity",
        "6",
        "The large network needs far fewer training points.",
        (
            _reading(
                f"k = 10 with {TIMES} times the points", 10, TIMES, EVERYWHERE,
                ". k = 10 can succeed: on diverse sets it does in nine of ten runs, so that "
                f"nothing is built in. That {TIMES} times are far fewer is our threshold",
            ),
            _reading("k = 10 with the same points", 10, 1),
            _reading(f"k = 4 with {TIMES} times the points", 4, TIMES),
            _reading(
                f"k = 2 with {TIMES} times the points", SMALL, TIMES, (),
                ". Nearly built in: on diverse sets k = 2 succeeds in 1 of 16 runs, whatever m is",
            ),
        ),
        figure="samples",
    ),
)  # fmt: skip
