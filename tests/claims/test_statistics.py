import numpy as np
import pytest
from scipy import stats

from lowcap.claims import Interval, Verdict
from lowcap.claims.statistics import (
    above,
    below,
    bootstrap_interval,
    false_discovery,
    gain_p_value,
    holm,
    mean_interval,
    rank_correlation,
    spread_ratio_test,
)


def test_mean_interval_is_students():
    values = np.array([0.1, 0.4, 0.2, 0.5])
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    interval = mean_interval(values)
    assert interval.estimate == pytest.approx(0.3)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


def test_equal_and_single_values_are_no_surprise():
    assert mean_interval(np.full(3, 0.5)) == Interval(0.5, 0.5, 0.5)
    assert mean_interval(np.array([0.5])) == Interval(0.5, -np.inf, np.inf)
    assert bootstrap_interval(lambda chosen: 1.0, 5) == Interval(1.0, 1.0, 1.0)
    assert bootstrap_interval(lambda chosen: 1.0, 1) == Interval(1.0, -np.inf, np.inf)


def test_bootstrap_agrees_with_scipys():
    values = np.random.default_rng(3).normal(size=12)
    ours = bootstrap_interval(lambda chosen: float(values[chosen].mean()), 12)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.05)


def test_bootstrap_carries_infinite_statistics():
    values = np.array([4.0, 4.0, np.inf])
    interval = bootstrap_interval(lambda chosen: float(np.median(values[chosen])), 3)
    assert (interval.estimate, interval.low, interval.high) == (4.0, 4.0, np.inf)


def test_gain_p_value():
    gains = np.array([0.1, 0.2, 0.15])
    assert gain_p_value(gains) == pytest.approx(stats.ttest_1samp(gains, 0).pvalue / 2)
    assert gain_p_value(np.zeros(5)) == 1
    assert gain_p_value(np.full(5, -0.1)) == 1
    assert gain_p_value(np.array([0.3])) == 1


def test_false_discovery_by_hand():
    np.testing.assert_allclose(
        false_discovery([0.01, 0.04, 0.03, 0.5]), [0.04, 0.16 / 3, 0.16 / 3, 0.5]
    )


def test_spread_ratio():
    far = spread_ratio_test(np.array([4.0, 5, 6, 5]), np.array([1.0, 1.1, 0.9, 1, 1]))
    assert far.ratio == pytest.approx(5)
    assert far.p_value < 0.05
    same = spread_ratio_test(np.array([1.0, 0.9, 1.1]), np.array([1.0, 1.1, 0.9, 1]))
    assert same.p_value > 0.3


@pytest.mark.parametrize(
    ("low", "high", "is_below", "is_above"),
    [
        (0.1, 0.2, Verdict.HOLDS, Verdict.FAILS),
        (0.4, 0.5, Verdict.FAILS, Verdict.HOLDS),
        (0.2, 0.4, Verdict.UNDECIDED, Verdict.UNDECIDED),
        (-np.inf, np.inf, Verdict.UNDECIDED, Verdict.UNDECIDED),
    ],
)
def test_decisions_use_the_whole_interval(low, high, is_below, is_above):
    interval = Interval((low + high) / 2 if np.isfinite(low) else 0.3, low, high)
    assert below(interval, 0.3) is is_below
    assert above(interval, 0.3) is is_above


def test_holm_by_hand():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.9, 0.8]), [1, 1])


def test_rank_correlation_is_spearmans():
    rng = np.random.default_rng(0)
    one = rng.normal(size=30)
    other = one + rng.normal(size=30)
    interval = rank_correlation(one, other)
    assert interval.estimate == pytest.approx(stats.spearmanr(one, other).statistic)
    assert interval.low < interval.estimate < interval.high
    assert rank_correlation(one, np.exp(one)).estimate == pytest.approx(1)
    assert rank_correlation(one, np.ones(30)).estimate == 0
