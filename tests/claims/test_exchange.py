"""Rank correlation over pairs against a plain loop, and how often it errs by chance."""

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from lowcap.claims import NotMeasured, exchanged, exchanged_worlds

CLASSES = range(6)
TASKS = [f"{a}-{b}" for a, b in combinations(CLASSES, 2)]


def drawn(seed):
    generator = np.random.default_rng(seed)
    return pd.Series(generator.normal(size=len(TASKS)), TASKS)


def test_every_exchange_is_a_relabelling_of_classes():
    one, other = drawn(0), drawn(1)
    found = exchanged(one, other.sample(frac=1, random_state=0))
    assert found.value == pytest.approx(spearmanr(one, other[one.index]).statistic)
    every = set()
    for order in permutations(CLASSES):
        moved = ["-".join(map(str, sorted((order[a], order[b])))) for a, b in
                 combinations(CLASSES, 2)]  # fmt: skip
        every.add(round(spearmanr(one, other[moved]).statistic, 9))
    assert set(np.round(found.null, 9)) <= every
    assert len(set(np.round(found.null, 9))) > 0.8 * len(every)


def test_pairs_of_one_class_are_not_taken_for_independent():
    """One class is unlike the rest in both properties: over pairs it looks like a relation."""
    wide = [f"{a}-{b}" for a, b in combinations(range(10), 2)]
    rates = {"classes": 0, "pairs": 0}
    for seed in range(60):
        generator = np.random.default_rng(seed)
        ends = np.array([task.split("-") for task in wide], int)
        one, other = (
            pd.Series(effect[ends].sum(axis=1) + 0.1 * generator.normal(size=len(wide)), wide)
            for effect in generator.normal(size=(2, 10))
        )
        rates["classes"] += exchanged(one, other).interval().low > 0
        naive = spearmanr(one, other)
        rates["pairs"] += naive.statistic > 0 and naive.pvalue < 0.05
    assert rates["classes"] <= 5  # of 60, where 1.5 are expected
    assert rates["pairs"] > 10


def test_too_few_classes_or_missing_pairs_are_not_measured():
    few = [f"{a}-{b}" for a, b in combinations(range(4), 2)]
    with pytest.raises(NotMeasured, match="at least 5 classes"):
        exchanged(pd.Series(range(6), few), pd.Series(range(6), few))
    with pytest.raises(NotMeasured, match="every pair"):
        exchanged(drawn(0)[1:], drawn(1)[1:])


def test_worlds_find_pairs_of_classes_with_two_digits():
    tasks = [f"{a}-{b}" for a, b in combinations(range(8, 13), 2)]
    one = pd.Series(np.arange(10.0), tasks)
    tables = {"difficulty": pd.DataFrame({"task": tasks, "error": np.arange(10.0)})}
    new = exchanged_worlds(one, tables, "difficulty", "error")[0].make(np.random.default_rng(0))
    assert sorted(new["difficulty"]["error"]) == list(range(10))


def test_worlds_are_unrelated_or_in_order():
    one = drawn(0)
    tables = {"difficulty": pd.DataFrame({"task": TASKS, "error": drawn(1).to_numpy()})}
    worlds = exchanged_worlds(one, tables, "difficulty", "error")
    assert [world.truth for world in worlds] == [None, True, False]
    for world in worlds:
        new = world.make(np.random.default_rng(0))["difficulty"].set_index("task")["error"]
        if world.truth is None:
            assert sorted(new) == sorted(drawn(1))
            assert list(new) != list(drawn(1))
        else:
            sign = 1 if world.truth else -1
            assert exchanged(one, new).value == pytest.approx(sign)
