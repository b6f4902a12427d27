"""Scores of many networks at once against scikit-learn's, one network at a time."""

import numpy as np
import pytest
from sklearn import metrics as oracle

from lowcap.errors import SettingsError
from lowcap.small.scored import final_score
from lowcap.small.search.metrics import METRICS, USUAL, find_metric, of_label

ROWS, MEMBERS = 60, 5


def drawn(kind: str, seed: int = 0):
    """Logits with ties, labels of which one class is rare, and row weights."""
    rng = np.random.default_rng(seed)
    outputs = 3 if kind == "classes" else 1
    logits = np.round(rng.normal(size=(MEMBERS, ROWS, outputs)), 1) * 2
    if kind == "regression":
        return logits, rng.normal(size=ROWS), rng.uniform(0, 2, ROWS)
    y = rng.choice(max(outputs, 2), ROWS, p=[0.8, 0.2] if outputs == 1 else [0.6, 0.3, 0.1])
    return logits, y, rng.uniform(0, 2, ROWS)


def by_scikit_learn(name: str, kind: str, logits, y, weights) -> float:
    """The score of one network as scikit-learn's functions have it."""
    said = logits[:, 0]
    if kind == "regression":
        function = {
            "r2": oracle.r2_score,
            "neg_root_mean_squared_error": lambda *a, **k: -oracle.root_mean_squared_error(*a, **k),
            "neg_mean_absolute_error": lambda *a, **k: -oracle.mean_absolute_error(*a, **k),
        }[name]
        return function(y, said, sample_weight=weights)
    if kind == "binary":
        chances = np.stack([1 / (1 + np.exp(said)), 1 / (1 + np.exp(-said))], axis=1)
        said = (said >= 0).astype(int)
    else:
        chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        said = logits.argmax(axis=1)
    if name == "neg_log_loss":
        labels = range(chances.shape[1])
        return -oracle.log_loss(y, chances, sample_weight=weights, labels=labels)
    if name == "roc_auc":
        return float(oracle.roc_auc_score(y, chances[:, 1], sample_weight=weights))
    if name.startswith("f1"):
        average = "macro" if name == "f1_macro" else "binary"
        return oracle.f1_score(y, said, average=average, sample_weight=weights)
    return getattr(oracle, f"{name}_score")(y, said, sample_weight=weights)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("name", "kind"), [(m.name, kind) for m in METRICS.values() for kind in m.kinds]
)
def test_every_metric_is_scikit_learns(name, kind, weighted):
    logits, y, weights = drawn(kind)
    given = weights if weighted else None
    found = METRICS[name](logits, y, given)
    expected = [by_scikit_learn(name, kind, one, y, given) for one in logits]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize(("given", "place"), [("no", 0), ("yes", 1), (None, 1)])
def test_f1_may_be_of_either_label(given, place):
    logits, y, weights = drawn("binary")
    metric = of_label(METRICS["f1"], ("no", "yes"), given)
    assert metric.words == f'F1 of "{("no", "yes")[place]}"'
    said = (logits[..., 0] >= 0).astype(int)
    expected = [oracle.f1_score(y, one, pos_label=place, sample_weight=weights) for one in said]
    np.testing.assert_allclose(metric(logits, y, weights), expected, rtol=1e-9)
    # Score and interval are those of the same rows with their labels exchanged.
    turned = logits[0] if place else -logits[0] - 1e-9
    swapped = final_score(METRICS["f1"], turned, (y == place).astype(int))
    np.testing.assert_allclose(final_score(metric, logits[0], y), swapped)


def test_labels_are_named_as_they_are_written():
    f1 = METRICS["f1"]
    assert of_label(f1, (1.0, 2.0), "1").positive == 0
    assert of_label(f1, (False, True), "False").positive == 0
    assert of_label(f1, (0, 1), 0).positive == 0
    assert of_label(METRICS["roc_auc"], ("a", "b")) is METRICS["roc_auc"]


@pytest.mark.parametrize(
    ("name", "classes", "words"),
    [
        ("f1", ("a", "b"), "'c': no such label; the labels are a and b"),
        ("roc_auc", ("a", "b"), "'c': only metric 'f1' has a positive label, not roc_auc"),
        ("f1_macro", ("a", "b", "c"), "'c': the target is 3 labels; of two"),
        ("r2", (), "'c': the target is a number; of two"),
    ],
)
def test_no_label_is_positive_where_none_can_be(name, classes, words):
    with pytest.raises(SettingsError, match=words) as found:
        of_label(METRICS[name], classes, "c")
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(("name", "kind"), [("balanced_accuracy", "classes"), ("f1", "binary")])
def test_a_class_may_be_missing_from_the_rows(name, kind):
    logits, y, _ = drawn(kind)
    y = np.zeros_like(y)
    found = METRICS[name](logits, y)
    said = (logits[..., 0] >= 0) if kind == "binary" else logits.argmax(axis=2)
    expected = np.zeros(MEMBERS) if name == "f1" else (said == 0).mean(axis=1)
    np.testing.assert_allclose(found, expected)


def test_a_constant_target_has_no_r2_but_0_or_1():
    logits = np.array([[[1.0]] * 4, [[2.0]] * 4])
    assert METRICS["r2"](logits, np.ones(4)).tolist() == [1.0, 0.0]


def test_without_both_classes_there_is_no_auc():
    assert np.isnan(METRICS["roc_auc"](np.zeros((1, 3, 1)), np.ones(3))).all()


@pytest.mark.parametrize("kind", list(USUAL))
def test_each_kind_has_a_usual_metric_and_refuses_others(kind):
    assert kind in find_metric(None, kind).kinds
    with pytest.raises(SettingsError, match="takes"):
        find_metric("accuracy" if kind == "regression" else "r2", kind)
