"""Rank correlations over tasks of what networks show with how hard the tasks are."""

from collections.abc import Callable, Mapping
from itertools import permutations as orders

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from lowcap.claims import Estimate, NotMeasured, Permuted, Resampled, Tables, World, spearman
from lowcap.streams import stream

MANY = 20
"""From so many tasks on, digits are resampled: the pairs of one digit are not independent."""

RESAMPLES, ORDERS = 1000, 2000


def hardness(tables: Tables, tasks: Mapping | pd.Index | list) -> pd.Series:
    """Test error of a linear least-squares classifier by task."""
    errors = tables["difficulty"].groupby("task", sort=False)["linear_error"].mean()
    wanted = set(tasks)
    hard = pd.Series({str(t): e for t, e in errors.items() if t in wanted}, dtype=float)
    if len(hard) < 4:
        raise NotMeasured(
            f"whether one thing follows another over tasks takes at least four, and here are "
            f"{len(hard)}; --tasks with more pairs of classes gives them"
        )
    return hard


def correlation(hard: pd.Series, other: pd.Series) -> Estimate:
    """Rank correlation over tasks, by an exact permutation test; over many, digits resampled."""
    one, two = hard.to_numpy(), other.loc[hard.index].to_numpy()
    rho = spearman(one, two)
    if len(one) >= MANY:
        return Resampled(rho, _digits_resampled(hard.index, one, two))
    return Permuted(rho, permuted(one, two), (-1, 1))


def permuted(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Rank correlations under every order of the tasks; under a sample of orders beyond seven."""
    count = len(one)
    if count <= 7:
        order = np.array(list(orders(range(count))))
    else:
        generator = stream("permutations of tasks")
        order = np.array([generator.permutation(count) for _ in range(ORDERS)])
    first, second = rankdata(one) - (count + 1) / 2, rankdata(other) - (count + 1) / 2
    scale = np.linalg.norm(first) * np.linalg.norm(second)
    return second[order] @ first / scale if scale else np.zeros(len(order))


def _digits_resampled(tasks: pd.Index, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Rank correlations over pairs of resampled classes; a pair counts as often as its two do."""
    classes = sorted({c for task in tasks for c in task.split("-")})
    place = {name: i for i, name in enumerate(classes)}
    first, second = (np.array([place[task.split("-")[side]] for task in tasks]) for side in (0, 1))
    generator = stream("digits resampled")
    values = []
    for _ in range(RESAMPLES):
        counts = np.bincount(generator.integers(len(classes), size=len(classes)),
                             minlength=len(classes))  # fmt: skip
        kept = np.repeat(np.arange(len(one)), counts[first] * counts[second])
        values.append(spearman(one[kept], other[kept]) if len(kept) > 2 else 0.0)
    return np.array(values)


def relabelled(tables: Tables, other: Callable[[Tables], pd.Series]) -> list[World]:
    """Worlds in which the tasks' errors are dealt out anew: at random, in order, or reversed."""
    found = other(tables)
    table = tables["difficulty"]
    rest = {name: one for name, one in tables.items() if name != "difficulty"}
    hard = hardness(tables, found.index)
    ranked = found.loc[hard.index].rank(method="first").to_numpy().astype(int) - 1
    ascending = np.sort(hard.to_numpy())

    def make(order: Callable[[np.random.Generator], np.ndarray]):
        def draw(g):
            errors = dict(zip(hard.index, order(g), strict=True))
            return {**rest, "difficulty": table.assign(linear_error=table["task"].map(errors))}

        return draw

    if len(set(found)) == 1:
        return []  # whatever the tasks' errors are, equal sizes follow none
    worlds = [World("no relation", None, make(lambda g: g.permutation(ascending)))]
    if len(set(found)) == len(found):  # with ties no order of the tasks is clearly right
        worlds.append(World("in order", True, make(lambda g: ascending[ranked])))
        worlds.append(World("in reverse", False, make(lambda g: ascending[::-1][ranked])))
    return worlds
