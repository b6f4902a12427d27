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
    assert dict(zip(table["reading"], table["verdict"], strict=True)) == {
        "requested sparsity": "fails",
        "released code's sparsity": "holds",
    }


def rate_table(best, score="train_f1_best"):
    """F1 of 0.9 at each size's `best(hidden)` rate, less at the others."""
    rows = [
        [
            "published",
            "4-9",
            hidden,
            rate,
            seed,
            (0.9 if rate == best(hidden) else 0.7) + seed / 1e4,
        ]
        for hidden in HIDDEN
        for rate in (0.001, 0.01, 0.03)
        for seed in SEEDS
    ]
    columns = ["protocol", "task", "hidden", "learning_rate", "seed", score]
    table = pd.DataFrame(rows, columns=columns)
    ours = np.isclose(table["learning_rate"], 0.03)
    return {"capacity": table[ours], "learning_rate": table[~ours]}


def test_learning_rate():
    everywhere = verdict("learning-rate", **rate_table(lambda _: 0.03))
    assert (everywhere["verdict"], everywhere["effect"]) == ("holds", len(HIDDEN))
    almost = verdict("learning-rate", **rate_table(lambda h: 0.01 if h == 2 else 0.03))
    assert (almost["verdict"], almost["effect"]) == ("fails", len(HIDDEN) - 1)


@pytest.mark.parametrize(("gain", "expected"), [(0.001, "holds"), (0.05, "fails")])
def test_diminishing_returns(gain, expected):
    rows = [
        [
            "published",
            "4-9",
            hidden,
            seed,
            0.9 + (gain if hidden == 64 else 0) + 1e-4 * seed * hidden,
        ]
        for hidden in (32, 64)
        for seed in SEEDS
    ]
    columns = ["protocol", "task", "hidden", "seed", "train_f1_best"]
    row = verdict("diminishing-returns", capacity=pd.DataFrame(rows, columns=columns))
    assert row["verdict"] == expected


def difficulty_table(errors):
    rows = [["published", task, error] for task, error in errors.items()]
    return pd.DataFrame(rows, columns=["protocol", "task", "linear_error"])


def test_capacity_tracks_difficulty():
    needs = {f"0-{i}": size for i, size in enumerate([2, 2, 4, 8, 8, 10, 12, 16, 32, 32], start=1)}
    harder = difficulty_table({task: 0.01 * i for i, task in enumerate(needs)})
    easier = difficulty_table({task: -0.01 * i for i, task in enumerate(needs)})
    capacity = capacity_table(needs)
    claim = "capacity-tracks-difficulty"
    assert verdict(claim, capacity=capacity, difficulty=harder)["verdict"] == "holds"
    assert verdict(claim, capacity=capacity, difficulty=easier)["verdict"] == "fails"
    same = capacity_table(dict.fromkeys(needs, 4))
    assert verdict(claim, capacity=same, difficulty=harder)["verdict"] == "not measured"


@pytest.mark.parametrize(("dead", "expected"), [(0, "holds"), (1, "fails")])
def test_no_dead_neurons(dead, expected):
    table = pruning_table(lambda *_: 0.0).assign(dead_neurons=0)
    last = table[(table["task"] == "0-1") & (table["hidden"] == 12)].index[-2]
    assert table.loc[last, "requested_sparsity"] == 0.95
    table.loc[last, "dead_neurons"] = dead
    assert verdict("no-dead-neurons", pruning=table)["verdict"] == expected


def robustness_table(level):
    """F1 by `level(corruption, hidden)`, with a little noise over seeds."""
    cases = [("none", 0.0), ("occlusion", 7.0)]
    cases += [("gaussian noise", sigma) for sigma in (0.1, 0.2, 0.3, 0.4, 0.5)]
    rows = [
        ["published", "4-9", hidden, seed, kind, severity, 0.0,
         level(kind, hidden) + 1e-4 * ((seed * 7 + hidden) % 5)]
        for kind, severity in cases
        for hidden in (24, 48, 64)
        for seed in SEEDS
    ]  # fmt: skip
    columns = ["protocol", "task", "hidden", "seed", "corruption", "severity",
               "requested_sparsity", "f1"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def test_robustness_claims():
    wider = robustness_table(lambda kind, hidden: 0.8 + hidden / 1000)
    equal = robustness_table(lambda kind, hidden: 0.8)
    worse = robustness_table(lambda kind, hidden: 0.8 - hidden / 1000)
    for claim in ("noise-robustness", "occlusion-robustness"):
        assert verdict(claim, robustness=wider)["verdict"] == "holds"
        assert verdict(claim, robustness=equal)["verdict"] != "holds"
        assert verdict(claim, robustness=worse)["verdict"] == "fails"


@pytest.mark.parametrize(
    ("cka", "drop", "expected"),
    [(0.99, 0.0, "holds"), (0.5, 0.0, "fails"), (0.99, 0.1, "fails"), (0.9, 0.0, "undecided")],
)
def test_geometry_preserved(cka, drop, expected):
    rows = [
        ["published", "4-9", 24, seed, "exact", cka + 0.002 * (seed - 1.5), 0.95, 0.95 - drop]
        for seed in SEEDS
    ]
    columns = ["protocol", "task", "hidden", "seed", "rule", "cka", "knn_dense", "knn_pruned"]
    row = verdict("geometry-preserved", geometry=pd.DataFrame(rows, columns=columns))
    assert row["verdict"] == expected


def saliency_table(strokes, region=lambda correct: 1.5, images=12):
    """Concentrations by state; fours whose number divides by 3 are misclassified."""
    rows = [
        ["published", seed, state, method, image, 0, image % 3 > 0,
         strokes[state] + 0.01 * seed, region(image % 3 > 0) + 0.01 * seed * (image % 3 == 0)]
        for seed in SEEDS
        for state in strokes
        for method in ("finite differences", "gradient x input")
        for image in range(images)
    ]  # fmt: skip
    columns = ["protocol", "seed", "state", "method", "image", "label", "correct", "on_strokes",
               "on_region"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("trained", "untrained", "expected"),
    [(3.0, 1.0, "holds"), (0.8, 0.5, "fails"), (3.0, 3.0, "fails")],
)
def test_saliency_on_strokes(trained, untrained, expected):
    table = saliency_table({"trained": trained, "untrained": untrained})
    assert verdict("saliency-on-strokes", saliency=table)["verdict"] == expected


@pytest.mark.parametrize(("shift", "expected"), [(0.5, "holds"), (-0.5, "fails"), (0, "undecided")])
def test_misclassified_shift(shift, expected):
    table = saliency_table({"trained": 2.0}, region=lambda right: 1.515 + shift * right)
    assert verdict("misclassified-shift", saliency=table)["verdict"] == expected


def test_misclassified_shift_needs_mistakes():
    table = saliency_table({"trained": 2.0}).query("correct")
    assert verdict("misclassified-shift", saliency=table)["verdict"] == "not measured"


@pytest.mark.parametrize(
    ("pruned", "stranger", "expected"),
    [(0.95, 0.3, "holds"), (0.5, 0.3, "fails"), (0.95, 0.97, "fails"), (0.9, 0.3, "undecided")],
)
def test_reasoning_preserved(pruned, stranger, expected):
    rows = [
        ["published", seed, state, "finite differences", level + 0.002 * (seed - 1.5)]
        for seed in SEEDS
        for state, level in (("pruned", pruned), ("independent", stranger))
    ]
    columns = ["protocol", "seed", "state", "method", "rank_correlation"]
    table = pd.DataFrame(rows, columns=columns)
    assert verdict("reasoning-preserved", saliency_agreement=table)["verdict"] == expected


def test_the_sixteen_claims_of_the_paper():
    assert [claim.id for claim in CLAIMS] == [
        "learning-rate", "diminishing-returns", "minimum-capacity", "capacity-tracks-difficulty",
        "critical-instability", "easy-task-pruning", "hard-task-pruning", "pruning-regularises",
        "graceful", "no-dead-neurons", "geometry-preserved", "noise-robustness",
        "occlusion-robustness", "saliency-on-strokes", "misclassified-shift",
        "reasoning-preserved",
    ]  # fmt: skip
