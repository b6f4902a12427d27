"""Lines and rising curves over pairs against scikit-learn, and how often chance deceives them."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LinearRegression

from lowcap.claims import (
    NotMeasured,
    beyond_line,
    explained,
    linear,
    linear_worlds,
    monotone,
    slope,
)
from lowcap.claims.linear import SHAPES, Scatter

TASKS = [f"{a}-{b}" for a, b in combinations(range(10), 2)]
ENDS = np.array([task.split("-") for task in TASKS], int)
MARGIN = 0.05


def drawn(seed, noise=0.4, curve=lambda x: x):
    """A property of pairs along a curve of another; classes and pairs scatter about it."""
    generator = np.random.default_rng(seed)
    x = generator.gamma(2, size=len(TASKS))
    scatter = generator.normal(size=10)[ENDS].sum(axis=1) + generator.normal(size=len(TASKS))
    return pd.Series(curve(x) + noise * scatter, TASKS), pd.Series(x, TASKS)


def test_fits_are_those_of_scikit_learn():
    one, other = drawn(0)
    x, y = other.round(1).to_numpy(), one.to_numpy()  # with ties
    assert len(np.unique(x)) < len(x)
    curve = IsotonicRegression().fit(x, y)
    assert monotone(x, y[None])[0] == pytest.approx(curve.predict(x))
    line = LinearRegression().fit(x[:, None], y)
    shares = [float(share[0]) for share in explained(x, y[None])]
    assert shares == pytest.approx([line.score(x[:, None], y), curve.score(x, y)])
    assert slope(one, other.round(1)).value == pytest.approx(line.coef_[0])
    assert [float(share[0]) for share in explained(x, np.ones((1, len(x))))] == [0, 0]


def test_what_is_left_of_a_pair_is_that_of_its_classes_and_its_own():
    one, other = drawn(1)
    scatter = Scatter(one, other)
    x, y = other.to_numpy(), one.to_numpy()
    left = y - np.polyval(np.polyfit(x, y, 1), x)
    both = scatter.of_class[ENDS].sum(axis=1) + scatter.of_pair
    assert np.corrcoef(both, left)[0, 1] == pytest.approx(1)
    assert np.mean(both**2) == pytest.approx(scatter.noise)
    own = [scatter.of_pair[(label == ENDS).any(axis=1)].sum() for label in range(10)]
    assert own == pytest.approx(np.zeros(10))  # least squares leaves nothing of a class in them


@pytest.mark.parametrize("shape", SHAPES)
def test_curves_depart_by_the_margin_and_rise(shape):
    one, other = drawn(2)
    scatter = Scatter(one, other)
    curve, x = scatter.curve(SHAPES[shape], MARGIN), other.to_numpy()
    line = np.polyval(np.polyfit(x, curve, 1), x)
    whole = np.var(curve) + scatter.noise
    assert np.var(curve - line) / whole == pytest.approx(MARGIN)
    assert (np.diff(curve[np.argsort(x)]) > -1e-9).all()


def test_without_scatter_the_departure_is_exact():
    _, other = drawn(3)
    assert beyond_line(other, other, MARGIN).interval()[:] == pytest.approx((0, 0, 0), abs=1e-6)
    square = other**2
    (line,), (curve,) = explained(other.to_numpy(), square.to_numpy()[None])
    assert curve == pytest.approx(1)
    assert beyond_line(square, other, MARGIN).value == pytest.approx(1 - line, abs=1e-6)
    assert slope(3 * other, other).interval().low == pytest.approx(3, abs=1e-6)


def test_a_curve_gains_by_chance_what_is_taken_off_again():
    found, raw = [], []
    for seed in range(40):
        one, other = drawn(seed)
        (line,), (curve,) = explained(other.to_numpy(), one.to_numpy()[None])
        raw.append(curve - line)
        found.append(beyond_line(one, other, MARGIN).value)
    assert np.mean(raw) > 0.04
    assert abs(np.mean(found)) < 0.015


def test_verdicts_err_rarely_and_find_thresholds(monkeypatch):
    """The world at the margin is one of ours, with normal scatter; its truth is known."""
    monkeypatch.setattr(linear, "DRAWS", 100)  # enough for 95 % here, and fast
    one, other = drawn(5)
    for name, truth, draw in linear_worlds(one, other, MARGIN):
        generator = np.random.default_rng(0)
        found = [beyond_line(draw(generator), other, MARGIN).interval() for _ in range(40)]
        below = sum(interval.high < MARGIN for interval in found)
        above = sum(interval.low >= MARGIN for interval in found)
        if name.endswith("at the margin"):
            assert below <= 4, name  # of 40, where one is expected
            assert above <= 4, name
        elif name == "a threshold":
            assert truth is False
            assert above > 30
            assert below == 0
        elif name == "a line":
            assert truth
            assert below > 8
            assert above <= 1


def test_pairs_of_one_class_do_not_make_a_slope():
    """One class is unlike the rest in both properties: over pairs it looks like a relation."""
    wrong = {"classes": 0, "pairs": 0}
    for seed in range(60):
        generator = np.random.default_rng(seed)
        one, other = (
            pd.Series(effect[ENDS].sum(axis=1) + 0.1 * generator.normal(size=len(TASKS)), TASKS)
            for effect in generator.normal(size=(2, 10))
        )
        wrong["classes"] += slope(one, other).interval().low > 0
        r = np.corrcoef(one, other)[0, 1]
        wrong["pairs"] += r / np.sqrt((1 - r**2) / 43) > 2.02  # Student's t over pairs
    assert wrong["classes"] <= 5  # of 60, where 1.5 are expected
    assert wrong["pairs"] > 10


def test_pairs_that_are_all_alike_or_too_few_are_not_measured():
    one, other = drawn(0)
    with pytest.raises(NotMeasured, match="alike"):
        slope(one, 0 * other)
    with pytest.raises(NotMeasured, match="alike"):
        beyond_line(one, 0 * other, MARGIN)
    with pytest.raises(NotMeasured, match="far enough"):
        beyond_line(one, other, 0.9)
    with pytest.raises(NotMeasured, match="every pair"):
        slope(one[1:], other[1:])
