"""Each judge on made tables whose right verdict is known, and on its own simulated worlds."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lowcap.claims import calibrate, evaluate, judge_reading
from lowcap.studies.sensitivity.claims import CLAIMS, worlds
from lowcap.studies.sensitivity.claims.correlations import EQUAL, UNTIL_FIT
from lowcap.studies.sensitivity.claims.instrument import rank_correlation
from tests.studies.sensitivity.made import ellipses, networks

RUNS = 15
"""Simulated runs in each world."""

WHERE = {
    "random-labels": ("labels", "random"),
    "full-batch": ("batch", "full"),
    "augmentation": ("shift", 4),
    "relu-vs-saturating": ("activation", "hard sigmoid"),
}


def verdict(claim, reading=EQUAL, **tables):
    found = evaluate([c for c in CLAIMS if c.id == claim], tables, ["d"], by="dataset")
    row = found[found["reading"] == reading].iloc[0]
    assert row["finding"].endswith(".")
    assert np.isnan(row["effect"]) or row["low"] <= row["effect"] <= row["high"]
    return row["verdict"]


def of_treated(claim, **change):
    column, value = WHERE[claim]
    return networks(lambda keys: change if keys[column] == value else {})


@pytest.mark.parametrize("reading", [EQUAL, UNTIL_FIT, "largest quarter"])
@pytest.mark.parametrize(("slope", "expected"), [(-0.05, "holds"), (0.05, "fails")])
def test_larger_generalize_better(reading, slope, expected):
    table = networks(lambda keys: {"gap": slope * np.log(keys["width"])})
    assert verdict("larger-generalize-better", reading, networks=table) == expected


def test_sizes_that_differ_by_chance_are_undecided():
    assert verdict("larger-generalize-better", networks=networks(seed=1)) == "undecided"


def test_only_networks_that_fit_count():
    def effect(keys):
        slow = keys["learning_rate"] < 0.02
        slope = 0.3 if slow else -0.05
        return {
            "gap": slope * np.log(keys["width"] * keys["depth"]),
            "train_accuracy": 0.99 if slow else 1.0,
        }

    table = networks(effect)
    assert verdict("larger-generalize-better", networks=table) == "holds"
    never = table.assign(train_accuracy=0.99)
    assert verdict("larger-generalize-better", networks=never) == "not measured"


@pytest.mark.parametrize("reading", [EQUAL, UNTIL_FIT])
@pytest.mark.parametrize(("sign", "expected"), [(1, "holds"), (-1, "fails")])
def test_norm_predicts_gap(reading, sign, expected):
    def effect(keys):
        size = np.log(keys["width"]) + keys["depth"] + 9 * keys["learning_rate"]
        return {"gap": 0.05 * size, "jacobian_norm": np.exp(sign * size)}

    assert verdict("norm-predicts-gap", reading, networks=networks(effect)) == expected


def test_a_relation_between_shapes_is_none_within_them():
    def effect(keys):
        size = np.log(keys["width"]) + keys["depth"]
        return {"gap": 0.1 * size, "jacobian_norm": np.exp(size)}

    table = networks(effect)
    assert verdict("norm-predicts-gap", networks=table) == "holds"
    assert verdict("norm-predicts-gap", "within one shape", networks=table) != "holds"


@pytest.mark.parametrize("reading", [EQUAL, UNTIL_FIT])
@pytest.mark.parametrize(("norm", "expected"), [(3.0, "holds"), (0.5, "fails"), (1.0, "undecided")])
def test_random_labels(reading, norm, expected):
    table = of_treated("random-labels", jacobian_norm=norm)
    assert verdict("random-labels", reading, networks=table) == expected


@pytest.mark.parametrize(
    ("gap", "norm", "crossed", "expected"),
    [
        (0.1, 2.0, 0.9, "holds"),
        (0.1, 2.0, 1.0, "holds"),
        (0.1, 2.0, 2.0, "fails"),  # transitions follow
        (0.1, 2.0, 1.1, "undecided"),
        (-0.1, 2.0, 0.9, "fails"),
        (0.1, 0.5, 0.9, "fails"),
        (0.0, 2.0, 0.9, "undecided"),
    ],
)
def test_full_batch(gap, norm, crossed, expected):
    table = of_treated("full-batch", gap=gap, jacobian_norm=norm, transitions=crossed)
    assert verdict("full-batch", networks=table) == expected
    assert verdict("full-batch", UNTIL_FIT, networks=table) == expected


def test_noisy_transitions_are_no_evidence_that_they_do_not_follow():
    table = of_treated("full-batch", gap=0.1, jacobian_norm=2.0, transitions=1.3)
    noise = np.random.default_rng(0).normal(size=len(table))
    table["transitions"] *= np.exp(3 * noise)
    assert verdict("full-batch", networks=table) == "undecided"


@pytest.mark.parametrize(
    ("gap", "norm", "expected"),
    [(-0.1, 0.5, "holds"), (-0.1, 2.0, "fails"), (0.1, 0.5, "fails"), (-0.1, 1.0, "undecided")],
)
def test_augmentation_is_exempt_from_the_filter(gap, norm, expected):
    table = of_treated("augmentation", gap=gap, jacobian_norm=norm, train_accuracy=0.9)
    for reading in (EQUAL, UNTIL_FIT):
        assert verdict("augmentation", reading, networks=table) == expected


@pytest.mark.parametrize(
    ("gap", "norm", "expected"),
    [(0.1, 2.0, "holds"), (-0.1, 0.5, "fails"), (0.1, 0.5, "fails"), (0.0, 2.0, "undecided")],
)
def test_relu_vs_saturating(gap, norm, expected):
    table = of_treated("relu-vs-saturating", gap=gap, jacobian_norm=norm)
    for reading in (EQUAL, UNTIL_FIT):
        assert verdict("relu-vs-saturating", reading, networks=table) == expected
    unfit = of_treated("relu-vs-saturating", train_accuracy=0.99)
    assert verdict("relu-vs-saturating", networks=unfit) == "not measured"


@pytest.mark.parametrize(
    ("near", "same", "random", "expected"),
    [
        (0.2, 0.5, 1.0, "holds"),
        (1.5, 0.5, 1.0, "fails"),
        (0.2, 2.0, 1.0, "fails"),
        (0.2, 0.5, 0.2, "fails"),  # a dip wherever one looks is none near the data
        (1.0, 0.5, 1.0, "undecided"),
    ],
)
def test_robust_near_data(near, same, random, expected):
    table = ellipses(near, same, random)
    for reading in ("Jacobian norm", "transitions"):
        assert verdict("robust-near-data", reading, ellipses=table) == expected


def test_a_dip_before_training_is_not_learned():
    table = ellipses(0.2, 0.5)
    untrained = table["state"] == "untrained"
    twin = table[~untrained].assign(state="untrained")
    noise = np.exp(0.05 * np.random.default_rng(1).normal(size=len(twin)))
    born = pd.concat([table[~untrained], twin.assign(norm_near=twin["norm_near"] * noise)])
    reading = "Jacobian norm, against untrained"
    assert verdict("robust-near-data", reading, ellipses=table) == "holds"
    assert verdict("robust-near-data", reading, ellipses=born) != "holds"
    assert verdict("robust-near-data", "Jacobian norm", ellipses=born) == "holds"


@pytest.mark.parametrize(
    ("auc", "rank", "tail", "expected"),
    [
        (0.8, 0.9, 0.8, "holds"),
        (0.8, 0.9, 4.0, "fails"),  # monotone
        (0.3, 0.9, 0.8, "fails"),
        (0.8, -0.5, 0.8, "fails"),
        (None, 0.9, 0.8, "undecided"),
    ],
)
def test_pointwise(auc, rank, tail, expected):
    def effect(keys):
        own = 0.5 + 0.1 * (-1) ** keys["sample"] if auc is None else auc
        return {"error_auc": own, "loss_correlation": rank, "tail_norm": tail}

    table = networks(effect)
    for reading in (EQUAL, UNTIL_FIT):
        assert verdict("pointwise", reading, networks=table) == expected


def test_rank_correlations_of_many_runs_at_once_are_those_of_each():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(0)
    one, other = rng.integers(5, size=(2, 3, 4, 9)).astype(float)
    found = rank_correlation(one, other)
    for run in range(3):
        for sample in range(4):
            expected: Any = spearmanr(one[run, sample], other[run, sample])
            assert found[run, sample] == pytest.approx(expected.statistic)
    assert rank_correlation(np.ones((2, 5)), np.arange(5.0)).tolist() == [0, 0]


def test_resampling_means_samples_not_kinds():
    """Twice the kinds on the same samples, all alike, narrow no interval."""
    table = of_treated("random-labels", jacobian_norm=1.2)
    table["jacobian_norm"] *= np.where(
        table["labels"] == "random", np.exp(0.1 * table["sample"]), 1
    )
    more = pd.concat([table, table.assign(learning_rate=7 * table["learning_rate"])])
    claim = next(c for c in CLAIMS if c.id == "random-labels")

    def width(networks):
        interval = judge_reading(claim.readings[0], {"networks": networks})[0].interval
        return interval.high - interval.low

    assert width(more) == pytest.approx(width(table), rel=1e-6)


def test_each_claim_has_one_primary_reading_and_names_where_it_is_from():
    for claim in CLAIMS:
        assert [reading.leads("d") for reading in claim.readings].count(True) == 1
        assert claim.section
    assert [claim.id for claim in CLAIMS] == [
        "larger-generalize-better", "norm-predicts-gap", "robust-near-data", "random-labels",
        "full-batch", "augmentation", "relu-vs-saturating", "pointwise",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def calibration():
    def effect(keys):
        size = np.log(keys["width"]) + keys["depth"] + 9 * keys["learning_rate"]
        return {"gap": 0.02 * np.sin(9 * size), "jacobian_norm": np.exp(0.1 * np.cos(7 * size))}

    tables = {"networks": networks(effect, noise=0.1), "ellipses": ellipses(noise=0.2)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worlds, "TRIALS", 50)
        yield calibrate(CLAIMS, tables, ["d"], by="dataset", simulations=RUNS, primary_only=True)


def test_every_primary_reading_brings_its_worlds(calibration):
    assert set(calibration["claim"]) == {claim.id for claim in CLAIMS}


def test_judges_seldom_err_in_their_own_worlds(calibration):
    """At 2.5 % or less each, more than 4 of 15 have a probability of 0.00003."""
    not_true = calibration[calibration["truth"] != "true"]
    assert not_true["holds"].max() <= 4 / RUNS
    not_false = calibration[calibration["truth"] != "false"]
    assert not_false["fails"].max() <= 4 / RUNS


def test_judges_see_what_is_clear(calibration):
    true = calibration[calibration["world"] == "clearly true"]
    false = calibration[calibration["world"] == "clearly false"]
    assert true["holds"].mean() > 0.6
    assert false["fails"].mean() > 0.6


def test_a_conjunction_with_one_false_part_does_not_hold(calibration):
    mixed = calibration[calibration["world"].str.endswith("alone false")]
    assert len(mixed)
    assert mixed["holds"].max() <= 1 / RUNS
    assert mixed["fails"].mean() > 0.5
