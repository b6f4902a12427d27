"""The judges of the study on tables whose truth is known."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from lowcap.claims import Verdict, calibrate, evaluate, misses, rates
from lowcap.studies.pairs.claims import BEYOND, CLAIMS
from lowcap.studies.pairs.figures import smallest

TASKS = [f"{a}-{b}" for a, b in combinations(range(10), 2)]


def tables(errors, hard):
    """Errors by task and hidden size, the same in every seed and block; difficulties by task."""
    rows = [
        {"dataset": "d", "task": task, "hidden": size, "seed": seed, "block": block, "images": 100,
         "error": errors(number, size)}
        for (number, task), size, seed, block in product(
            enumerate(TASKS), (2, 8, 24, 64), range(5), range(10)
        )
    ]  # fmt: skip
    difficulty = {"dataset": "d", "task": TASKS, "linear_error": hard}
    return {"errors": pd.DataFrame(rows), "difficulty": pd.DataFrame(difficulty)}


def verdicts(found):
    rows = evaluate(CLAIMS, found, ["d"], "dataset")
    return dict(zip(rows["claim"], rows["verdict"], strict=True)), rows


def in_order(number, size):
    return 0.02 + (0.004 * number if size == 2 else 0.0)


def test_gains_in_the_order_of_difficulty_hold_and_in_reverse_fail():
    rising = np.linspace(0, 0.2, len(TASKS))
    assert verdicts(tables(in_order, rising))[0]["capacity-follows-difficulty"] == Verdict.HOLDS
    assert (
        verdicts(tables(in_order, rising[::-1]))[0]["capacity-follows-difficulty"] == Verdict.FAILS
    )


def test_gains_along_a_line_hold_and_above_a_threshold_or_downwards_fail():
    rising = np.linspace(0, 0.2, len(TASKS))

    def jump(number, size):
        return 0.02 + (0.1 if size == 2 and number > 22 else 0.0)

    claim = "capacity-linear-in-difficulty"
    found, rows = verdicts(tables(in_order, rising))
    assert found[claim] == Verdict.HOLDS
    (finding,) = rows.loc[rows["claim"] == claim, "finding"]
    assert "A line explains 100 % of the variance" in finding
    assert verdicts(tables(in_order, rising[::-1]))[0][claim] == Verdict.FAILS
    found, rows = verdicts(tables(jump, rising))
    assert found[claim] == Verdict.FAILS
    assert rows.set_index("claim")["part"][claim] == BEYOND


def test_a_parabola_is_no_line():
    hard = np.linspace(0, 0.2, len(TASKS))
    found, _ = verdicts(tables(lambda number, size: hard[number] ** 2 * (size == 2), hard))
    assert found["capacity-linear-in-difficulty"] == Verdict.FAILS


@pytest.mark.parametrize(
    ("more", "verdict"), [(0.0, Verdict.HOLDS), (0.0095, Verdict.UNDECIDED), (0.05, Verdict.FAILS)]
)
def test_one_pair_decides_whether_24_units_suffice(more, verdict):
    def errors(number, size):
        return 0.02 + (more if size <= 24 and number == 7 else 0.0)

    found, rows = verdicts(tables(errors, np.arange(len(TASKS))))
    assert found["sufficient-everywhere"] == verdict
    if more:
        assert f"on {TASKS[7]}: they mistake {100 * more:.2f} %" in rows["finding"].iloc[-1]


def test_the_smallest_size_needs_every_larger_one_to_suffice():
    curve = {2: 0.03, 8: 0.021, 24: 0.05, 64: 0.02}
    found = smallest(tables(lambda number, size: curve[size], np.zeros(len(TASKS))))
    assert (found == 64).all()
    curve[2] = curve[24] = 0.029
    found = smallest(tables(lambda number, size: curve[size], np.zeros(len(TASKS))))
    assert (found == 2).all()


def test_the_judges_err_as_rarely_as_they_say():
    generator = np.random.default_rng(0)
    found = tables(
        lambda number, size: generator.binomial(100, 0.03) / 100, generator.random(len(TASKS))
    )
    known = rates(calibrate(CLAIMS, found, ["d"], "dataset", simulations=16))
    assert len(known) == 3
    for row in known.itertuples():
        assert not misses(row.false_holds, row.simulations), row
        assert not misses(row.false_fails, row.simulations), row
    # These gains are chance alone, so that no line stands out of their scatter.
    clear = known[known["claim"] != "capacity-linear-in-difficulty"]
    assert (clear["power_holds"] > 0.9).all()
    assert (clear["power_fails"] > 0.9).all()
