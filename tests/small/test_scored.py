"""Intervals of scores on test rows: simulated rows whose truth is known, and few rows all right."""

import numpy as np
import pandas as pd
import pytest

from lowcap.claims import wilson
from lowcap.small.scored import area_limits, final_score
from lowcap.small.search import intervals
from lowcap.small.search.metrics import METRICS

SHARES = ["accuracy", "balanced_accuracy", "f1", "f1_macro", "roc_auc"]


def rows(classes, sharpness, count, generator):
    """Labels, and what a network says of them: the right class's logit is higher on average."""
    y = generator.integers(0, classes, count)
    y[:classes] = np.arange(classes)  # every class is there
    logits = generator.normal(size=(count, classes))
    logits[np.arange(count), y] += sharpness
    return y.astype(float), logits if classes > 2 else logits[:, 1:] - logits[:, :1]


@pytest.mark.parametrize(
    ("name", "classes", "sharpness"),
    [(name, 2, sharpness) for name in SHARES for sharpness in (0.5, 2.5)]
    + [(name, 10, 3.5) for name in SHARES if "classes" in METRICS[name].kinds],
)
def test_intervals_hold_the_truth_as_often_as_they_say(name, classes, sharpness):
    generator, metric = np.random.default_rng(0), METRICS[name]
    y, logits = rows(classes, sharpness, 200_000, generator)
    truth = float(metric(logits[None], y)[0])
    hits = 0
    for _ in range(200):
        y, logits = rows(classes, sharpness, 80, generator)
        found = final_score(metric, logits, y)
        assert found.low <= found.score <= found.high
        hits += found.low <= truth <= found.high
    assert hits >= 182  # 95 % of 200 are fewer once in 100 cases


@pytest.mark.parametrize("name", SHARES)
def test_a_perfect_score_on_few_rows_has_an_interval(name):
    y = np.array([0.0, 1.0] * 10)
    found = final_score(METRICS[name], (2 * y - 1)[:, None], y)
    assert (found.score, found.rows) == (1.0, 20)
    assert found.high == pytest.approx(1)
    assert 0.65 < found.low < 0.96


def test_a_class_that_is_never_said_leaves_f1_open():
    y = np.array([0.0, 1.0] * 10)
    found = final_score(METRICS["f1"], -np.ones((20, 1)), y)
    assert (found.score, found.low) == (0, pytest.approx(0))
    assert 0.1 < found.high < 0.5


@pytest.mark.parametrize(("ones", "zeros"), [(5, 5), (20, 100), (300, 40)])
def test_an_area_lies_as_many_errors_from_its_limits_as_it_should(ones, zeros):
    """At a limit, the error of Hanley and McNeil is a 1.96th of the distance."""
    low, high = area_limits(0.8, ones, zeros)
    more = (ones + zeros) / 2 - 1
    for limit in (low, high):
        spread = 1 + more * ((1 - limit) / (2 - limit) + limit / (1 + limit))
        error = np.sqrt(limit * (1 - limit) * spread / (ones * zeros))
        assert abs(0.8 - limit) == pytest.approx(1.959964 * error, rel=1e-5)
    assert area_limits(1.0, ones, zeros)[1] == 1
    assert area_limits(0.0, ones, zeros)[0] == 0
    assert area_limits(0.8, ones, 0) == (0, 1)


@pytest.mark.parametrize(("right", "count"), [(0, 7), (3, 20), (20, 20), (811, 900)])
def test_wilsons_limits_of_whole_rows_are_scipys(right, count):
    assert intervals.wilson(right / count, count) == pytest.approx(wilson(right / count, count))


def test_equal_classes_vary_as_one_share():
    """Of two classes of 40 rows with four mistakes each: about what Wilson says of 80 rows."""
    y = np.arange(80) % 2
    said = np.where(np.arange(80) < 8, 1 - y, y)
    found = final_score(METRICS["balanced_accuracy"], (2.0 * said - 1)[:, None], y.astype(float))
    assert (found.low, found.high) == pytest.approx(wilson(0.9, 80), abs=0.01)


def test_groups_widen_the_interval():
    generator = np.random.default_rng(0)
    y = (generator.random(100) < 0.5).astype(float)
    groups = pd.Series(np.arange(100) // 10)
    right = np.isin(groups, [0, 3, 4, 5, 8])
    logits = np.where(right, 2 * y - 1, 1 - 2 * y)[:, None]
    plain, grouped = (final_score(METRICS["accuracy"], logits, y, g) for g in (None, groups))
    assert plain.score == grouped.score == right.mean()
    assert grouped.high - grouped.low > 2 * (plain.high - plain.low)
    perfect = final_score(METRICS["accuracy"], (2 * y - 1)[:, None], y, groups)
    assert (perfect.low, perfect.high) == pytest.approx(wilson(1.0, 10))
