"""Each claim on tables made by hand for which the right verdict is known."""

import numpy as np
import pandas as pd
import pytest

from lowcap.claims import evaluate
from lowcap.studies.xor.claims import (
    CHOICES,
    EXACT_CLAIMS,
    IMAGE_CLAIMS,
    choice,
    smallest_sample,
)
from lowcap.studies.xor.plan import FILTERS


def verdict(claim, variant="", **tables):
    mine = [c for c in (*EXACT_CLAIMS, *IMAGE_CLAIMS) if c.id == claim]
    tables = {name: table.assign(problem="p") for name, table in tables.items()}
    row = evaluate(mine, tables, ["p"], by="problem").query("reading == @variant").iloc[0]
    assert row["finding"].endswith(".")
    assert np.isnan(row["effect"]) or row["low"] <= row["effect"] <= row["high"]
    return row["verdict"]


def frequencies(small=(0.69, 0.1), large=1.0, covered=(0.0, 1.0), runs=20_000):
    """k = 2: shares that fit and err, and that are perfect; k = 120: share that is perfect."""
    fit, perfect = small
    columns = ["k", "gamma", "points", "diversity", "runs", "converged", "perfect",
               "fit_and_wrong", "covered"]  # fmt: skip
    return pd.DataFrame(
        [
            [2, 8.0, 0, 1.0, runs, runs * (fit + perfect), runs * perfect, runs * fit,
             runs * covered[0]],
            [120, 8.0, 0, 1.0, runs, runs, runs * large, 0, runs * covered[1]],
        ],
        columns=columns,
    ).astype({"converged": int, "perfect": int, "fit_and_wrong": int, "covered": int})  # fmt: skip


def test_small_can_express():
    assert verdict("small-can-express") == "holds"


@pytest.mark.parametrize(("share", "expected"), [(0.6875, "holds"), (0.6, "fails")])
def test_small_fails(share, expected):
    assert verdict("small-fails", frequencies=frequencies(small=(share, 0.1))) == expected


def test_few_runs_leave_it_undecided():
    assert verdict("small-fails", frequencies=frequencies(runs=100)) == "undecided"


@pytest.mark.parametrize(("share", "expected"), [(1.0, "holds"), (0.9, "fails")])
def test_large_generalizes(share, expected):
    assert verdict("large-generalizes", frequencies=frequencies(large=share)) == expected
    without = frequencies().query("k == 2")
    assert verdict("large-generalizes", frequencies=without) == "not measured"


@pytest.mark.parametrize(
    ("covered", "expected"),
    [((0.0, 1.0), "holds"), ((0.5, 0.5), "undecided"), ((1.0, 0.2), "fails")],
)
def test_exploration(covered, expected):
    assert verdict("exploration", frequencies=frequencies(covered=covered)) == expected


@pytest.mark.parametrize(("after", "expected"), [(2.0, "holds"), (30.0, "fails")])
def test_clustering(after, expected):
    rows = [
        [120, 8.0, state, run, level + 0.1 * run]
        for run in range(5)
        for state, level in (("before", 22.5), ("after", after))
    ]
    table = pd.DataFrame(rows, columns=["k", "gamma", "state", "run", "angle"])
    table.loc[table["state"] == "after", "angle"] += 0.05 * table["run"]
    assert verdict("clustering", angles=table) == expected


def samples(small_from, large_from, runs=400):
    points = (2, 4, 8, 16, 32, 64, 128)
    rows = [
        [k, 8.0, m, 0.98, runs, int(runs * (0.99 if m >= start else 0.3))]
        for k, start in ((2, small_from), (120, large_from))
        for m in points
    ]
    return pd.DataFrame(rows, columns=["k", "gamma", "points", "diversity", "runs", "perfect"])


@pytest.mark.parametrize(
    ("small", "large", "expected"), [(64, 2, "holds"), (2, 64, "fails"), (999, 4, "holds")]
)
def test_sample_complexity(small, large, expected):
    assert verdict("sample-complexity", frequencies=samples(small, large)) == expected


def test_a_size_suffices_only_if_all_larger_samples_do():
    table = samples(8, 2).query("k == 2")
    assert smallest_sample(table).estimate == 8
    table.loc[table["points"] == 64, "perfect"] = 0
    assert smallest_sample(table).estimate == 128


def errors(small, compressed, large):
    rows = [
        [filter, pool, scale, seed, name, 6000, level + 0.001 * ((seed * 3) % 5)]
        for filter, pool, scale in FILTERS
        for seed in range(5)
        for name, level in (("small", small), ("small from clusters", compressed), ("large", large))
    ]
    return pd.DataFrame(
        rows, columns=["filter", "pool", "scale", "seed", "network", "images", "test_error"]
    )


@pytest.mark.parametrize(
    ("compressed", "expected"), [(0.05, "holds"), (0.09, "fails"), (0.12, "fails")]
)
def test_compression(compressed, expected):
    table = errors(0.10, compressed, 0.04)
    table.loc[table["network"] != "large", "test_error"] += 0.0005 * table["seed"]
    table.loc[table["network"] == "small", "test_error"] += 0.0003 * (table["seed"] % 2)
    for variant in CHOICES:
        assert verdict("mnist-compress", variant, compression=table) == expected
        assert verdict("mnist-larger-better", variant, compression=table) == "holds"


def test_the_choices_are_those_that_are_trained():
    assert tuple(choice(*pair) for pair in FILTERS) == CHOICES


def test_the_eight_claims_of_the_paper():
    assert [claim.id for claim in (*EXACT_CLAIMS, *IMAGE_CLAIMS)] == [
        "small-can-express", "small-fails", "large-generalizes", "exploration", "clustering",
        "sample-complexity", "mnist-larger-better", "mnist-compress",
    ]  # fmt: skip
