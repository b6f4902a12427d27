"""Judges on tables made by hand, where the right verdict is known."""

import numpy as np
import pandas as pd
import pytest

from lowcap.claims import evaluate
from lowcap.studies.low_capacity.claims import CLAIMS

HIDDEN = (2, 4, 8, 10, 12, 16, 32)
SEEDS = range(4)


def capacity_table(first_good: dict[str, int], spread_below=0.1, score="train_f1_best"):
    """F1 of 0.8 with a wide spread below a task's first good size, 0.97 and narrow from it on."""
    rows = []
    for task, good in first_good.items():
        for hidden in HIDDEN:
            for seed in SEEDS:
                wave = (seed - 1.5) / 1.5 * (1 + hidden / 100)
                f1 = 0.8 + spread_below * wave if hidden < good else 0.97 + 0.002 * wave
                rows.append(["published", task, hidden, seed, f1])
    return pd.DataFrame(rows, columns=["protocol", "task", "hidden", "seed", score])


def pruning_table(drop, rule="exact", tasks=("0-1", "4-9"), noise=1e-5):
    """Dense F1 of 0.95; `drop(task, hidden, sparsity)` is the relative loss."""
    rows = []
    for task in tasks:
        for hidden in HIDDEN:
            for seed in SEEDS:
                for sparsity in (0.0, 0.5, 0.9, 0.95, 0.99):
                    lost = drop(task, hidden, sparsity) + noise * (seed - 1.5) if sparsity else 0
                    f1 = 0.95 * (1 - lost)
                    rows.append(["published", task, hidden, seed, "val", "layer", rule, sparsity,
                                 sparsity, f1])  # fmt: skip
    columns = ["protocol", "task", "hidden", "seed", "split", "scope", "rule",
               "requested_sparsity", "achieved_sparsity", "f1"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def verdict(claim, **tables):
    table = evaluate([c for c in CLAIMS if c.id == claim], tables, ["published"])
    row = table.iloc[0]
    assert row["finding"].endswith(".")
    assert np.isnan(row["effect"]) or row["low"] <= row["effect"] <= row["high"]
    return row


@pytest.mark.parametrize(
    ("found", "expected", "matches"),
    [
        ({"0-1": 4, "1-7": 10, "5-6": 10, "4-9": 12}, "holds", 4),
        ({"0-1": 4, "1-7": 10, "5-6": 10, "4-9": 16}, "holds", 4),
        ({"0-1": 4, "1-7": 10, "5-6": 10, "4-9": 32}, "fails", 3),
        ({"0-1": 2, "3-8": 2}, "fails", 0),
    ],
)
def test_minimum_capacity(found, expected, matches):
    row = verdict("minimum-capacity", capacity=capacity_table(found))
    assert (row["verdict"], row["effect"]) == (expected, matches)


def test_minimum_capacity_of_other_tasks_is_not_measured():
    row = verdict("minimum-capacity", capacity=capacity_table({"2-3": 4}))
    assert row["verdict"] == "not measured"


@pytest.mark.parametrize(("spread", "expected"), [(0.1, "holds"), (0.0005, "fails")])
def test_critical_instability(spread, expected):
    table = capacity_table({"0-1": 8, "4-9": 12}, spread_below=spread)
    assert verdict("critical-instability", capacity=table)["verdict"] == expected


def test_critical_instability_needs_sizes_below():
    row = verdict("critical-instability", capacity=capacity_table({"0-1": 2}))
    assert row["verdict"] == "not measured"


@pytest.mark.parametrize(
    ("claim", "lost", "expected"),
    [
        ("easy-task-pruning", 0.0001, "holds"),
        ("easy-task-pruning", 0.01, "fails"),
        ("hard-task-pruning", 0.005, "holds"),
        ("hard-task-pruning", 0.02, "fails"),
        ("graceful", 0.005, "holds"),
        ("graceful", 0.3, "fails"),
    ],
)
def test_drops_against_their_bounds(claim, lost, expected):
    row = verdict(
        claim,
        capacity=capacity_table({"0-1": 4, "4-9": 12}),
        pruning=pruning_table(lambda *_: lost),
    )
    assert row["verdict"] == expected
    assert row["effect"] == pytest.approx(lost, rel=0.01)


def test_a_noisy_drop_is_undecided():
    table = pruning_table(lambda *_: 0.01, noise=0.05)
    assert verdict("hard-task-pruning", pruning=table)["verdict"] == "undecided"


def test_graceful_forgives_sizes_at_and_below_minimum_capacity():
    table = pruning_table(lambda task, hidden, _: 0.5 if hidden <= 12 and task == "4-9" else 0.0)
    row = verdict("graceful", capacity=capacity_table({"0-1": 4, "4-9": 12}), pruning=table)
    assert row["verdict"] == "holds"


def test_pruning_regularises_only_on_hard_tasks_and_beyond_noise():
    gain = pruning_table(lambda task, hidden, s: -0.01 if (hidden, s) == (8, 0.9) else 0.0)
    assert verdict("pruning-regularises", pruning=gain)["verdict"] == "holds"
    easy = pruning_table(lambda task, *_: -0.01 if task == "0-1" else 0.01)
    assert verdict("pruning-regularises", pruning=easy)["verdict"] == "fails"
    noisy = pruning_table(lambda *_: -0.001, noise=0.01)
    assert verdict("pruning-regularises", pruning=noisy)["verdict"] == "fails"


def test_the_two_sparsities_are_judged_apart():
    pruning = pd.concat(
        [pruning_table(lambda *_: 0.3), pruning_table(lambda *_: 0.0, rule="released")]
    )
    table = evaluate(
        [c for c in CLAIMS if c.id == "hard-task-pruning"], {"pruning": pruning}, ["published"]
    )
    assert dict(zip(table["variant"], table["verdict"], strict=True)) == {
        "requested sparsity": "fails",
        "released code's sparsity": "holds",
    }
