"""What the paper says of five pairs, held against all pairs of a data set's classes."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from lowcap.claims import (
    Above,
    AllOf,
    Below,
    Claim,
    Every,
    Evidence,
    Reading,
    Said,
    Student,
    Tables,
    World,
    beyond_line,
    explained,
    linear_worlds,
    slope,
)
from lowcap.claims.estimates import crossed
from lowcap.claims.exchange import exchanged, exchanged_worlds
from lowcap.studies.low_capacity.claims.said import CAPACITY

SMALL, SUFFICIENT, LARGE = 2, 24, 64
"""Two units, the most that the paper's pairs need (section 4.2), and the reference."""

MARGIN = 0.01
"""Share of test images by which a sufficient size may err more often than the largest. Ours."""

BEND = 0.05
"""Share of the variance that a rising curve may explain beyond a line. Ours: growth with the
square of an evenly spread difficulty would lie above it (1/16)."""

SLOPE, BEYOND = "slope", "variance that a rising curve explains beyond a line"


def rates(tables: Tables) -> pd.DataFrame:
    """The share of test images that each task's networks mistake, one column per hidden size.

    The median over seeds: two units sometimes die at the start, which is bad luck and no need.
    """
    means = tables["errors"].groupby(["task", "hidden", "seed"], sort=False)["error"].mean()
    medians = means.groupby(level=["task", "hidden"], sort=False).median()
    return medians.unstack().sort_index(axis=1)  # noqa: PD010 - there is nothing to aggregate


def gains(tables: Tables) -> pd.Series:
    """By task, the error that more than two hidden units take away."""
    return rates(tables)[SMALL] - rates(tables)[LARGE]


def hardness(tables: Tables) -> pd.Series:
    """By task, the test error of a linear classifier."""
    return tables["difficulty"].set_index("task")["linear_error"]


def follows(tables: Tables) -> Evidence:
    """Whether what hidden units gain on a pair grows with the error of a linear classifier."""
    estimate, most = exchanged(gains(tables), hardness(tables)), gains(tables).idxmax()
    words = f"Rank correlation over all pairs {estimate.value:+.2f}; {most} gains most."
    reached = float(np.quantile(estimate.null, 0.975))
    return Evidence(estimate, words, {"97.5 % of exchanges of classes stay below": reached})


def suffices(tables: Tables) -> Evidence:
    """By how much 24 units err more often than 64, on every pair."""
    estimates, images = {}, tables["errors"].groupby("task", sort=False)["images"].first()
    square = tables["errors"].pivot_table("error", ["task", "hidden", "seed"], "block")
    for task, count in images.items():
        cube = np.stack([square.xs((task, size)) for size in (SUFFICIENT, LARGE)])
        found = crossed(lambda means: float(means[0] - means[1]), cube)
        # That no image is mistaken more often does not show that none ever would be.
        least = 1 / (count * cube.shape[2])
        estimates[str(task)] = Student(found.value, max(found.error, least), found.df)
    worst, found = max(estimates.items(), key=lambda one: one[1].value)
    more = f"on {worst}: they mistake {100 * found.value:.2f} % more of the test images."
    return Evidence(estimates, f"24 units fall furthest behind 64 {more}")


def straight(tables: Tables) -> Evidence:
    """Whether what hidden units gain on a pair grows along a line, or only along some curve."""
    gain, hard = gains(tables), hardness(tables)
    estimates = {SLOPE: slope(gain, hard), BEYOND: beyond_line(gain, hard, BEND)}
    shares = explained(hard.loc[gain.index].to_numpy(float), gain.to_numpy(float)[None])
    line, curve = (float(share[0]) for share in shares)
    words = (
        f"A line explains {100 * line:.0f} % of the variance over pairs and the best rising curve "
        f"{100 * curve:.0f} %; less what a curve gains by chance, it is ahead by "
        f"{100 * estimates[BEYOND].value:+.1f} %. A point of a linear classifier's error goes with "
        f"{estimates[SLOPE].value:.2f} points of gain."
    )
    return Evidence(estimates, words)


def _bent(tables: Tables) -> list[World]:
    """Worlds in which what two units lack follows a line or a curve of known bend."""
    some = tables["errors"].query(
        "hidden in (@SMALL, @LARGE) and seed == seed.min() and block == 0"
    )
    small = some["hidden"].to_numpy() == SMALL

    def world(
        name: str, truth: bool | None, draw: Callable[[np.random.Generator], pd.Series]
    ) -> World:
        def make(generator: np.random.Generator) -> Tables:
            gained = some["task"].map(draw(generator))
            return {**tables, "errors": some.assign(error=small * gained)}

        return World(name, truth, make)

    return [world(*one) for one in linear_worlds(gains(tables), hardness(tables), BEND)]


def _worse(tables: Tables) -> list[World]:
    """Worlds in which 24 units mistake what 64 do, and a known share of images more."""
    table = tables["errors"].query("hidden in (@SUFFICIENT, @LARGE)").reset_index(drop=True)
    images, small = table["images"].to_numpy(), table["hidden"].to_numpy() == SUFFICIENT
    first = (table["task"] == table["task"].iloc[0]).to_numpy()
    same = table.groupby(["task", "block"], sort=False).ngroup().to_numpy()
    chance = table["task"].map(rates(tables)[LARGE]).to_numpy()

    def world(name: str, truth: bool | None, one: float, others: float) -> World:
        def make(generator: np.random.Generator) -> Tables:
            shared = generator.binomial(images, chance)[same]  # the same images for all networks
            more = generator.binomial(images, small * np.where(first, one, others))
            return {"errors": table.assign(error=(shared + more) / images)}

        return World(name, truth, make)

    return [
        world("every pair at the margin", None, MARGIN, MARGIN),
        world("one pair at the margin", None, MARGIN, 0.0),
        world("no pair worse", True, 0.0, 0.0),
        world("one pair much worse", False, 0.05, 0.0),
    ]


CLAIMS = (
    Claim("capacity-follows-difficulty", "abstract", "Harder pairs need more hidden units.", (
        Reading(
            "gain", "Spearman rank correlation over pairs of the error with 2 units less that with "
            "64 (medians over seeds) with a linear classifier's; permutation test over classes",
            Above(0), follows, ("errors", "difficulty"), ("*",),
            worlds=lambda t: exchanged_worlds(gains(t), t, "difficulty", "linear_error"),
        ),
    ), figure="needs", said=Said(CAPACITY)),
    Claim("capacity-linear-in-difficulty", "open question",
        "What a pair needs grows linearly with its difficulty.", (
        Reading(
            "gain", "over pairs, the error with 2 units less that with 64 (medians over seeds) by "
            "a linear classifier's: slope; share of variance that isotonic regression explains "
            "beyond a line, less what it gains by chance; both against simulated runs in which "
            "classes and pairs keep their scatter, with signs at random",
            AllOf({SLOPE: Above(0), BEYOND: Below(BEND, percent=True, ours=True)}),
            straight, ("errors", "difficulty"), ("*",), worlds=_bent,
        ),
    ), figure="needs"),
    Claim("sufficient-everywhere", "4.2", "No pair needs more than 24 hidden units.", (
        Reading(
            "24 against 64", "share of test images mistaken with 24 units less that with 64, on "
            "each pair; jackknife over seeds and test images",
            Every(Below(MARGIN, percent=True, ours=True)), suffices, ("errors",), ("*",),
            worlds=_worse,
        ),
    ), figure="sizes", said=Said(value="12 to 24 units for the hardest pair")),
)  # fmt: skip
