"""What the judges share: networks beside dense ones of as many steps, as cubes of F1."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from lowcap.claims import Cube, Evidence, NotMeasured, Simulator, Tables, World, cube, mean_worlds

KEYS = ["task", "method", "scope", "hidden", "requested_sparsity", "steps"]
SCORES = ("retraining", "retraining_blocks")
"""The tables that F1 is read from."""

EASY, HARD = "0-1", "4-9"
HARD_TASKS = ("3-8", "4-9")
"""The last two pairs of the paper's order from easy to hard."""

HIGH_SPARSITY = (0.5, 0.8, 0.9, 0.95)
"""The sparsities up to the paper's 95 %, here from the first that could cost anything."""


def needed(
    table: pd.DataFrame,
    method: str | Sequence[str],
    levels: Sequence[float],
    tasks: Sequence[str] = (),
    scope: str = "global",
    controls: Sequence[int] = (),
) -> pd.DataFrame:
    """The rows of a method or several, and of the dense networks of as many steps.

    Args:
        table: `retraining`, or `retraining_blocks`.
        method: the method, or several; their rows of one scope.
        levels: requested sparsities.
        tasks: the tasks; all unless given.
        scope: within which weights the smallest were removed.
        controls: hidden sizes of dense networks beside those that were pruned.

    Raises:
        NotMeasured: there are none.
    """
    methods = [method] if isinstance(method, str) else list(method)
    level = table["requested_sparsity"].round(4).isin(np.round(levels, 4))
    rows = table[table["method"].isin(methods) & level & (table["scope"] == scope)]
    if tasks:
        rows = rows[rows["task"].isin(tasks)]
    if rows.empty:
        where = f" on {' or '.join(tasks)}" if tasks else ""
        raise NotMeasured(f"it has no networks {' or '.join(methods)} by the rule “{scope}”{where}")
    places = rows[["task", "steps"]].drop_duplicates()
    dense = table[table["method"] == "dense"].merge(places, on=["task", "steps"])
    dense = dense[dense["hidden"].isin([*rows["hidden"].unique(), *controls])]
    return pd.concat([rows, dense], ignore_index=True)


def scores_of(tables: Tables, value: str = "test_f1", **wanted) -> Cube:
    """F1 of one method and of dense networks of as many steps; see `needed` for `wanted`.

    Validation images are each seed's own, so that their spread is in the seeds'.
    """
    blocks = needed(tables["retraining_blocks"], **wanted) if value == "test_f1" else None
    return cube(needed(tables["retraining"], **wanted), KEYS, value, blocks)


class Case(NamedTuple):
    """What tells one case from others: the keys of `KEYS`, in their order."""

    task: str
    method: str
    scope: str
    hidden: int
    requested_sparsity: float
    steps: int


def less_dense(scores: Cube) -> Cube:
    """By pruned case, its F1 less that of the dense network of its task, size and steps."""
    return differences(scores, lambda case: case.hidden)


def differences(scores: Cube, partner: Callable[[Case], int]) -> Cube:
    """By pruned case, its F1 less that of a dense network of its task and steps.

    Args:
        scores: of pruned and dense networks.
        partner: from a case, the hidden size of its dense network; cases for which there is none
            are left out.

    Raises:
        NotMeasured: there is none for any of them.
    """
    cases = [Case(*key) for key in scores.cases]
    where = {
        (case.task, case.steps, case.hidden): place
        for place, case in enumerate(cases)
        if case.method == "dense"
    }
    pairs = [
        (place, where[key])
        for place, case in enumerate(cases)
        if case.method != "dense" and (key := (case.task, case.steps, partner(case))) in where
    ]
    if not pairs:
        raise NotMeasured("it has no dense networks to compare with")
    one, other = np.array(pairs, int).T
    without = None if scores.without is None else scores.without[:, one] - scores.without[:, other]
    return Cube(scores.cases[one], scores.by_seed[:, one] - scores.by_seed[:, other], without)


def simulator(tables: Tables, value: str = "test_f1", **wanted) -> Simulator:
    """Of the rows that `scores_of` reads."""
    blocks = None
    if value == "test_f1":
        blocks = ("retraining_blocks", needed(tables["retraining_blocks"], **wanted))
    return Simulator("retraining", needed(tables["retraining"], **wanted), KEYS, [value], blocks)


def worlds_of(
    judge: Callable[[Tables], Evidence],
    tables: Tables,
    limit: float,
    clear: float,
    **wanted,
) -> list[World]:
    """Worlds in which a method's F1 is moved until the judge's value has a known truth.

    Of several methods the first is moved.

    Args:
        judge: of the reading.
        tables: of a real run.
        limit: the bound's.
        clear: how far from it the truth is clear, positive where larger is truer.
        **wanted: the rows, as for `scores_of`.
    """
    simulated = simulator(tables, **wanted)
    method = wanted["method"]
    moved = simulated.where(method=method if isinstance(method, str) else method[0])
    return mean_worlds(judge, simulated, {}, {"": moved}, {"": limit}, {"": clear})


def of_cases(scores: Cube, name: str) -> np.ndarray:
    """One key of every case."""
    return scores.cases.get_level_values(name).to_numpy()


def mean_by(scores: Cube, name: str) -> Mapping:
    """Mean over seeds and cases by one key."""
    return scores.means.groupby(level=name, sort=False).mean().to_dict()
