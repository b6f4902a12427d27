"""What a paper says of a claim stands in the claims table, on the scale of the effect."""

from dataclasses import replace

import numpy as np
import pytest

from lowcap.claims import (
    Above,
    AllOf,
    Below,
    Code,
    Every,
    Evidence,
    Exact,
    Said,
    Some,
    Within,
    evaluate,
    region_of,
    with_words,
)
from tests.claims.test_claim import CLAIM, TABLE

INF = np.inf


@pytest.mark.parametrize(
    ("bound", "part", "region"),
    [
        (Above(0.5), "", (0.5, INF)),
        (Below(0.02), "", (-INF, 0.02)),
        (Within(0.8, 1.25), "", (0.8, 1.25)),
        (Every(Above(0)), "sigma 0.1", (0, INF)),
        (Some(Below(1)), "one", (-INF, 1)),
        (AllOf({"gain": Above(0), "rest": Every(Below(2))}), "rest", (-INF, 2)),
    ],
)
def test_a_bound_holds_from_here_to_there(bound, part, region):
    assert region_of(bound, part) == region


def test_without_its_part_a_compound_bound_has_no_limits():
    assert np.isnan(region_of(AllOf({"gain": Above(0)}), "")).all()


def test_the_table_ends_with_what_the_paper_says():
    code = (Code("a.py, line 1", "https://example.org/a#L1", "adds"), Code("b.py", "u", "takes"))
    said = Said("its words", value="about 3", effect=3.0, code=code)
    (claim,) = with_words([CLAIM], {"c": said})
    row = evaluate([claim], {"scores": TABLE}, ["a"]).iloc[0]
    assert list(row[["holds_from", "holds_to", "paper_effect"]]) == [0, INF, 3.0]
    assert list(row[["quote", "quoted_from", "paper_value"]]) == [
        "its words", "abstract", "about 3",
    ]  # fmt: skip
    assert row["code"] == "a.py, line 1\nb.py"
    assert (row["code_url"], row["code_does"]) == ("https://example.org/a#L1\nu", "adds\ntakes")
    bare = evaluate([CLAIM], {"scores": TABLE}, ["a"]).iloc[0]
    assert list(bare[["quote", "quoted_from", "paper_value", "code"]]) == [""] * 4
    assert np.isnan(bare["paper_effect"])


def test_a_papers_numbers_are_told_apart_by_part():
    parts = {"low": Exact(5.0), "high": Exact(-1.0)}
    reading = replace(
        CLAIM.readings[0], bound=Every(Above(0)), judge=lambda tables: Evidence(parts, "s.")
    )
    said = Said(effect={"low": 4.0, "high": 2.0})
    claim = replace(CLAIM, readings=(reading,), said=said)
    row = evaluate([claim], {"scores": TABLE}, ["a"]).iloc[0]
    assert (row["part"], row["paper_effect"]) == ("high", 2.0)


def test_words_for_no_claim_are_a_mistake():
    with pytest.raises(AssertionError, match="no such claims"):
        with_words([CLAIM], {"d": Said("its words")})
