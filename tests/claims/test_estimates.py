import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from lowcap.claims import Above, NotMeasured, Permuted, Share, jackknife, mean_of, spearman
from lowcap.claims.estimates import Resampled, Student

scores = hnp.arrays(float, st.tuples(st.integers(2, 8), st.integers(1, 4)),
                    elements=st.floats(0, 1))  # fmt: skip


@given(scores)
def test_the_jackknife_of_a_mean_is_the_t_interval(values):
    found = jackknife(lambda m: float(m.mean()), values)
    expected = mean_of(values.mean(axis=1))
    assert found.interval() == pytest.approx(expected.interval(), abs=1e-9)


def test_mean_agrees_with_scipy():
    values = np.array([1.0, 2.0, 4.0, 8.0])
    low, high = stats.t.interval(0.9, 3, values.mean(), stats.sem(values))
    assert mean_of(values).interval(0.9)[1:] == pytest.approx((low, high))


def test_seeds_and_images_both_widen_the_interval():
    """Against the closed form for a mean of seed effects plus image effects."""
    rng = np.random.default_rng(0)
    seeds, blocks = rng.normal(0, 1, 12), rng.normal(0, 1, 20)
    by_seed = (seeds + blocks.mean())[:, None]
    without = np.array([seeds.mean() + np.delete(blocks, b).mean() for b in range(20)])[:, None]
    found = jackknife(lambda m: float(m[0]), by_seed, without)
    expected = np.sqrt(seeds.var(ddof=1) / 12 + blocks.var(ddof=1) / 20)
    assert found.error == pytest.approx(expected)
    assert found.replicate_error == pytest.approx(seeds.std(ddof=1) / np.sqrt(12))
    assert 11 < found.df < 30


def test_crossed_seeds_and_images_are_covered():
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(400):
        seeds, blocks = rng.normal(0, 1, (6, 1)), rng.normal(0, 1, (1, 20))
        values = seeds + blocks + rng.normal(0, 1, (6, 20))
        without = [np.delete(values, b, axis=1).mean() for b in range(20)]
        found = jackknife(
            lambda m: float(m[0]), values.mean(axis=1)[:, None], np.array(without)[:, None]
        ).interval()
        covered += found.low < 0 < found.high
    assert 0.92 <= covered / 400 <= 0.995


def test_one_seed_gives_no_interval():
    with pytest.raises(NotMeasured, match="two seeds"):
        mean_of(np.array([1.0]))
    with pytest.raises(NotMeasured, match="two seeds"):
        jackknife(lambda m: 0.0, np.ones((1, 2)))


@given(st.integers(0, 50), st.integers(1, 50), st.sampled_from([0.5, 0.9, 0.99]))
def test_wilson_stays_inside_and_nests(successes, more, confidence):
    share = Share(successes, successes + more)
    low, high = share.interval(confidence)[1:]
    assert 0 <= low <= share.value <= high <= 1
    wider = share.interval(0.999)
    assert wider.low <= low
    assert high <= wider.high


@given(hnp.arrays(float, st.integers(5, 40), elements=st.integers(-5, 5)), st.integers(-6, 6))
def test_a_permutation_interval_excludes_0_exactly_when_the_test_rejects(null, value):
    low, high = Permuted(value, null).interval(0.95)[1:]
    assert (low > 0) == (np.mean(null >= value) <= 0.025)
    assert (high < 0) == (np.mean(null <= value) <= 0.025)


def test_spearman_agrees_with_scipy_and_says_0_without_variation():
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 5, 20).astype(float), rng.normal(size=20)
    assert spearman(one, other) == pytest.approx(stats.spearmanr(one, other).statistic)
    assert spearman(np.ones(4), np.arange(4.0)) == 0


def test_an_interval_ends_where_the_truth_must():
    free, within = Student(-0.66, 0.2, 3), Student(-0.66, 0.2, 3, limits=(-1.0, 1.0))
    assert free.interval().low < -1
    assert within.interval() == (-0.66, -1.0, free.interval().high)


def test_transformed_limits():
    ratio = Student(0.0, 1.0, 1e9).transformed(np.exp)
    assert ratio.value == 1
    assert ratio.interval()[1:] == pytest.approx((np.exp(-1.96), np.exp(1.96)), rel=1e-3)


def test_a_percentile_interval_of_sizes_holds_sizes_only():
    found = Resampled(8, np.array([2.0, 8.0, 8.0, 64.0] * 10)).interval()
    assert {found.low, found.high} <= {2, 8, 64}


@pytest.mark.parametrize(("successes", "trials"), [(0, 9), (3, 10), (30, 30)])
def test_exact_shares_are_scipys(successes, trials):
    expected = stats.binomtest(successes, trials).proportion_ci(0.99, "exact")
    found = Share(successes, trials, "exact").interval(0.99)
    assert found == pytest.approx((successes / trials, expected.low, expected.high))


def test_a_value_at_the_edge_of_chance_is_no_evidence_against():
    """Reached by chance in one of five orders: neither above nor at or below 0 for certain."""
    null = np.array([-0.7, -0.35, 0.0, 0.35, 0.7])
    assert Above(0).decide(Permuted(-0.7, null, (-1, 1))).verdict == "undecided"
    assert Above(0).decide(Permuted(0.0, np.zeros(5), (-1, 1))).verdict == "fails"
