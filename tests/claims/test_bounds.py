import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcap.claims import (
    Above,
    AllOf,
    Below,
    Every,
    Exact,
    Resampled,
    Some,
    Student,
    Verdict,
    Within,
    equivalent,
    ordered,
)
from lowcap.claims.estimates import Interval

HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED
numbers = st.floats(-10, 10)
errors = st.floats(0.001, 5)


def around(value, half=1.0):
    """An estimate whose 95 % interval is value plus and minus half."""
    return Student(value, half / 1.959963984540054, 1e9)


@pytest.mark.parametrize(
    ("bound", "value", "verdict"),
    [
        (Above(0), 1.1, HOLDS), (Above(0), 0.9, UNDECIDED), (Above(0), -0.9, UNDECIDED),
        (Above(0), -1.1, FAILS), (Below(0), -1.1, HOLDS), (Below(0), 0.9, UNDECIDED),
        (Below(0), 1.1, FAILS), (Within(-2, 2), 0.9, HOLDS), (Within(-2, 2), 1.1, UNDECIDED),
        (Within(-2, 2), 3.1, FAILS), (Within(-2, 2), -3.1, FAILS), (equivalent(0.5), 0, UNDECIDED),
    ],
)  # fmt: skip
def test_three_values_from_the_whole_interval(bound, value, verdict):
    assert bound.decide(around(value)).verdict == verdict


@given(numbers, errors, numbers)
def test_above_and_below_mirror_each_other(value, error, limit):
    one = Above(limit).decide(Student(value, error, 9)).verdict
    other = Below(-limit).decide(Student(-value, error, 9)).verdict
    assert one == other


@given(st.lists(st.tuples(numbers, errors), min_size=1, max_size=5), numbers)
def test_every_and_some_are_dual(parts, limit):
    estimates = {str(i): Student(v, e, 9) for i, (v, e) in enumerate(parts)}
    swap = {HOLDS: FAILS, FAILS: HOLDS, UNDECIDED: UNDECIDED}
    every = Every(Above(limit)).decide(estimates).verdict
    assert Some(Below(limit)).decide(estimates).verdict == swap[every]


@given(st.lists(st.tuples(numbers, errors), min_size=1, max_size=5), numbers)
def test_the_interval_shown_is_one_that_decided(parts, limit):
    estimates = {str(i): Student(v, e, 9) for i, (v, e) in enumerate(parts)}
    decision = Every(Above(limit)).decide(estimates)
    assert decision.interval.estimate == estimates[decision.part].value
    if decision.verdict == FAILS:
        assert decision.interval.high < limit
    elif decision.verdict == HOLDS:
        assert decision.interval.low > limit
    else:
        assert decision.interval.low <= limit


@given(st.lists(st.tuples(numbers, errors), min_size=1, max_size=5), numbers)
def test_the_part_shown_stands_in_the_way_most(parts, limit):
    estimates = {str(i): Student(v, e, 9) for i, (v, e) in enumerate(parts)}
    bound = Above(limit)
    every, some = Every(bound).decide(estimates), Some(Below(limit)).decide(estimates)
    rooms = {name: bound.room(one.interval(0.95)) for name, one in estimates.items()}
    if every.verdict == HOLDS:
        assert rooms[every.part] == min(rooms.values())
    elif every.verdict == UNDECIDED:
        assert rooms[every.part] == min(rooms.values())
        lengths = Below(limit).room(estimates[some.part].interval(0.95))
        assert lengths == pytest.approx(-rooms[every.part] - 1)


def test_parts_in_units_of_their_own_are_compared_by_the_lengths_of_their_intervals():
    bound = AllOf({"metres": Above(0), "millimetres": Above(0)})
    barely, clearly_not = Student(-0.001, 0.001, 9), Student(-500.0, 1000.0, 9)
    decision = bound.decide({"metres": barely, "millimetres": clearly_not})
    assert decision.part == "metres"  # one length of its interval is 2 thousandths
    assert Within(0, 1).room(Interval(0.5, 0.25, 0.75)) == 0.5
    assert Above(1).room(Interval(1, 1, 1)) == Below(1).room(Interval(1, 1, 1)) == 0
    assert Above(1).room(Interval(2, 2, 2)) == -Below(1).room(Interval(2, 2, 2)) == np.inf
    assert Above(1).room(Interval(2, np.nan, 2)) == -np.inf


def test_one_clear_failure_fails_a_conjunction_and_one_doubt_leaves_it_open():
    bound = AllOf({"a": Above(0), "b": Below(1)})
    assert bound.decide({"a": around(5), "b": around(9)}).verdict == FAILS
    assert bound.decide({"a": around(5), "b": around(9)}).part == "b"
    assert bound.decide({"a": around(5), "b": around(1)}).verdict == UNDECIDED
    assert bound.decide({"a": around(5), "b": around(-5)}).verdict == HOLDS


def test_order_is_judged_by_differences_of_neighbours():
    bound = ordered(("64", "48", "24"))
    names = ["64 − 48", "48 − 24"]
    assert str(bound) == "64 − 48 above 0 and 48 − 24 above 0"
    assert bound.decide(dict.fromkeys(names, around(2))).verdict == HOLDS
    assert bound.decide({names[0]: around(2), names[1]: around(-4)}).verdict == FAILS


@given(numbers, errors, st.floats(0.001, 0.5), st.floats(0.001, 0.5))
def test_a_stricter_level_decides_no_more(value, error, one, other):
    strict, lax = sorted((one, other))
    estimate = Student(value, error, 5)
    for bound in (Above(0.3), Below(0.3), Within(-1, 1)):
        verdict = bound.decide(estimate, strict).verdict
        assert verdict in (UNDECIDED, bound.decide(estimate, lax).verdict)


@given(st.integers(2, 6))
def test_conjunctions_err_at_their_bound_no_more_than_a_single_claim(parts):
    rng = np.random.default_rng(parts)
    bound, verdicts = Every(Above(0)), []
    for _ in range(400):
        values = rng.standard_normal(parts)
        estimates = {str(i): Student(v, 1.0, 1e9) for i, v in enumerate(values)}
        verdicts.append(bound.decide(estimates).verdict)
    assert verdicts.count(HOLDS) <= 0.025 * 400 + 12
    assert verdicts.count(FAILS) <= 0.025 * 400 + 12


def test_bounds_print_themselves():
    assert str(Above(0.9, ours=True)) == "above 0.9 (our threshold)"
    assert str(Below(0.01, percent=True)) == "below 1 %"
    assert str(Within(8, 10)) == "from 8 to 10"
    assert str(Within(0, 0)) == "equal to 0"
    assert str(Every(Above(0))) == "every one above 0"
    assert str(Some(Above(-0.5))) == "at least one above −0.5"


def test_what_is_exact_is_decided_at_any_level():
    assert Within(0, 0).decide(Exact(0)).verdict == HOLDS
    assert Within(0, 0).decide(Exact(1)).verdict == FAILS


@pytest.mark.parametrize(
    ("bound", "at", "verdict", "text"),
    [
        (Above(0.5), 0.5, FAILS, "above 0.5"),
        (Below(0.5), 0.5, FAILS, "below 0.5"),
        (Within(0.5, 0.75), 0.5, HOLDS, "from 0.5 to 0.75"),
        (Within(0.25, 0.5), 0.5, HOLDS, "from 0.25 to 0.5"),
        (Within(0.5, 0.5), 0.5, HOLDS, "equal to 0.5"),
    ],
)
def test_what_is_known_to_be_at_a_limit_is_decided(bound, at, verdict, text):
    assert bound.decide(Exact(at)).verdict == verdict
    assert str(bound) == text


@pytest.mark.parametrize(("low", "high"), [(0.75, 1.0), (0.25, 0.5), (0.25, 1.0)])
def test_an_interval_that_touches_the_allowed_ones_is_not_outside(low, high):
    touching = Resampled(low, np.array([low, high]))
    assert Within(0.5, 0.75).decide(touching).verdict == UNDECIDED
