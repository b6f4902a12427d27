import numpy as np
import pytest

from lowcap.runs.estimate import Expected
from lowcap.runs.order import in_turn
from lowcap.runs.progress import Remaining
from tests.runs.recorded import played, recorded, totals
from tests.runs.work import Job, cells


@pytest.mark.parametrize("study", ["low-capacity", "transfer"])
@pytest.mark.parametrize("compiling", [0.0, 1.5])
@pytest.mark.parametrize("workers", [2, 4])
def test_the_time_left_is_told_within_thirty_percent_after_a_tenth(study, compiling, workers):
    """Recorded cells run again on a clock of the test's own; no time is taken."""
    timed = recorded(study)
    events = played(timed, workers, compiling)
    whole = totals(events)
    for share in (0.1, 0.2, 0.5):
        remaining, now = Remaining([cell for cell, _ in timed], 0.0), share * whole
        for when, cell, seconds in events:
            if when <= now:
                remaining.done(cell, seconds, when)
        assert remaining.abreast == workers
        assert remaining.seconds(now) == pytest.approx(whole - now, rel=0.3), share


def test_a_cost_alone_would_have_been_far_off():
    """What the test above asks is not easy: seconds for each unit of cost differ twentyfold."""
    rates = [seconds / cell.cost for cell, seconds in recorded("low-capacity")]
    assert max(rates) > 20 * min(rates)


def test_nothing_is_known_before_a_cell_ended():
    some = cells(Job(1), Job(2))
    remaining = Remaining(some, 0.0)
    assert remaining.seconds(5.0) is None
    with pytest.raises(ValueError, match="nothing was learned"):
        Expected(some).seconds(some)


def test_settings_that_are_dear_are_learned():
    """Ten times the seconds for one act: both are known after six cells of each."""
    some = cells(*(Job(1, act, str(n)) for n in range(12) for act in ("work", "slow")))
    expected = Expected(some)
    for cell in some[:12]:
        expected.learn(cell, 10.0 if cell.config.act == "slow" else 1.0)
    said = expected.seconds(some[12:])
    dear = np.array([cell.config.act == "slow" for cell in some[12:]])
    assert said[dear].mean() > 5 * said[~dear].mean()
    assert said.mean() == pytest.approx(5.5, rel=0.1)


def test_compiling_of_the_first_cells_is_not_expected_of_later_ones():
    some = cells(*(Job(1, "work", str(n)) for n in range(40)))
    expected = Expected(some)
    for place, cell in enumerate(some[:10]):
        expected.learn(cell, 12.0 if place == 0 else 1.0)
    assert expected.seconds(some[10:]).mean() < 1.4  # the plain mean is 2.1


def test_a_tenth_like_all_goes_first_and_then_the_dear_ones():
    some = cells(*(Job(number + 1) for number in range(100)))
    order = [cell.cost for cell in in_turn(some)]
    assert sorted(order) == list(range(1, 101))
    assert np.mean(order[:10]) == pytest.approx(50.5, abs=1)
    assert order[10:] == sorted(order[10:], reverse=True)
    assert in_turn([]) == []
    assert len(in_turn(some[:3])) == 3
