"""Claims on what two filters can, and on how often gradient descent does what (sections 3, 4)."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from lowcap.claims import (
    EVERYWHERE,
    Above,
    Claim,
    Estimate,
    Evidence,
    Exact,
    NotMeasured,
    Reading,
    Student,
    Tables,
    Within,
    World,
)
from lowcap.studies.xor.claims.common import Counted, percents, row_of
from lowcap.studies.xor.exact import large_bound, outputs, small_bound, wrong
from lowcap.studies.xor.filters import constructed
from lowcap.studies.xor.plan import REPEATS
from lowcap.studies.xor.settings import GAMMA, LARGE, SMALL

MARGIN = 0.005
"""Ours: how far below its bound a sampled share may lie that is no worse than the bound."""


def small_can_express(tables: Tables) -> Evidence:
    """The error of the constructed network of two filters of each sign."""
    values = outputs(*constructed(GAMMA))
    errors = int(wrong(values).sum())
    sentence = (
        f"Positive filters on (1, 1) and (-1, -1), negative ones on (1, -1) and (-1, 1): "
        f"{errors} of the 15 inputs are classified wrong; positive inputs get at least "
        f"{values[values > 0].min():g}, negative ones at most {values[values < 0].max():g}."
    )
    no_filters = int(wrong(np.zeros(len(values))).sum())
    return Evidence(Exact(errors), sentence, {"without filters": no_filters})


def stratified(counts: pd.Series, runs: pd.Series) -> Estimate:
    """The mean over equally likely starts of the share of their runs.

    Only runs that start alike and end differently leave anything to chance; where none do, the
    share is a count of starts and exact.
    """
    shares, n = counts.to_numpy() / runs.to_numpy(), runs.to_numpy()
    if n.min() < 2:
        raise NotMeasured("each start needs at least two runs")
    error = float(np.sqrt((shares * (1 - shares) / (n - 1)).sum()) / len(n))
    value = float(shares.mean())
    if error == 0:
        return Exact(value)
    return Student(value, error, float((n - 1).sum()))


def every_start(tables: Tables) -> Evidence:
    """The share of the 4,096 starts of k = 2 that end at zero loss with non-zero test error."""
    table = tables["starts"]
    table = table[table["gamma"] == GAMMA]
    if table.empty:
        raise NotMeasured(f"the starts of k = {SMALL} were not followed")
    estimate = stratified(table["fit_and_wrong"], table["runs"])
    runs, count = table["runs"], table["fit_and_wrong"]
    mixed = int(((count > 0) & (count < runs)).sum())
    alike = (
        f"all {int(runs.min())} runs from a start agree"
        if mixed == 0
        else f"from {mixed:,} starts it is now so, now so"
    )
    perfect = float((table["perfect"] / runs).mean())
    sentence = (
        f"Of the {len(table):,} equally likely starts with k = {SMALL}, {estimate.value:.4%} reach "
        f"zero loss with non-zero test error, {perfect:.4%} generalize and "
        f"{1 - perfect - estimate.value:.4%} never reach zero loss ({alike}). The bound is "
        f"33/48 = 68.75 %, less {33 / 48 - small_bound():.0e} for large initial filters: it cannot "
        "be raised."
    )
    return Evidence(estimate, sentence, {"generalize": perfect})


def _start_worlds(tables: Tables) -> Sequence[World]:
    table = tables["starts"]
    table = table[table["gamma"] == GAMMA]
    starts, repeats = len(table), table["runs"].to_numpy()
    if not starts:
        raise NotMeasured("no starts were followed")

    def settled(share: float, generator: np.random.Generator) -> Tables:
        selected = generator.permutation(starts) < round(share * starts)
        return {"starts": table.assign(fit_and_wrong=selected * repeats)}

    def by_chance(generator: np.random.Generator) -> Tables:
        counts = generator.binomial(repeats, small_bound())
        return {"starts": table.assign(fit_and_wrong=counts)}

    return [
        World("at the bound, by chance from every start", None, by_chance),
        World("clearly true", True, partial(settled, 0.71)),
        World("clearly false", False, partial(settled, 0.665)),
    ]


def random_starts(tables: Tables) -> Evidence:
    """How often k = 2 fits and yet errs, over random starts."""
    row = row_of(tables["frequencies"], SMALL)
    found = Counted(int(row["fit_and_wrong"]), int(row["runs"]))
    sentence = (
        f"Of {row['runs']:,.0f} networks with k = 2 and diverse training sets, {found.value:.2%} "
        f"reach zero loss with non-zero test error (exact interval {percents(found.interval())}; "
        f"the bound is {small_bound():.2%}); {1 - row['converged'] / row['runs']:.2%} never reach "
        f"zero loss and {row['perfect'] / row['runs']:.2%} generalize."
    )
    return Evidence(found, sentence, {"generalize": row["perfect"] / row["runs"]})


def large_generalizes(tables: Tables) -> Evidence:
    """How often k = 120 has zero test error."""
    row = row_of(tables["frequencies"], LARGE)
    found, bound = Counted(int(row["perfect"]), int(row["runs"])), large_bound(LARGE)
    sentence = (
        f"Of {row['runs']:,.0f} networks with k = {LARGE} and diverse training sets, "
        f"{found.value:.2%} have zero test error (exact interval {percents(found.interval())}; "
        f"the bound is {bound:.2%}); {row['converged'] / row['runs']:.2%} reach zero loss."
    )
    control = {"untrained": 0.0}
    try:
        small = row_of(tables["frequencies"], SMALL)
        control = {f"k = {SMALL}": small["perfect"] / small["runs"]}
    except NotMeasured:
        control = {}
    return Evidence(found, sentence, control)


def _share_worlds(tables: Tables, *, k: int, column: str, shares: Sequence[float]):
    """Worlds at the bound, clearly true and clearly false, by the true share in each."""
    row = row_of(tables["frequencies"], k)

    def make(share: float, generator: np.random.Generator) -> Tables:
        count = int(generator.binomial(int(row["runs"]), share))
        return {"frequencies": pd.DataFrame([{**row, column: count}])}

    names = (("at the bound", None), ("clearly true", True), ("clearly false", False))
    return [
        World(name, truth, partial(make, share))
        for (name, truth), share in zip(names, shares, strict=True)
    ]


SMALL_FAILS = (
    Reading(
        "every start",
        "share of the 4,096 octants that the four filters of k = 2 can start in, all equally "
        f"likely, from which {REPEATS} runs end at zero training loss with non-zero test error, "
        "all training points diverse, gamma 8; exact where the runs of each start agree; against "
        "(1 - c') 33/48",
        Above(small_bound(), percent=True),
        every_start,
        ("starts",),
        primary=EVERYWHERE,
        worlds=_start_worlds,
    ),
    Reading(
        "random starts",
        "the same share over random starts, Clopper-Pearson interval. Since the true share is the "
        "bound, no number of runs puts an interval above it: this asks whether it is no more than "
        "0.5 points below",
        Above(33 / 48 - MARGIN, percent=True, ours=True),
        random_starts,
        ("frequencies",),
        worlds=partial(
            _share_worlds, k=SMALL, column="fit_and_wrong",
            shares=(33 / 48 - MARGIN, 33 / 48 + 0.01, 33 / 48 - 3 * MARGIN),
        ),
    ),
)  # fmt: skip

THEOREM_CLAIMS = (
    Claim(
        "small-can-express",
        "3",
        "Two filters of each sign represent the XORD function exactly.",
        (
            Reading(
                "",
                "number of the 15 inputs that a constructed network with k = 2 classifies wrong",
                Within(0, 0),
                small_can_express,
                (),
                primary=EVERYWHERE,
            ),
        ),
        figure="bounds",
    ),
    Claim(
        "small-fails",
        "4, theorem 4.2",
        "Gradient descent with k = 2 reaches zero loss with non-zero test error at least as "
        "often as the bound says.",
        SMALL_FAILS,
        figure="bounds",
    ),
    Claim(
        "large-generalizes",
        "4, theorem 4.1",
        "Gradient descent with k = 120 has zero test error at least as often as its bound says.",
        (
            Reading(
                "",
                "share of runs with zero test error, all training points diverse, gamma 8, "
                "Clopper-Pearson interval; against 1 - c' - 16 e^-8",
                Above(large_bound(LARGE), percent=True),
                large_generalizes,
                ("frequencies",),
                primary=EVERYWHERE,
                worlds=partial(
                    _share_worlds, k=LARGE, column="perfect",
                    shares=(large_bound(LARGE), 0.9999, 0.98),
                ),
            ),
        ),
        figure="bounds",
    ),
)  # fmt: skip
