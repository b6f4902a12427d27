"""Each claim on tables made by hand for which the right verdict is known."""

import numpy as np
import pandas as pd
import pytest

from lowcap.claims import evaluate
from lowcap.studies.sensitivity.claims import CLAIMS, EQUAL, UNTIL_FIT
from lowcap.studies.sensitivity.pairs import FACTORS, KEYS, paired

WIDTHS, SEEDS = (16, 32, 64, 128, 256), (0, 1)


def rows(gap=lambda width: 0.2, norm=lambda width: 1.0, crossed=100.0, **changes):
    """One row a network; small differences between widths and seeds keep spreads above 0."""
    table = []
    for width in WIDTHS:
        for depth in (1, 3):
            for seed in SEEDS:
                jitter = 1e-3 * ((7 * width + 3 * depth + seed) % 5)
                table.append(
                    {
                        "dataset": "d", "width": width, "depth": depth, "activation": "relu",
                        "optimizer": "adam", "batch": "100", "labels": "true", "shift": 0,
                        "stop": True, "learning_rate": 0.1, "seed": seed,
                        "parameters": 100 * width * depth, "epochs": 5,
                        "gap": gap(width) + jitter, "jacobian_norm": norm(width) * (1 + jitter),
                        "transitions": crossed * (1 + jitter / 10),
                    }
                    | changes
                )  # fmt: skip
    return pd.DataFrame(table)


def verdict(claim, variant="", **tables):
    found = evaluate([c for c in CLAIMS if c.id == claim], tables, ["d"], by="dataset")
    row = found[found["reading"] == variant].iloc[0]
    assert row["finding"].endswith(".")
    assert np.isnan(row["effect"]) or row["low"] <= row["effect"] <= row["high"]
    return row["verdict"]


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (lambda w: 0.4 - 0.05 * np.log2(w), "holds"),
        (lambda w: 0.05 * np.log2(w), "fails"),
        (lambda w: 0.2 + 0.1 * (w in (32, 128)), "undecided"),
    ],
)
def test_larger_generalize_better(gap, expected):
    assert verdict("larger-generalize-better", networks=rows(gap=gap)) == expected


def test_networks_that_never_fit_do_not_count():
    table = rows(gap=lambda w: 0.4 - 0.05 * np.log2(w))
    never = rows(gap=lambda w: 0.5 * np.log2(w), optimizer="sgd", epochs=-1)
    networks = pd.concat([table, never])
    assert verdict("larger-generalize-better", networks=networks) == "holds"
    assert verdict("larger-generalize-better", networks=never) == "not measured"


def test_norm_predicts_gap():
    def rise(width):
        return 0.05 * np.log2(width)

    assert verdict("norm-predicts-gap", networks=rows(gap=rise, norm=rise)) == "holds"
    opposed = rows(gap=rise, norm=lambda w: 1 / rise(w))
    assert verdict("norm-predicts-gap", networks=opposed) == "fails"


def with_factor(name, **treated):
    factor = FACTORS[name]
    change = {factor.column: factor.treated, "stop": factor.stops[0]}
    twin = {"stop": factor.stops[1]}
    return pd.concat([rows(**twin), rows(**treated, **change)])


@pytest.mark.parametrize(("times", "expected"), [(3.0, "holds"), (0.5, "fails")])
def test_random_labels(times, expected):
    networks = with_factor("random-labels", norm=lambda w: times)
    assert verdict("random-labels", networks=networks) == expected


@pytest.mark.parametrize(
    ("gap", "norm", "crossed", "expected"),
    [
        (0.3, 2.0, 90.0, "holds"),
        (0.3, 2.0, 200.0, "fails"),
        (0.1, 2.0, 90.0, "fails"),
        (0.3, 0.5, 90.0, "fails"),
    ],
)
def test_full_batch(gap, norm, crossed, expected):
    networks = with_factor("full-batch", gap=lambda w: gap, norm=lambda w: norm, crossed=crossed)
    assert verdict("full-batch", networks=networks) == expected


@pytest.mark.parametrize(("gap", "norm", "expected"), [(0.1, 0.5, "holds"), (0.1, 2.0, "fails")])
def test_augmentation_is_exempt_and_compared_at_equal_length(gap, norm, expected):
    networks = with_factor("augmentation", gap=lambda w: gap, norm=lambda w: norm, epochs=-1)
    assert verdict("augmentation", EQUAL, networks=networks) == expected
    assert verdict("augmentation", UNTIL_FIT, networks=networks) == "not measured"
    both = pd.concat([networks, rows(stop=True)])
    assert verdict("augmentation", UNTIL_FIT, networks=both) == expected


@pytest.mark.parametrize(("gap", "norm", "expected"), [(0.3, 2.0, "holds"), (0.1, 0.5, "fails")])
def test_relu_vs_saturating(gap, norm, expected):
    networks = with_factor("relu-vs-saturating", gap=lambda w: gap, norm=lambda w: norm)
    assert verdict("relu-vs-saturating", EQUAL, networks=networks) == expected
    assert verdict("relu-vs-saturating", UNTIL_FIT, networks=networks) == "not measured"
    stopped = networks.assign(stop=True)
    assert verdict("relu-vs-saturating", UNTIL_FIT, networks=stopped) == expected


def test_pairs_differ_in_one_factor_alone():
    base = rows()
    stranger = rows(labels="random", optimizer="sgd", norm=lambda w: 9.0)
    assert verdict("random-labels", networks=pd.concat([base, stranger])) == "not measured"
    twin = rows(labels="random", norm=lambda w: 3.0)
    pairs = paired(pd.concat([base, stranger, twin]), FACTORS["random-labels"])
    assert len(pairs) == len(WIDTHS) * 2
    np.testing.assert_allclose(pairs["jacobian_norm_treated"], 3, rtol=0.01)


def ellipses(near, same, random=1.0):
    table = []
    levels = {"random": (random, 5), "different classes": (near, 1), "same class": (near, same)}
    for kind, (ratio, level) in levels.items():
        for seed in range(5):
            jitter = 1 + 0.01 * ((seed * 3) % 5)
            values = {"norm": level * jitter, "norm_near": ratio * jitter, "norm_far": 1.0,
                      "transitions": level * jitter, "transitions_near": ratio * jitter,
                      "transitions_far": 1.0}  # fmt: skip
            keys = dict.fromkeys(KEYS, 0) | {"dataset": "d", "depth": 3, "seed": seed}
            table.append(keys | {"ellipse": kind, "replicate": 0} | values)
    return pd.DataFrame(table)


@pytest.mark.parametrize(
    ("near", "same", "random", "expected"),
    [(0.2, 0.5, 1.0, "holds"), (1.5, 0.5, 1.0, "fails"), (0.2, 2.0, 1.0, "fails"),
     (0.2, 0.5, 0.1, "undecided")],
)  # fmt: skip
def test_robust_near_data(near, same, random, expected):
    table = ellipses(near, same, random)
    curves = table[list(KEYS)].drop_duplicates()
    for variant in ("Jacobian norm", "transitions"):
        assert verdict("robust-near-data", variant, ellipses=table, curves=curves) == expected


def points(wrong, tail):
    """Three kinds of network; norms peak at middling loss and are `tail` beyond."""
    rng = np.random.default_rng(0)
    parts = []
    for width in (16, 32, 64):
        loss = np.concatenate([np.full(60, 0.01), np.full(20, 0.7), np.full(20, 6.0)])
        norm = np.concatenate([np.full(60, 0.1), np.full(20, wrong), np.full(20, tail)])
        keys = dict.fromkeys(KEYS, 0) | {"dataset": "d", "width": width}
        parts.append(
            pd.DataFrame(
                keys | {"loss": loss, "norm": norm * rng.uniform(0.9, 1.1, 100),
                        "correct": loss < 0.69}
            )
        )  # fmt: skip
    return pd.concat(parts)


@pytest.mark.parametrize(
    ("wrong", "tail", "expected"), [(1.0, 0.4, "holds"), (1.0, 2.0, "fails"), (0.01, 0.02, "fails")]
)
def test_pointwise(wrong, tail, expected):
    assert verdict("pointwise", points=points(wrong, tail)) == expected


def test_the_eight_claims_of_the_paper():
    assert [claim.id for claim in CLAIMS] == [
        "larger-generalize-better", "norm-predicts-gap", "robust-near-data", "random-labels",
        "full-batch", "augmentation", "relu-vs-saturating", "pointwise",
    ]  # fmt: skip
