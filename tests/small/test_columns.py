"""Columns become what scikit-learn's own preprocessing makes of them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from lowcap.errors import DataError
from lowcap.small.model import Column, inputs_of
from lowcap.small.table import columns as room
from lowcap.small.table.checks import MOST_CATEGORIES, check_features
from lowcap.small.table.columns import explain, learn_columns


def titanic(rows: int = 300, seed: int = 0) -> pd.DataFrame:
    """A made table with gaps, texts, truth values, and a column that never changes."""
    rng = np.random.default_rng(seed)
    ages = np.where(rng.random(rows) < 0.2, np.nan, rng.integers(1, 80, rows))
    ports = pd.Series(rng.choice(["C", "Q", "S"], rows, p=[0.2, 0.1, 0.7]))
    ports[[3, 7]] = None
    fares = rng.lognormal(3, 1, rows)
    fares[5] = np.nan
    return pd.DataFrame(
        {
            "class": rng.integers(1, 4, rows),
            "sex": rng.choice(["male", "female"], rows),
            "age": ages,
            "fare": fares,
            "port": ports,
            "alone": rng.random(rows) < 0.5,
            "ship": "Titanic",
        }
    )


def scikit(columns: tuple[Column, ...], table: pd.DataFrame) -> np.ndarray:
    """The same inputs by scikit-learn alone, learned on the same rows."""
    parts = []
    for column in columns:
        if column.kind == "ignored":
            continue
        if column.kind == "number":
            made = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
        else:
            known = [sorted(column.categories)]
            made = make_pipeline(
                SimpleImputer(strategy="most_frequent"),
                OneHotEncoder(categories=known, handle_unknown="ignore", sparse_output=False),
            )
        parts.append((column.name, made, [column.name]))
        if column.flagged:
            flag = MissingIndicator(features="all")
            parts.append((f"{column.name} is missing", flag, [column.name]))
    as_floats = {n: float for n in table if table[n].dtype == bool}
    transformer = ColumnTransformer(parts, sparse_threshold=0)
    texts = table.select_dtypes(exclude=[np.number, bool]).columns
    shown = table.astype(as_floats).astype(dict.fromkeys(texts, object))
    shown[texts] = shown[texts].where(shown[texts].notna(), np.nan)
    return np.asarray(transformer.fit_transform(shown), float)


TABLES = {
    "cancer": lambda: load_breast_cancer(as_frame=True).data,
    "iris": lambda: load_iris(as_frame=True).data,
    "wine": lambda: load_wine(as_frame=True).data,
    "diabetes": lambda: load_diabetes(as_frame=True).data,
    "titanic": titanic,
}


@pytest.mark.parametrize("name", TABLES)
def test_inputs_are_those_of_scikit_learn(name):
    table = TABLES[name]()
    columns = learn_columns(table)
    np.testing.assert_allclose(inputs_of(columns, table), scikit(columns, table), atol=1e-12)


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(12, 60))
@settings(max_examples=30)
def test_inputs_are_those_of_scikit_learn_for_made_tables(seed, rows):
    table = titanic(rows, seed).drop(columns="ship")
    table["scaled"] = table["fare"] * 10.0 ** (seed % 13 - 6)
    columns = learn_columns(table)
    np.testing.assert_allclose(inputs_of(columns, table), scikit(columns, table), atol=1e-9)


def test_nothing_is_learned_from_other_rows():
    table = titanic()
    training, others = table.iloc[:200], table.iloc[200:].copy()
    columns = learn_columns(training)
    others["sex"], others["fare"] = "unknown", 1e6
    by_name = {column.name: column for column in columns}
    assert by_name["fare"].fill == training["fare"].median()
    assert not by_name["sex"].apply(others["sex"]).any()
    assert (by_name["fare"].apply(others["fare"]) > 100).all()


def test_what_the_titanic_s_columns_become():
    table = titanic()
    columns = learn_columns(table)
    kinds = "number category number number category number ignored"
    assert [c.kind for c in columns] == kinds.split()
    assert [c.inputs for c in columns] == [1, 2, 2, 1, 3, 1, 0]
    lines = explain(columns, table)
    missing, median = table["age"].isna().sum(), table["age"].median()
    assert lines == [
        "class: whole number, scaled",
        "sex: category, 2 values as 2 inputs (female, male)",
        f"age: whole number, {missing} of 300 training rows missing, filled with the "
        f"median {median:g} and marked by an input of their own, scaled",
        "fare: number, 1 of 300 training rows missing, filled with the median "
        f"{table['fare'].median():.6g}, scaled",
        "port: category, 3 values as 3 inputs (C, Q, S), 2 of 300 training rows missing, filled "
        "with the most frequent, 'S'",
        "alone: truth value as 0 or 1, scaled",
        "ship: ignored, because it says Titanic in every row",
    ]


def test_the_most_frequent_values_get_inputs():
    rng = np.random.default_rng(1)
    frequent = [f"v{n:02}" for n in range(MOST_CATEGORIES)]
    values = pd.Series(3 * frequent + [f"rare{n}" for n in range(30)], name="street")
    table = values.sample(frac=1, random_state=0).to_frame().assign(x=rng.normal(size=len(values)))
    column = learn_columns(table)[0]
    assert column.categories == tuple(frequent)
    rare = column.apply(pd.Series(["rare3", "v07"]))
    assert (rare.sum(axis=1) == [0, 1]).all()
    assert explain([column], table) == [
        f"street: category, the {MOST_CATEGORIES} most frequent of {MOST_CATEGORIES + 30} values "
        "as inputs, the others as none"
    ]


def test_a_gap_in_a_column_without_gaps_is_filled_later():
    column = Column("n", "number", 3.0, 1.0, 2.0)
    np.testing.assert_array_equal(column.apply(pd.Series([None, 5.0]))[:, 0], [1.0, 2.0])
    flagged = Column("c", "category", "b", categories=("a", "b"), flagged=True)
    np.testing.assert_array_equal(
        flagged.apply(pd.Series(["a", None, "z"])), [[1, 0, 0], [0, 1, 1], [0, 0, 0]]
    )


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1, None, 2], dtype="Int64"),
        pd.Series([True, None, False], dtype="boolean"),
        pd.Series([True, None, False], dtype=object),
        pd.Series([1.5, None, -2], dtype="Float32"),
        pd.Series(["1", None, "2"], dtype=object),
    ],
)
def test_every_kind_of_gap_is_missing(values):
    column = Column("n", "number", 7.0, flagged=True)
    found = column.apply(values)
    np.testing.assert_array_equal(found[:, 1], [0, 1, 0])
    assert found[1, 0] == 7
    np.testing.assert_array_equal(found[[0, 2], 0], values.dropna().astype(float))


def test_categories_that_another_program_reads_as_numbers_are_the_same():
    column = Column("c", "category", "1", categories=("1", "2", "x"))
    for values in ([1, 2, 2], [1.0, None, 2.0], ["1", "2", "x"]):
        assert (column.apply(pd.Series(values)).sum(axis=1) == 1).all(), values


def test_columns_that_come_out_wrong_at_prediction_are_named():
    columns = (Column("age", "number"), Column("ship", "ignored"))
    assert inputs_of(columns, pd.DataFrame({"age": [1, 2]})).shape == (2, 1)
    with pytest.raises(DataError, match=r"no column 'age'; did you mean 'Age'\?"):
        inputs_of(columns, pd.DataFrame({"Age": [1]}))
    with pytest.raises(DataError, match=r"column 'age': row 2 \(counted.*holds 'old'"):
        inputs_of(columns, pd.DataFrame({"age": ["1", "old"]}))


def test_gaps_in_a_constant_column_may_still_tell_something():
    table = pd.DataFrame({"n": [1.0, None, 1.0], "c": ["yes", None, None], "x": [1.0, 2, 3]})
    columns = learn_columns(table)
    assert [(c.kind, c.inputs) for c in columns] == [("number", 2), ("category", 2), ("number", 1)]
    assert inputs_of(columns, table)[:, 1].tolist() == [0, 1, 0]
    full = table.assign(n=1.0, c="yes")
    assert [c.kind for c in learn_columns(full)] == ["ignored", "ignored", "number"]


def test_training_rows_where_a_column_is_empty_ignore_it():
    table = pd.DataFrame({"n": [np.nan] * 3, "c": pd.Series([None] * 3, dtype=object)})
    with pytest.raises(DataError, match="nothing to learn from"):
        learn_columns(table)
    columns = learn_columns(table.assign(x=[1.0, 2, 3]))
    assert [c.kind for c in columns] == ["ignored", "ignored", "number"]
    assert explain(columns, table.assign(x=[2.0, 2.5, 5]))[:2] == [
        "n: ignored, because it is empty",
        "c: ignored, because it is empty",
    ]


def test_wide_tables_are_learned_a_block_at_a_time(monkeypatch):
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 7)), columns=list("abcdefg"))
    whole = learn_columns(table)
    monkeypatch.setattr(room, "_AT_ONCE", 3)
    for column, other in zip(learn_columns(table), whole, strict=True):
        assert column.name == other.name
        np.testing.assert_allclose([column.mean, column.scale], [other.mean, other.scale])


def test_pixels_are_divided_and_still_ones_ignored():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 6), np.uint8)
    pixels[:, [0, 5]] = 9
    table = pd.DataFrame(pixels, columns=[f"p{n}" for n in range(6)])
    columns = learn_columns(table, pixels=True)
    np.testing.assert_allclose(inputs_of(columns, table), pixels[:, 1:5] / 255)
    assert explain(columns, table, pixels=True) == [
        "6 pixels, divided by 255; 2 that never change are ignored"
    ]
    floats = learn_columns(table / 255, pixels=True)
    np.testing.assert_allclose(inputs_of(floats, table / 255), pixels[:, 1:5] / 255)
    assert explain(floats, table / 255, pixels=True) == [
        "6 pixels; 2 that never change are ignored"
    ]


def bad(**columns) -> pd.DataFrame:
    """Forty rows, counted from 1, with one more column."""
    table = pd.DataFrame({"x": np.linspace(0, 1, 40) ** 2, **columns})
    return table.set_axis(range(1, 41))


ALMOST = [str(n) for n in range(39)]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (bad(c=[None] * 40), "column 'c' is empty in every row; drop it"),
        (bad(c=[1.0] * 11 + [np.inf] + [-np.inf] * 28), r"'c': row 12 \(.*\) holds inf .*28 more"),
        (bad(c=[1e300] + [1.0] * 39), r"row 1 .* holds 1e\+300; numbers must be finite"),
        (bad(c=[10**400] + [1] * 39), "column 'c': row 1 .* holds 1000"),
        (bad(c=[f"id{n}" for n in range(40)]), "'c' holds 40 different texts in 40 rows.*drop it"),
        (bad(c=["7", *ALMOST[:19], "n/k", *ALMOST[20:]]), r"row 21 \(.*\) holds 'n/k'; mend it"),
        (bad(c=pd.date_range("2020", periods=40)), "column 'c' holds dates or times"),
        (bad(c=["2024-02-29", "1/3/2024"] * 20), "column 'c' holds dates or times"),
        (bad(c=["2024-02-29T12:00:00Z"] * 40), "column 'c' holds dates or times"),
        (bad(c=pd.to_timedelta(range(40), "h")), "column 'c' holds dates or times"),
        (bad(c=[[1, 2]] * 40), "neither numbers, truth values nor texts, but mixed"),
        (bad(c=[b"x"] * 40), "neither numbers, truth values nor texts, but bytes"),
        (bad(c=np.full(40, 1j)), "neither numbers, truth values nor texts, but complex"),
        (bad(c=["15,7", "3", None, "-0,5"] * 10), "values such as '15,7' have decimal commas; w"),
        (bad(c=["1.234,5", "2"] * 20), "'c': values such as '1.234,5' have decimal commas"),
        (bad(c=[f"{n},5" for n in range(39)] + ["?"]), "such as '0,5' have decimal commas"),
        (bad(c=["7,100", "8,250"] * 20), r"'c': values such as '7,100' have commas; write points"),
        (bad(c=["1,234.5", "8"] * 20), "'c': values such as '1,234.5' have commas"),
        (bad(c=["a", 1] * 20), "neither numbers, truth values nor texts, but mixed"),
        (bad(**{"Unnamed: 1": range(40)}), "'Unnamed: 1' has no name in the file"),
        (bad()[[]], "no column is left"),
    ],
)
def test_columns_that_no_network_can_take(table, words):
    with pytest.raises(DataError, match=words) as caught:
        check_features(table, "file.csv")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("file.csv: ")


@pytest.mark.parametrize(
    "table",
    [
        bad(c=["a", "b"] * 20),
        bad(c=["1", "2", "3", "4a"] * 10),
        bad(c=["1,5", "2,5", "3,5", "4,5 or so"] * 10),
        bad(c=["red, 1", "green, 2"] * 20),
        bad(c=[str(n % 10) for n in range(40)]),
        bad(c=[True, None] * 20),
        bad(c=pd.Categorical([1, 2] * 20, categories=[1, 2, 3])),
        bad(c=["1-2", "2024-02-29"] * 20),
        bad(c=[1e90, -1e90] * 20),
    ],
)
def test_odd_columns_that_are_fine(table):
    check_features(table, "file.csv")
    columns = learn_columns(table)
    assert np.isfinite(inputs_of(columns, table)).all()


def test_ten_thousand_categories_are_refused():
    table = pd.DataFrame({"user": [f"u{n // 4}" for n in range(40_000)]})
    with pytest.raises(DataError, match="10,000 different texts in 40,000 rows"):
        check_features(table, "file.csv")
