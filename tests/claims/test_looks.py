"""Looking again and again keeps the rates of error; doing so naively does not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lowcap.claims import (
    MULTIPLES,
    SPENDING,
    Above,
    AllOf,
    Claim,
    Evidence,
    Exact,
    NotMeasured,
    Permuted,
    Reading,
    Share,
    Student,
    Verdict,
    Within,
    World,
    calibrate,
    evaluate_looks,
    judge_looks,
    mean_of,
    needed,
    rates,
    with_rates,
)

FIRST = 6


def judge(tables):
    return Evidence(mean_of(tables["scores"]["score"].to_numpy()), "A mean.")


def frame(scores):
    return {"scores": pd.DataFrame({"protocol": "a", "score": scores})}


def growing(mean):
    """One run as seen after so many times its first seeds."""

    def looks(generator, multiples):
        scores = generator.normal(mean, 1.0, FIRST * max(multiples))
        return [frame(scores[: FIRST * multiple]) for multiple in multiples]

    return looks


def world(name, truth, mean):
    looks = growing(mean)
    return World(name, truth, lambda g: looks(g, [1])[0], looks)


def worlds(tables):
    return [world("at", None, 0.0), world("true", True, 1.0), world("false", False, -1.0)]


READING = Reading("x", "s", Above(0), judge, ("scores",), primary=("*",), worlds=worlds)
OTHER = Reading("y", "s", Above(0), judge, ("scores",), worlds=worlds)
CLAIM = Claim("c", "1", "st", (READING, OTHER))
SIMULATIONS = 1000


def reached(rate, level):
    """Whether a rate could come from a judge that errs with this level, by a binomial test."""
    count = round(rate * SIMULATIONS)
    return stats.binomtest(count, SIMULATIONS, level, alternative="greater").pvalue > 0.001


def test_the_looks_share_one_error_rate():
    assert sum(SPENDING) == pytest.approx(0.05)
    assert len(SPENDING) == len(MULTIPLES)


def test_looking_again_errs_no_more_than_looking_once_and_sees_more():
    tables = frame(np.zeros(FIRST))
    sequential = calibrate([CLAIM], tables, ["a"], simulations=SIMULATIONS, looks=True)
    once = calibrate([CLAIM], tables, ["a"], simulations=SIMULATIONS, primary_only=True)
    assert set(sequential["reading"]) == {"x"}
    assert set(sequential["looks"]) == {len(SPENDING)}
    (found,) = rates(sequential).to_dict("records")
    (single,) = rates(once).to_dict("records")
    for side in ("holds", "fails"):
        assert reached(found[f"false_{side}"], 0.025)
        assert found[f"power_{side}"] > max(0.98, single[f"power_{side}"])


def test_naive_looking_again_errs_more():
    generator, naive = np.random.default_rng(1), (0.05,) * len(SPENDING)
    verdicts = [
        judge_looks(READING, growing(0.0)(generator, MULTIPLES), naive)[0].verdict
        for _ in range(SIMULATIONS)
    ]
    for side in (Verdict.HOLDS, Verdict.FAILS):
        assert not reached(verdicts.count(side) / SIMULATIONS, 0.025)


def test_a_claim_is_decided_at_its_first_decisive_look_and_stays():
    up, down = np.linspace(0.9, 1.1, FIRST), np.full(3 * FIRST, -9.0)
    doubtful = np.r_[np.linspace(-1, 1, FIRST), np.linspace(0.9, 1.1, 3 * FIRST)]
    early = judge_looks(READING, [frame(up), frame(np.r_[up, down])])
    assert (early.decision.verdict, early.look) == (Verdict.HOLDS, 1)
    late = judge_looks(READING, [frame(doubtful[:FIRST]), frame(doubtful)])
    assert (late.decision.verdict, late.look) == (Verdict.HOLDS, 2)
    with pytest.raises(NotMeasured):
        judge_looks(READING, [frame(up[:1])])


def test_only_open_primary_verdicts_are_looked_at_again():
    doubtful = np.linspace(-1, 1, FIRST)
    later = np.r_[doubtful, np.linspace(0.9, 1.1, 7 * FIRST)]
    both = [
        pd.concat([frame(scores)["scores"], frame(scores)["scores"].assign(protocol="b")])
        for scores in (doubtful, later)
    ]
    looks = ({"scores": table} for table in both)
    table = evaluate_looks([CLAIM], looks, ["a", "b"], "protocol", extended=["a"])
    found = table.set_index(["reading", "condition"])[["verdict", "look", "looks"]]
    assert found.loc[("x", "a")].tolist() == ["holds", 2, 4]
    for key in (("x", "b"), ("y", "a"), ("y", "b")):
        assert found.loc[key].tolist() == ["undecided", 1, 1]


def test_no_further_look_is_taken_when_all_is_decided():
    def looks():
        yield frame(np.linspace(0.9, 1.1, FIRST))
        raise AssertionError("a second look was taken")

    table = evaluate_looks([CLAIM], looks(), ["a"], "protocol", extended=["a"])
    assert table["verdict"].tolist() == ["holds", "holds"]


def test_rates_of_looking_once_are_not_those_of_looking_again():
    tables = frame(np.linspace(0.9, 1.1, FIRST))
    known = rates(
        pd.concat(
            calibrate([CLAIM], tables, ["a"], simulations=20, replicates={"a": 6}, looks=looks)
            for looks in (True, False)
        )
    )
    assert sorted(known["looks"]) == [1, 1, 4]
    table = evaluate_looks([CLAIM], [tables], ["a"], "protocol", extended=["a"])
    joined = with_rates(table, known, {"a": 6})
    assert joined["simulations"].tolist() == [20, 20]
    once = with_rates(table, known[known["looks"] == 1], {"a": 6})
    assert once["simulations"].isna().tolist() == [True, False]


def test_what_would_decide():
    doubtful = Student(0.1, 0.2, 9, 10, 0.2)
    assert "seeds would decide it (10 now)" in needed(Above(0), doubtful)
    sampled = replace(doubtful, unit="training samples")
    assert "training samples would decide it (10 now)" in needed(Above(0), sampled)
    seeds = int(needed(Above(0), doubtful).split("about ")[1].split(" ")[0])
    assert Above(0).decide(Student(0.1, 0.2 * np.sqrt(10 / seeds), seeds - 1)).verdict == "holds"
    assert "more test images" in needed(Above(0), Student(0.1, 0.2, 9, 10, 0.05))
    assert "no number of seeds" in needed(Above(0), Student(0.0, 0.2, 9, 10, 0.2))
    assert "times as many trials" in needed(Above(0.5), Share(6, 10))
    several = AllOf({"a": Above(0), "b": Within(-1, 1)})
    assert "(10 now)" in needed(several, {"a": doubtful, "b": Exact(0)})
    ratio = doubtful.transformed(np.exp)
    assert needed(Above(1), ratio) == needed(Above(0), doubtful)
    assert needed(Above(0), Permuted(0.5, np.linspace(-1, 1, 9))) == ""


@pytest.mark.parametrize(("now", "then"), [(10, 22), (60, 130)])
def test_the_seeds_that_would_decide_shrink_their_own_part_of_the_error(now, then):
    """0.3 of the error is the images'; 0.8 is 1.96 errors once the seeds' 0.4 is 0.28: x 2.1."""
    found = needed(Above(0), Student(0.8, 0.5, 1e9, now, 0.4))
    assert f"about {then} seeds would decide it ({now} now)" in found
