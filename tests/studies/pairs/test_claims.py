"""The judges of the study on tables whose truth is known."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from lowcap.claims import Verdict, calibrate, evaluate, misses, rates
from lowcap.studies.pairs.claims import CLAIMS
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
    assert len(known) == 2
    for row in known.itertuples():
        assert not misses(row.false_holds, row.simulations), row
        assert not misses(row.false_fails, row.simulations), row
    assert (known["power_holds"] > 0.9).all()
    assert (known["power_fails"] > 0.9).all()
