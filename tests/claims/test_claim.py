import numpy as np
import pandas as pd

from lowcap.claims import Claim, Finding, NotMeasured, Verdict, evaluate

TABLE = pd.DataFrame({"protocol": ["a", "a", "b"], "score": [1.0, 3.0, 10.0]})


def judge(tables, variant):
    mean = tables["scores"]["score"].mean()
    if mean > 5:
        raise NotMeasured("too much")
    return Finding(mean, mean, mean, Verdict.HOLDS, f"{variant} {mean:g}")


CLAIM = Claim(
    "c", "1", "s", "t", "r", ("scores",), judge, variants=("x", "y"), figure="fig-{condition}"
)


def test_every_claim_variant_and_condition_gets_a_row():
    table = evaluate([CLAIM], {"scores": TABLE}, ["a", "b", "absent"])
    assert len(table) == 6
    row = table.query("condition == 'a' and variant == 'y'").iloc[0]
    assert (row["effect"], row["verdict"], row["finding"]) == (2.0, "holds", "y 2")
    assert row["figure"] == "fig-a"
    assert set(table.query("condition != 'a'")["verdict"]) == {"not measured"}


def test_conditions_may_be_data_sets():
    table = evaluate([CLAIM], {"scores": TABLE.rename(columns={"protocol": "dataset"})}, ["b"],
                     by="dataset")  # fmt: skip
    assert table["finding"].tolist() == ["Not measured: too much."] * 2


def test_a_missing_table_is_not_measured():
    row = evaluate([CLAIM], {}, ["a"]).iloc[0]
    assert row["verdict"] == "not measured"
    assert np.isnan(row["effect"])
    assert "no scores table" in row["finding"]
