"""Whether sparse networks keep what they can do and what they look at."""

from collections.abc import Callable
from functools import partial

import pandas as pd

from lowcap.claims import (
    Above,
    AllOf,
    Below,
    BlockSimulator,
    Claim,
    Cube,
    Evidence,
    NotMeasured,
    Reading,
    Tables,
    World,
    block_cube,
    mean_worlds,
)
from lowcap.studies.low_capacity.claims.scores import percent
from lowcap.studies.retraining.claims.common import (
    SCORES,
    less_dense,
    mean_by,
    of_cases,
    scores_of,
    worlds_of,
)
from lowcap.studies.retraining.training import STRANGER

SPARSE = 0.99
KEEP = 0.01
"""F1 that a sparse network may lose. Ours."""

PERFORMANCE, ATTENTION = "F1 lost", "agreement of maps above a stranger's"

MAPS = {"top_overlap": "share of the strongest twentieth of the pixels that maps have in common",
        "rank_correlation": "rank correlation of maps over all pixels"}  # fmt: skip


def lost(tables: Tables, *, method: str) -> Evidence:
    """F1 lost at 99 % sparsity on all tasks."""
    gained = less_dense(scores_of(tables, method=method, levels=[SPARSE]))
    estimate = gained.estimate(lambda means: -float(means.mean()))
    by_task = {task: -value for task, value in mean_by(gained, "task").items()}
    words = ", ".join(f"{value:.4f} on {task}" for task, value in by_task.items())
    sentence = (
        f"At {percent(SPARSE)} sparsity networks {method} lose {estimate.value:.4f} of F1 "
        f"({words})."
    )
    return Evidence(estimate, sentence)


def _rows(tables: Tables, method: str) -> pd.DataFrame:
    table = tables["attention"]
    pruned = (table["method"] == method) & (table["requested_sparsity"].round(4) == SPARSE)
    if not pruned.any():
        raise NotMeasured(f"it drew no maps of networks {method} at {percent(SPARSE)} sparsity")
    return table[pruned | (table["method"] == STRANGER)]


def _maps(tables: Tables, method: str, maps: str) -> Cube:
    return block_cube(_rows(tables, method), ["task", "method"], maps)


def agreement(tables: Tables, *, method: str, maps: str) -> Evidence:
    """How much more a sparse network's maps agree with the dense one's than a stranger's do."""
    scores = _maps(tables, method, maps)
    stranger = of_cases(scores, "method") == STRANGER
    estimate = scores.estimate(
        lambda means: float(means[~stranger].mean() - means[stranger].mean())
    )
    by_method = mean_by(scores, "method")
    sentence = (
        f"By the {MAPS[maps]}, its maps agree with the dense network's to {by_method[method]:.2f}, "
        f"those of a dense network of another seed to {by_method[STRANGER]:.2f}."
    )
    return Evidence(estimate, sentence, {"another seed": by_method[STRANGER]})


def keeps(tables: Tables, *, method: str, maps: str) -> Evidence:
    """Both together."""
    one, other = lost(tables, method=method), agreement(tables, method=method, maps=maps)
    estimates = {PERFORMANCE: one.estimates, ATTENTION: other.estimates}
    return Evidence(estimates, f"{one.sentence} {other.sentence}", other.control)


def _both_worlds(tables: Tables, *, method: str, maps: str) -> list[World]:
    judge = partial(lost, method=method)
    losses = worlds_of(judge, tables, KEEP, -0.1, method=method, levels=[SPARSE])
    simulated = BlockSimulator("attention", _rows(tables, method), ["task", "method"], [maps])
    constant = {"requested_sparsity": SPARSE}
    looking = partial(agreement, method=method, maps=maps)

    def complete(found: Tables) -> Tables:
        return {**found, "attention": found["attention"].assign(**constant)}

    drawn = mean_worlds(
        lambda found: looking(complete(found)), simulated, {},
        {"": simulated.where(method=method)}, {"": 0.0}, {"": 0.3},
    )  # fmt: skip
    at, true, false = range(3)

    def both(name: str, truth: bool | None, loss: int, look: int) -> World:
        makes: list[Callable] = [losses[loss].make, drawn[look].make]

        def make(generator) -> Tables:
            one, other = (each(generator) for each in makes)
            return {**one, **complete(other)}

        return World(name, truth, make)

    return [
        both("F1 at its bound, maps clearly agree", None, at, true),
        both("maps at their bound, F1 clearly kept", None, true, at),
        both("both clearly kept", True, true, true),
        both("F1 clearly lost", False, false, true),
        both("maps clearly a stranger's", False, true, false),
    ]


def _readings():
    for method in ("fine-tuned", "iterative", "rewound"):
        for maps, words in MAPS.items():
            primary = ("*",) if (method, maps) == ("fine-tuned", "top_overlap") else ()
            yield Reading(
                f"{method}, {maps.replace('_', ' ')}",
                f"F1 lost at {percent(SPARSE)} sparsity, {method}, against dense networks of as "
                f"many steps, mean over tasks and sizes; and {words}, of the pruned network and "
                "the dense one less that of a dense network of another seed and the dense one, "
                "mean over tasks; jackknife over seeds and test images",
                AllOf({PERFORMANCE: Below(KEEP, ours=True), ATTENTION: Above(0)}),
                partial(keeps, method=method, maps=maps),
                (*SCORES, "attention"),
                primary,
                worlds=partial(_both_worlds, method=method, maps=maps),
            )


CLAIMS = (
    Claim(
        "sparse-keeps-performance-and-attention",
        "abstract",
        "Sparse subnetworks of up to 99 % sparsity keep performance and attention.",
        tuple(_readings()),
        figure="attention-{condition}",
    ),
)
