"""The judge alone, on tables of scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lowcap.small.search.answer import Answer, decide, judged
from lowcap.small.search.intervals import corrected_mean, score_interval, wilson
from lowcap.small.search.metrics import METRICS
from lowcap.small.search.wording import claim_of, left_open, number

ACCURACY = METRICS["balanced_accuracy"]
FOLDS, RATIO, ROWS = 20, 0.25, 400


@st.composite
def tables(draw):
    """Scores of some sizes in some folds, from hopeless to good, from noisy to exact."""
    count, folds = draw(st.integers(2, 7)), draw(st.integers(2, 25))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    means = np.sort(rng.uniform(0.5, 0.95, count)) if draw(st.booleans()) else np.full(count, 0.8)
    spread = draw(st.sampled_from([0.0, 0.002, 0.02, 0.1]))
    scores = means[:, None] + spread * rng.normal(size=(count, folds))
    return scores, tuple(range(0, 2 * count, 2))


def decided(table, tolerance=0.02, at_least=None, constant=0.5):
    scores, sizes = table
    constants = np.full(scores.shape[1], constant)
    return decide(scores, constants, sizes, RATIO, ACCURACY, tolerance, at_least, ROWS)


def test_the_variance_is_that_of_nadeau_and_bengio():
    values = np.array([0.1, 0.3, 0.2, 0.6])
    found = corrected_mean(values, 0.25).interval(0.95)
    error = np.sqrt((1 / 4 + 0.25) * values.var(ddof=1))
    low, high = stats.t.interval(0.95, 3, values.mean(), error)
    np.testing.assert_allclose(found, (values.mean(), low, high))


@given(tables(), st.sampled_from([0.0, 0.01, 0.05]), st.sampled_from([None, 0.7, 0.9]))
def test_an_answer_is_consistent(table, tolerance, at_least):
    scores, sizes = table
    found = decided(table, tolerance, at_least)
    assert found.verdict in {"holds", "undecided", "not reached"}
    assert (found.hidden is None) == (found.verdict != "holds") == bool(found.reason)
    shown = sizes[-1] if found.hidden is None else found.hidden
    assert found.score == pytest.approx(scores[sizes.index(shown)].mean())
    assert 0 <= found.low <= found.score <= found.high or found.score > 1
    assert all(size < shown for size in found.not_excluded)
    assert found.at_least is not None or found.hidden != sizes[-1]
    assert found.sentence.endswith(".")


@given(tables(), st.sampled_from([None, 0.7, 0.9]))
def test_the_sequence_stops_at_the_first_failure(table, at_least):
    scores, sizes = table
    found = judged(scores, sizes, RATIO, 0.02, at_least, ACCURACY, ROWS)
    assert found.passed == tuple(reversed(sizes))[: len(found.passed)]
    assert not set(found.passed) & set(found.excluded)
    if len(found.passed) < len(sizes):
        first = scores[sizes.index(sizes[len(sizes) - len(found.passed) - 1])]
        if at_least is None:
            assert corrected_mean(first - scores[-1], RATIO).interval(0.9).low < -0.02
        else:
            assert score_interval(first, RATIO, ACCURACY, ROWS, 0.9).low < at_least


@given(tables())
def test_more_tolerance_never_needs_more_units(table):
    scores, sizes = table
    before = None
    for tolerance in (0.0, 0.01, 0.03, 0.1, 100.0):
        found = judged(scores, sizes, RATIO, tolerance, None, ACCURACY, ROWS)
        if before is not None:
            assert set(before.passed) <= set(found.passed)
            assert set(found.excluded) <= set(before.excluded)
        before = found
    assert before is not None
    assert before.passed == tuple(reversed(sizes))


@given(tables(), st.floats(0.001, 0.4))
def test_a_level_above_all_scores_is_never_shown_to_be_reached(table, beyond):
    scores, sizes = table
    level = scores.mean(axis=1).max() + beyond
    found = decided((scores, sizes), at_least=float(level))
    assert found.verdict != "holds"


def test_a_later_pass_does_not_count_after_a_failure():
    rng = np.random.default_rng(0)
    noise = 0.001 * rng.normal(size=(4, FOLDS))
    scores = np.array([0.9, 0.9, 0.8, 0.9])[:, None] + noise
    found = decided((scores, (0, 2, 4, 8)))
    assert found.verdict == "undecided"
    assert found.not_excluded == (0, 2)


def test_scores_that_still_rise_ask_for_larger_sizes():
    scores = np.array([0.6, 0.7, 0.8])[:, None] + 0.001 * np.random.default_rng(0).normal(
        size=(3, FOLDS)
    )
    found = decided((scores, (1, 2, 4)))
    assert (found.verdict, found.not_excluded) == ("undecided", ())
    assert "larger" in found.reason


def test_a_tolerance_that_a_constant_would_pass_is_refused():
    scores = np.full((2, FOLDS), 0.55)
    assert decided((scores, (1, 8)), tolerance=0.1).verdict == "undecided"
    assert decided((scores, (1, 8)), tolerance=0.01).verdict == "holds"


@pytest.mark.parametrize(
    ("gain", "at_least", "verdict", "useful"),
    [
        ((-0.02, 0.01), None, "not reached", False),
        ((-0.10, 0.12), None, "undecided", False),
        ((0.10, 0.12), None, "holds", True),
        ((-0.10, 0.12), 0.4, "undecided", False),
        ((-0.10, -0.08), 0.3, "not reached", False),
        ((-0.10, 0.12), 0.9, "not reached", False),
    ],
)
def test_few_rows_that_show_nothing_are_no_failure(gain, at_least, verdict, useful):
    scores = 0.5 + np.tile(np.resize(gain, FOLDS), (2, 1))
    found = decided((scores, (1, 8)), tolerance=0.05, at_least=at_least)
    assert (found.verdict, found.useful) == (verdict, useful)
    assert found.hidden == (1 if verdict == "holds" else None)


def test_a_constant_network_is_good_at_nothing():
    found = decided((np.full((3, FOLDS), 0.5), (0, 2, 4)))
    assert (found.verdict, found.hidden, found.not_excluded) == ("not reached", None, ())


def test_sentences():
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(4, FOLDS)) * np.array([0.001, 0.06, 0.003, 0.003])[:, None]
    scores = np.array([0.8, 0.95, 0.962, 0.966])[:, None] + noise - noise.mean(axis=1)[:, None]
    found = decided((scores, (2, 3, 4, 64)))
    assert found.sentence.startswith("4 hidden units suffice: balanced accuracy .962 [")
    assert found.sentence.endswith(
        "against .966 for 64 hidden units. These rows are too few to tell whether a smaller "
        "network, of 3 hidden units, would do too."
    )
    level = decided((scores, (0, 1, 2, 3)), at_least=0.9)
    assert level.sentence.startswith("2 hidden units suffice: ")
    assert (
        ", at least .900. These rows are too few to tell whether a smaller network, of 1 hidden"
        in (level.sentence)
    )
    straight = decided((scores[2:], (0, 64)))
    assert straight.sentence.startswith("A linear model suffices: ")
    assert [number(v) for v in (0.9624, 1.0, -0.5, 123.456)] == [".962", "1.000", "-.500", "123.5"]


@pytest.mark.parametrize(
    ("hidden", "sizes", "words"),
    [
        (4, (), ""),
        (4, (1,), "whether a smaller network, of 1 hidden unit, would do too."),
        (4, (0,), "whether a linear model would do too."),
        (
            4,
            (1, 0, 2),
            "whether smaller networks, of 0 (a linear model), 1 or 2 hidden units, would do too.",
        ),
        (
            0,
            (2,),
            "whether a smaller network, of 2 hidden units, would do too with fewer weights than a "
            "linear model has.",
        ),
        (
            None,
            (0, 2),
            "As far as these rows tell, smaller sizes may do too: 0 (a linear model) and 2.",
        ),
    ],
)
def test_what_is_left_open_is_said_in_a_sentence(hidden, sizes, words):
    verdict = "undecided" if hidden is None else "holds"
    scores = (0.9, 0.89, 0.91, 64, 0.9, 0.5)
    told = Answer(verdict, hidden, *scores, sizes, 0.02, None, "accuracy", "accuracy", "no")
    start = "These rows are too few to tell " if hidden is not None and sizes else ""
    assert left_open(told) == start + words
    assert told.sentence == f"{claim_of(told)} {left_open(told)}".strip()


def simulated(rng, gaps, spread=0.03, folds=FOLDS):
    """Scores whose folds share what Nadeau and Bengio say they share, sizes correlated too."""
    shared = RATIO / (1 + RATIO)
    common, own = rng.normal(size=(len(gaps), 1)), rng.normal(size=(len(gaps), folds))
    both = np.sqrt(shared) * common + np.sqrt(1 - shared) * own
    alike = np.sqrt(shared) * rng.normal() + np.sqrt(1 - shared) * rng.normal(size=folds)
    return 0.9 + np.array(gaps)[:, None] + spread * (0.8 * alike + 0.6 * both)


def test_a_size_that_is_too_small_seldom_holds():
    rng, false = np.random.default_rng(0), 0
    for _ in range(1000):
        scores = simulated(rng, (-0.0301, -0.0301, -0.0301, 0.0))
        false += decided((scores, (1, 2, 4, 8)), tolerance=0.03).verdict == "holds"
    assert false / 1000 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 1000)
    assert false > 0  # a judge that never says "holds" would pass


def test_noise_seldom_holds():
    rng, false = np.random.default_rng(0), 0
    for _ in range(1000):
        scores = simulated(rng, (0.0, 0.0, 0.0, 0.0), spread=0.05)
        false += decided((scores, (1, 2, 4, 8)), constant=0.9).verdict == "holds"
    assert false / 1000 <= 0.05


def test_the_set_covers_the_smallest_good_size():
    rng, covered, held = np.random.default_rng(0), 0, 0
    gaps, sizes, smallest = (-0.2, -0.06, -0.025, -0.005, 0.0, 0.0), (0, 1, 2, 4, 8, 16), 2
    for _ in range(1000):
        found = decided((simulated(rng, gaps), sizes), tolerance=0.03)
        covered += smallest in (*found.not_excluded, found.hidden)
        held += found.verdict == "holds"
    assert covered / 1000 >= 0.93
    assert held / 1000 > 0.3  # and it does not say "undecided" all the time


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_equal_folds_at_an_end_are_not_certain(score):
    found = score_interval(np.full(10, score), RATIO, ACCURACY, 60)
    assert found == pytest.approx((score, *wilson(score, 60, stats.t.ppf(0.975, 9))))
    low, high = score_interval(np.full(10, 0.5), RATIO, ACCURACY, 60)[1:]
    assert (low, high) == pytest.approx(wilson(0.5, 60, stats.t.ppf(0.975, 9)))


def test_the_interval_of_a_score_in_the_middle_is_as_long_as_students():
    values = 0.5 + 0.02 * np.random.default_rng(0).normal(size=400)
    student = corrected_mean(values, RATIO).interval(0.95)
    np.testing.assert_allclose(score_interval(values, RATIO, ACCURACY, 100_000), student, atol=1e-4)
    r2 = METRICS["r2"]
    assert score_interval(values, RATIO, r2, 60) == pytest.approx(student)


@pytest.mark.parametrize("share", [0.7, 0.9, 0.97])
def test_a_score_is_seldom_said_to_be_above_what_it_is(share):
    """Independent mistakes among 50 rows in 20 folds: bounds of 5 % each err no more than that."""
    generator, worlds = np.random.default_rng(0), 1500
    errors = {"wilson": 0, "student": 0}
    for _ in range(worlds):
        right = generator.random(50) < share
        orders = [generator.permutation(50) for _ in range(4)]
        values = np.concatenate([right[order].reshape(5, 10).mean(axis=1) for order in orders])
        errors["wilson"] += score_interval(values, 0.25, ACCURACY, 50, 0.9).low > share
        errors["student"] += corrected_mean(values, 0.25).interval(0.9).low > share
    assert errors["wilson"] <= (0.05 + 3 * np.sqrt(0.05 * 0.95 / worlds)) * worlds
    if share == 0.97:  # where few make mistakes, hardly any fold varies
        assert errors["student"] > 0.1 * worlds


def test_an_answer_shows_its_sentence():
    found = decided((np.array([[0.9] * 9 + [0.91]] * 2), (0, 4)))
    assert str(found) == found.sentence
    assert found.sentence in found._repr_html_()
