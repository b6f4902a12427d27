from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lowcap.claims import (
    Above,
    Claim,
    Evidence,
    Exact,
    NotMeasured,
    Reading,
    Subject,
    World,
    calibrate,
    evaluate,
    expected_false,
    mean_of,
    rates,
    subject_of,
    with_rates,
)

TABLE = pd.DataFrame({"protocol": ["a"] * 3 + ["b"], "score": [1.0, 2.0, 3.0, 10.0]})


def judge(tables):
    score = tables["scores"]["score"]
    if score.mean() > 8:
        raise NotMeasured("too much")
    return Evidence(mean_of(score.to_numpy()), f"mean {score.mean():g}.", {"untrained": -0.5})


def worlds(tables):
    n, spread = len(tables["scores"]), tables["scores"]["score"].std()

    def at(mean):
        return lambda g: {"scores": pd.DataFrame({"score": g.normal(mean, spread, n)})}

    return [World("at", None, at(0)), World("clear", True, at(5)), World("never", False, at(-5))]


READINGS = (
    Reading("x", "s", Above(0), judge, ("scores",), primary=("*",), worlds=worlds),
    Reading("y", "s", Above(100), judge, ("scores",), conditions=("a",)),
)
CLAIM = Claim("c", "1", "st", READINGS, figure="fig-{condition}")


def test_every_claim_reading_and_condition_gets_a_row():
    table = evaluate([CLAIM], {"scores": TABLE}, ["a", "b", "absent"])
    assert table[["reading", "condition"]].values.tolist() == [
        ["x", "a"], ["x", "b"], ["x", "absent"], ["y", "a"],
    ]  # fmt: skip
    assert table["primary"].tolist() == [True] * 3 + [False]
    first, last = table.iloc[0], table.iloc[3]
    assert (first["effect"], first["verdict"], first["finding"]) == (
        2.0,
        "undecided",
        "mean 2. As it stands, about 4 seeds would decide it (3 now).",
    )
    assert first["low"] < 0 < first["high"]
    assert (last["verdict"], last["bound"]) == ("fails", "above 100")
    assert first["figure"] == "fig-a"
    assert first["control"] == "untrained −0.5"
    assert table["verdict"].tolist()[1:3] == ["not measured"] * 2


def test_conditions_may_be_data_sets():
    table = evaluate([CLAIM], {"scores": TABLE.rename(columns={"protocol": "dataset"})}, ["b"],
                     by="dataset")  # fmt: skip
    assert table["finding"].tolist() == ["Not measured: too much."]


def test_a_missing_table_is_not_measured():
    row = evaluate([CLAIM], {}, ["a"]).iloc[0]
    assert row["verdict"] == "not measured"
    assert np.isnan(row["effect"])
    assert "results of “scores”" in row["finding"]
    claim = replace(CLAIM, lacks={"scores": "nothing was scored; --score does so"})
    assert evaluate([claim], {}, ["a"])["finding"][0] == (
        "Not measured: nothing was scored; --score does so."
    )


def test_a_claim_is_judged_on_the_data_that_it_speaks_of_alone():
    claim = replace(CLAIM, subject=Subject("grains of rice", ("rice",)))
    rice = {"scores": TABLE.assign(dataset="rice")}
    verdicts = evaluate([CLAIM], rice, ["a"])["verdict"].tolist()
    assert evaluate([claim], rice, ["a"])["verdict"].tolist() == verdicts
    wheat = TABLE.assign(dataset="wheat")
    for tables in ({"scores": wheat}, {"other": wheat}):
        row = evaluate([claim], tables, ["a"]).iloc[0]
        assert row["verdict"] == "about other data"
        assert np.isnan(row["effect"])
        assert subject_of(row["finding"]) == "grains of rice"


@pytest.mark.parametrize(("best", "verdict"), [(0.8, "not measurable this way"), (1.0, "fails")])
def test_a_bar_that_nothing_reaches_is_not_measurable(best, verdict):
    def read(tables):
        return Evidence(Exact(0.5), "s", attainable=Exact(best))

    reading = Reading("x", "s", Above(0.9), read, ("scores",), primary=("*",))
    row = evaluate([Claim("c", "1", "st", (reading,))], {"scores": TABLE}, ["a"]).iloc[0]
    assert row["verdict"] == verdict


def test_a_calibrated_judge_errs_as_rarely_as_it_says():
    table = calibrate([CLAIM], {"scores": TABLE}, ["a"], simulations=2000, replicates={"a": 3})
    assert set(table["reading"]) == {"x"}
    (found,) = rates(table).to_dict("records")
    for side in ("holds", "fails"):
        at_bound = table[table["truth"] == "at the bound"].iloc[0]
        assert at_bound[f"{side}_low"] < 0.025 < at_bound[f"{side}_high"]
        assert found[f"false_{side}"] == at_bound[side]
    assert found["power_holds"] > 0.9
    assert found["power_fails"] > 0.9


def test_an_overconfident_judge_is_found_out():
    def careless(tables):
        return Evidence(Exact(tables["scores"]["score"].mean()), "s")

    reading = Reading("x", "s", Above(0), careless, ("scores",), primary=("*",), worlds=worlds)
    table = calibrate([Claim("c", "1", "st", (reading,))], {"scores": TABLE}, ["a"])
    assert rates(table)["false_holds"].iloc[0] > 0.4


def test_rates_join_only_their_own_design():
    table = evaluate([CLAIM], {"scores": TABLE}, ["a"])
    known = rates(calibrate([CLAIM], {"scores": TABLE}, ["a"], simulations=20, replicates={"a": 3}))
    assert with_rates(table, known, {"a": 3})["false_holds"].notna().tolist() == [True, False]
    assert with_rates(table, known, {"a": 4})["false_holds"].isna().all()
    assert list(with_rates(table, known, {"a": 3}).columns) == list(table.columns)


def test_expected_false_verdicts_count_whatever_was_tested():
    table = evaluate([CLAIM], {"scores": TABLE}, ["a"])
    assert expected_false(table) == pytest.approx(0.05)  # undecided, but it might have erred
    table.loc[0, ["verdict", "false_holds", "false_fails"]] = ["holds", 0.01, 0.02]
    assert expected_false(table) == pytest.approx(0.03)
    table.loc[0, "verdict"] = "not measured"
    assert expected_false(table) == 0


def test_with_every_truth_at_its_bound_no_more_are_false_than_expected():
    """Many claims about noise: the number decided, all wrongly, is what was expected."""
    generator = np.random.default_rng(0)
    reading = Reading("x", "s", Above(0), judge, ("scores",), primary=("*",))
    false, expected = 0, 0.0
    for number in range(600):
        noise = pd.DataFrame({"protocol": "a", "score": generator.normal(size=5)})
        table = evaluate([Claim(f"c{number}", "1", "st", (reading,))], {"scores": noise}, ["a"])
        false += int(table["verdict"].isin(["holds", "fails"]).sum())
        expected += expected_false(table)
    assert expected == pytest.approx(30)
    assert abs(false - 30) < 4 * np.sqrt(30)


def test_a_figure_may_be_named_by_the_data_set_of_a_condition():
    claim = Claim("c", "1", "st", READINGS[:1], figure="fig-{dataset}")
    table = evaluate([claim], {"scores": TABLE}, ["mnist, conv 5x5", "a, b.npz, wide", "mnist"])
    assert table["figure"].tolist() == ["fig-mnist", "fig-a, b.npz", "fig-mnist"]
