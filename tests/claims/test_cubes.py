"""Scores by case and seed, held against pandas' own way of laying a table out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcap.claims import NotMeasured, cube

ROWS = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from(["4-9", "0-1"]), st.sampled_from([8, 2, 64]),
        st.floats(-1, 1, width=32),
    ),
    min_size=1, max_size=40,
)  # fmt: skip


def table_of(rows):
    return pd.DataFrame(rows, columns=["seed", "task", "hidden", "f1"])


def pivoted(table, row, keys):
    return table.pivot_table(index=row, columns=keys, values="f1").dropna()


@given(ROWS)
def test_scores_stand_where_a_pivot_table_has_them(rows):
    table = table_of(rows)
    wanted = pivoted(table, "seed", ["task", "hidden"])
    if wanted.empty:
        with pytest.raises(NotMeasured, match="no seed has all"):
            cube(table, ["task", "hidden"], "f1")
        return
    found = cube(table, ["task", "hidden"], "f1")
    assert list(found.cases) == list(wanted.columns)
    assert found.cases.names == ["task", "hidden"]
    np.testing.assert_allclose(found.by_seed, wanted.to_numpy(), atol=1e-12)


@given(ROWS)
def test_one_key_is_a_case_too(rows):
    table = table_of(rows)
    wanted = pivoted(table, "seed", ["hidden"])
    if not wanted.empty:
        found = cube(table, ["hidden"], "f1")
        assert [size for (size,) in found.cases] == list(wanted.columns)
        np.testing.assert_allclose(found.by_seed, wanted.to_numpy(), atol=1e-12)


def test_seeds_that_lack_a_score_are_left_out():
    table = table_of([(0, "4-9", 2, 0.5), (0, "4-9", 8, 0.7), (1, "4-9", 2, 0.9)])
    assert cube(table, ["task", "hidden"], "f1").by_seed.tolist() == [[0.5, 0.7]]
    known = table.assign(f1=[0.5, np.nan, 0.9])
    with pytest.raises(NotMeasured, match="no seed has all"):
        cube(known, ["task", "hidden"], "f1")


def test_a_row_without_a_key_is_no_network():
    table = table_of([(0, "4-9", 2, 0.5), (0, "4-9", 8, 0.7), (0, None, 8, 0.9)])
    assert list(cube(table, ["task", "hidden"], "f1").cases) == [("4-9", 2), ("4-9", 8)]
    table = table.assign(hidden=[2.0, np.nan, 8.0])
    assert list(cube(table, ["task", "hidden"], "f1").cases) == [("4-9", 2)]


def test_blocks_follow_the_cases_of_the_seeds_that_are_used():
    table = table_of([(s, "4-9", h, 0.1 * s + h / 100) for s in (0, 1) for h in (8, 2)])
    blocks = pd.DataFrame(
        [(s, b, "4-9", h, s + 10 * b + h) for s in (0, 1, 2) for b in (0, 1) for h in (2, 8)],
        columns=["seed", "block", "task", "hidden", "f1"],
    )
    found = cube(table, ["task", "hidden"], "f1", blocks)
    assert list(found.cases) == [("4-9", 2), ("4-9", 8)]
    assert found.without is not None
    assert found.without.tolist() == [[2.5, 8.5], [12.5, 18.5]]  # without the seed that has none
    with pytest.raises(NotMeasured, match="do not cover all networks"):
        cube(table, ["task", "hidden"], "f1", blocks[blocks["hidden"] == 2])
