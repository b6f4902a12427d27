"""Claims on what pruning without retraining costs, in F1 and in units (sections 4.3 and 4.4)."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from lowcap.claims import (
    Above,
    Below,
    Claim,
    Evidence,
    NotMeasured,
    Reading,
    Share,
    Simulator,
    Tables,
    World,
    mean_of,
    mean_worlds,
    of_seeds,
)
from lowcap.studies.low_capacity.claims.neurons import FEW_NETWORKS, HALF
from lowcap.studies.low_capacity.claims.pruning import EASY_LOSS, HARD_LOSS
from lowcap.studies.low_capacity.claims.ranks import correlation, hardness, relabelled
from lowcap.studies.low_capacity.claims.scores import percent
from lowcap.studies.transfer.architectures import looked_at
from lowcap.studies.transfer.claims.common import (
    FEW,
    PRUNED_KEYS,
    SHOWN,
    check_learned,
    easiest,
    hardest,
    lost,
    named,
    pruned_rows,
    sizes_of,
)
from lowcap.studies.transfer.settings import ARCHITECTURES

PRUNING = ("capacity", "capacity_blocks", "pruning", "pruning_blocks")

HIGH_SPARSITY = (0.5, 0.8, 0.9, 0.95)

LEVEL = 0.95
"""The sparsity at which units are counted."""


def _large(tables: Tables) -> list[int]:
    """The largest sizes, which have something to lose on every task."""
    return sorted(tables["capacity"]["hidden"].unique().tolist())[-FEW:]


def loss(tables: Tables, *, which: Callable[[pd.DataFrame], str], level: float) -> Evidence:
    """F1 lost at one sparsity on one task by the largest networks."""
    task, sizes = which(tables["capacity"]), _large(tables)
    check_learned(tables["capacity"], task, sizes)
    scores = lost(tables, task=task, hidden=sizes, requested_sparsity=level)
    estimate = scores.estimate(lambda m: float(m.mean()))
    by_size = scores.means.groupby(level="hidden").mean()
    listed = ", ".join(f"{value:.4f} at {size}" for size, value in by_size.items())
    sentence = (
        f"Without {percent(level)} of their weights, taken from all layers and not trained on, "
        f"networks lose {estimate.value:.4f} of F1 on {named(tables['capacity'], task)}; by size "
        f"{listed}."
    )
    return Evidence(estimate, sentence)


def _loss_worlds(
    tables: Tables, *, which: Callable[[pd.DataFrame], str], level: float, limit: float
) -> list[World]:
    task, sizes = which(tables["capacity"]), _large(tables)
    rows, blocks = pruned_rows(tables, task=task, hidden=sizes, requested_sparsity=level)
    simulated = Simulator("rows", rows, PRUNED_KEYS, ["f1"], ("blocks", blocks))
    moved = {"": simulated.where(requested_sparsity=level)}

    def judge(found: Tables) -> Evidence:
        return loss(_apart(found), which=which, level=level)

    worlds = mean_worlds(judge, simulated, {}, moved, {"": limit}, {"": -0.1})
    return [_in_two(world) for world in worlds]


def _in_two(world: World) -> World:
    """A world of rows of dense and pruned networks, which real runs hold in tables of their own."""
    looks = world.looks
    return World(
        world.name,
        world.truth,
        lambda g: _apart(world.make(g)),
        None if looks is None else lambda g, m: [_apart(one) for one in looks(g, m)],
    )


def _apart(found: Tables) -> Tables:
    rows, blocks = found["rows"], found["blocks"]
    dense, pruned = (rows[rows["requested_sparsity"] == 0], rows[rows["requested_sparsity"] > 0])
    if "seed" not in blocks:  # simulated blocks hold the means over seeds
        blocks = blocks.assign(seed=rows["seed"].iloc[0])
    return {
        "capacity": dense.rename(columns={"f1": "test_f1"}).drop(columns="requested_sparsity"),
        "pruning": pruned.assign(split="test"),
        "capacity_blocks": blocks[blocks["requested_sparsity"] == 0].drop(
            columns="requested_sparsity"
        ),
        "pruning_blocks": blocks[blocks["requested_sparsity"] > 0],
    }


# Difficulty --------------------------------------------------------------------------------------


def lost_by_task(tables: Tables) -> pd.Series:
    """By task, the mean F1 that the largest networks lose at 50 to 95 % sparsity."""
    scores = lost(tables, hidden=_large(tables), requested_sparsity=list(HIGH_SPARSITY))
    found = scores.means.groupby(level="task", sort=False).mean()
    found.index = found.index.astype(str)
    return found


def simpler_tolerate_more(tables: Tables) -> Evidence:
    """Whether tasks that are harder for a linear classifier lose more to pruning."""
    gone = lost_by_task(tables)
    hard = hardness(tables, gone.index)
    estimate = correlation(hard, gone)
    listed = ", ".join(
        f"{named(tables['capacity'], task)}: {gone[task]:.4f}" for task in hard.sort_values().index
    )
    sentence = (
        "Mean F1 lost at 50 to 95 % sparsity by the three largest sizes, the task that is easiest "
        f"for a linear classifier first: {listed}. Rank correlation {estimate.value:+.2f} over "
        f"{len(hard)} tasks."
    )
    return Evidence(estimate, sentence)


# Units -------------------------------------------------------------------------------------------


UNITS, FILTERS = "hidden units", "filters"

DEAD_LIVE = {UNITS: ("dead_neurons", "live_units"), FILTERS: ("dead_filters", "live_filters")}
"""The columns that count them."""


def _units(tables: Tables) -> tuple[pd.DataFrame, str]:
    """Of the networks of middle size at 95 %, how many units there are, dead and live.

    A unit of a convolutional network is a filter.
    """
    table = tables["pruning"]
    architecture = str(table["architecture"].iloc[0])
    size = looked_at(architecture, tuple(sizes_of(tables["capacity"])))
    level = table["requested_sparsity"].round(4) == LEVEL
    rows = table[level & (table["hidden"] == size) & (table["split"] == "val")]
    if rows.empty:
        raise NotMeasured(f"it pruned no networks of size {size} to {percent(LEVEL)}")
    what = FILTERS if architecture != ARCHITECTURES[0] else UNITS
    dead, live = DEAD_LIVE[what]
    return rows.assign(dead=rows[dead].astype(int), live=rows[live]), what


def units_die(tables: Tables) -> Evidence:
    """In how many networks a unit puts out 0 on every validation image at 95 % sparsity."""
    rows, what = _units(tables)
    share = Share(int((rows["dead"] > 0).sum()), len(rows), "exact")
    sentence = (
        f"Without {percent(LEVEL)} of the weights, {share.successes} of {len(rows)} networks of "
        f"{rows['hidden'].iloc[0]} {what} have one that puts out 0 on every validation image; "
        f"{int(rows['dead'].sum())} of all {int(rows['hidden'].sum())} {what} do."
    )
    return Evidence(share, sentence)


def _die_worlds(tables: Tables) -> list[World]:
    rows, what = _units(tables)
    capacity, column = tables["capacity"], DEAD_LIVE[what][0]

    def make(rate: float):
        def draw(g: np.random.Generator) -> Tables:
            dead = (g.random(len(rows)) < rate).astype(int)
            return {"capacity": capacity, "pruning": rows.assign(**{column: dead})}

        return draw

    return [
        of_seeds("at the bound", None, make(FEW_NETWORKS)),
        of_seeds("none ever", True, make(0.0)),
        of_seeds("nearly always", False, make(0.9)),
    ]


def spread_over_weights(tables: Tables) -> Evidence:
    """The share of units that still take part at 95 % sparsity."""
    rows, what = _units(tables)
    shares = (rows["live"] / rows["hidden"]).groupby(rows["seed"]).mean().to_numpy()
    estimate = mean_of(shares)
    sentence = (
        f"With {percent(1 - LEVEL)} of the weights left, {percent(estimate.value)} of the {what} "
        "still take part: active on some image, with a weight from the pixels and one to the "
        f"output. If weights went {what[:-1]} by {what[:-1]}, {percent(1 - LEVEL)} would."
    )
    return Evidence(estimate, sentence, {"if whole units went": 1 - LEVEL})


def _spread_worlds(tables: Tables) -> list[World]:
    rows, what = _units(tables)
    column = DEAD_LIVE[what][1]
    shares = (rows["live"] / rows["hidden"]).groupby(rows["seed"]).mean()
    spread, capacity = float(shares.std()), tables["capacity"]

    def make(share: float):
        def draw(g: np.random.Generator) -> Tables:
            seeds = rows["seed"].unique()
            drawn = dict(zip(seeds, share + spread * g.standard_normal(len(seeds)), strict=True))
            live = rows["hidden"] * rows["seed"].map(drawn)
            return {"capacity": capacity, "pruning": rows.assign(**{column: live})}

        return draw

    at_bound = [of_seeds("at the bound", None, make(HALF))] if spread > 0 else []
    return [
        *at_bound,
        of_seeds("nearly all take part", True, make(0.95)),
        of_seeds("few take part", False, make(0.1)),
    ]


def _loss_claim(name: str, which, level: float, limit: float, statement: str) -> Claim:
    word = "easiest" if which is easiest else "hardest"
    return Claim(
        name,
        "4.3",
        statement,
        (
            Reading(
                "global, without retraining",
                f"F1 that the three largest sizes lose on the {word} task when the smallest "
                f"{percent(level)} of the weights of all layers together go; {SHOWN}",
                Below(limit, ours=True),
                partial(loss, which=which, level=level),
                PRUNING,
                ("*",),
                worlds=partial(_loss_worlds, which=which, level=level, limit=limit),
            ),
        ),
        figure="pruning-{dataset}",
    )


CLAIMS = (
    _loss_claim(
        "easy-task-pruning-travels",
        easiest,
        0.99,
        EASY_LOSS,
        "An easy task loses about nothing when 99 % of the weights are pruned.",
    ),
    _loss_claim(
        "hard-task-pruning-travels",
        hardest,
        0.95,
        HARD_LOSS,
        "A hard task loses little, about 0.01 of F1, when 95 % of the weights are pruned.",
    ),
    Claim(
        "simpler-tolerate-more-travels",
        "4.3",
        "Simpler tasks tolerate more pruning.",
        (
            Reading(
                "global, without retraining",
                "Spearman rank correlation over tasks of the mean F1 that the three largest sizes "
                "lose at 50 to 95 % sparsity with the test error of a linear classifier; exact "
                "permutation test",
                Above(0),
                simpler_tolerate_more,
                (*PRUNING, "difficulty"),
                ("*",),
                grows=False,
                worlds=partial(relabelled, other=lost_by_task),
            ),
        ),
        figure="pruning-{dataset}",
    ),
    Claim(
        "no-unit-dies",
        "4.4",
        "No hidden unit or filter is dead after 95 % of the weights are pruned.",
        (
            Reading(
                "silent",
                "share of networks of middle size, on any task, in which a hidden unit or a filter "
                "puts out 0 on every validation image at 95 % sparsity; exact binomial interval",
                Below(FEW_NETWORKS, percent=True, ours=True),
                units_die,
                ("capacity", "pruning"),
                ("*",),
                worlds=_die_worlds,
            ),
        ),
        figure="pruning-{dataset}",
    ),
    Claim(
        "spread-over-weights-travels",
        "4.4",
        "At 95 % sparsity activity is spread: weights go, hidden units and filters stay.",
        (
            Reading(
                "live units",
                "share of the hidden units or filters of networks of middle size that still take "
                "part at 95 % sparsity, mean over networks; jackknife over seeds",
                Above(HALF, percent=True, ours=True),
                spread_over_weights,
                ("capacity", "pruning"),
                ("*",),
                worlds=_spread_worlds,
            ),
        ),
        figure="pruning-{dataset}",
    ),
)
