"""Whether harder tasks tolerate less sparsity."""

from functools import partial
from itertools import permutations

import numpy as np
import pandas as pd
from jaxtyping import Float

from lowcap.claims import (
    Above,
    Claim,
    Evidence,
    NotMeasured,
    Permuted,
    Reading,
    Tables,
    World,
    exchanged,
    spearman,
)
from lowcap.streams import stream
from lowcap.studies.low_capacity.claims.scores import percent
from lowcap.studies.retraining.claims.common import less_dense, scores_of

COST = 0.01
"""F1 that a network may lose and still count as whole. Ours."""

FEWEST = 5
"""With fewer tasks no order of them is rare enough to reach a verdict."""


def critical_sparsity(
    levels: Float[np.ndarray, " levels"], lost: Float[np.ndarray, " levels"]
) -> float:
    """The sparsity at which the loss first exceeds 0.01, between two levels by a straight line.

    Along the logarithm of the weights left, along which levels are about evenly spaced. The highest
    level where all levels cost less.
    """
    places = -np.log10(1 - np.concatenate([[0.0], levels]))
    costs = np.concatenate([[0.0], lost])
    over = np.flatnonzero(costs > COST)
    if not len(over):
        return float(levels[-1])
    after = int(over[0])
    before = after - 1
    slope = (costs[after] - costs[before]) / (places[after] - places[before])
    return float(1 - 10 ** -(places[before] + (COST - costs[before]) / slope))


def critical_sparsities(tables: Tables, method: str) -> pd.Series:
    """By task, the critical sparsity of the mean loss over sizes.

    Raises:
        NotMeasured: it is the same for all tasks.
    """
    table = tables["retraining"]
    levels = sorted(table.loc[table["method"] == method, "requested_sparsity"].unique())
    lost = -less_dense(scores_of(tables, method=method, levels=levels)).means
    by_task = lost.groupby(level=["task", "requested_sparsity"], sort=False).mean().unstack()  # noqa: PD010
    by_task = by_task.sort_index(axis=1)
    found = pd.Series(
        [critical_sparsity(by_task.columns.to_numpy(float), row) for row in by_task.to_numpy()],
        index=by_task.index,
    )
    if np.ptp(found) == 0:
        raise NotMeasured("all tasks tolerate the same sparsity, as far as it was looked at")
    return found


def follows(tables: Tables, *, method: str) -> Evidence:
    """Rank correlation over tasks of the weights that are needed with a linear error."""
    hard = tables["difficulty"].set_index("task")["linear_error"]
    critical = critical_sparsities(tables, method).reindex(hard.index)
    needed = 1 - critical
    every = _all_pairs(hard.index)
    if not every and len(hard) < FEWEST:
        raise NotMeasured(f"a test over tasks needs at least {FEWEST} of them")
    estimate = exchanged(needed, hard) if every else _permuted(needed, hard)
    words = ", ".join(f"{task} {percent(critical[task])}" for task in hard.sort_values().index[:10])
    sentence = (
        f"Networks {method} lose more than {COST:g} of F1 from these sparsities on, tasks in order "
        f"of a linear classifier's error: {words}; rank correlation of the weights needed with "
        f"that error {estimate.value:+.2f}."
    )
    return Evidence(estimate, sentence)


def _all_pairs(tasks: pd.Index) -> bool:
    classes = {label for task in tasks for label in str(task).split("-")}
    return len(classes) >= FEWEST and len(tasks) == len(classes) * (len(classes) - 1) // 2


def _permuted(one: pd.Series, other: pd.Series) -> Permuted:
    """Tested by every order of the tasks, which share few digits."""
    values, others = one.to_numpy(), other.to_numpy()
    if len(values) <= 7:
        orders = permutations(range(len(values)))
    else:
        generator = stream("orders of tasks")
        orders = (generator.permutation(len(values)) for _ in range(2000))
    null = np.array([spearman(values, others[list(order)]) for order in orders])
    return Permuted(spearman(values, others), null, (-1, 1))


def _worlds(tables: Tables, *, method: str) -> list[World]:
    """No relation, and two clear ones: difficulties are dealt out anew."""
    table = tables["difficulty"]
    needed = 1 - critical_sparsities(tables, method).reindex(table["task"]).to_numpy()
    rising = np.argsort(np.argsort(needed, kind="stable"), kind="stable").astype(float)

    def world(name: str, truth: bool | None, values) -> World:
        def make(generator: np.random.Generator) -> Tables:
            return {**tables, "difficulty": table.assign(linear_error=values(generator))}

        return World(name, truth, make)

    return [
        world("no relation", None, lambda g: g.permutation(rising)),
        world("in the same order", True, lambda _: rising),
        world("in reverse", False, lambda _: -rising),
    ]


CLAIMS = (
    Claim(
        "critical-sparsity-follows-difficulty",
        "4.3",
        "Harder tasks need a larger share of a network's weights.",
        tuple(
            Reading(
                method,
                f"rank correlation over tasks, {method}, of the share of the weights below which "
                f"F1 falls by more than {COST:g} (ours; mean over sizes) with a linear "
                "classifier's error; test over all orders of the tasks, or of the classes where "
                "all pairs are there",
                Above(0),
                partial(follows, method=method),
                ("retraining", "retraining_blocks", "difficulty"),
                ("*",) if method == "fine-tuned" else (),
                worlds=partial(_worlds, method=method),
            )
            for method in ("fine-tuned", "iterative", "one-shot")
        ),
        figure="critical-{condition}",
    ),
)
