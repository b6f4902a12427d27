"""A file's rows as networks see them, and networks as the file's columns see them."""

import numpy as np
import pandas as pd
import pytest

from lowcap.networks import Dense, Network
from lowcap.small.export.quantise import quantise
from lowcap.small.prepared import plain, prepare
from lowcap.small.table.reading import read_source
from lowcap.small.table.shipped import SHIPPED, shipped_source


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "same": "x",
            "width": rng.normal(5, 2, 80),
            "seven": 7,
            "colour": rng.choice(["red", "green"], 80),
            "price": rng.normal(1e6, 250, 80),
        }
    )
    table.loc[:9, "width"] = np.nan
    return table


@pytest.fixture(scope="module")
def prepared(table, tmp_path_factory):
    path = tmp_path_factory.mktemp("prepared") / "data.csv"
    table.to_csv(path, index=False)
    return prepare(read_source(path, "price"))


def test_test_rows_are_put_aside_and_nothing_is_learned_of_them(prepared, table):
    assert len(prepared.test.table) == 16
    assert not set(prepared.test.table.index) & set(prepared.train.table.index)
    width = next(column for column in prepared.columns if column.name == "width")
    assert width.fill == pytest.approx(prepared.train.table["width"].median())
    assert width.fill != pytest.approx(table["width"].median(), abs=1e-9)


def test_errors_of_a_regression_are_in_the_users_units(prepared):
    assert prepared.task.y.std() == pytest.approx(prepared.train.target.std(ddof=0), rel=1e-5)
    assert abs(prepared.task.y.mean()) < 1


def test_a_network_takes_the_files_columns_and_looks_at_none_that_never_changes(prepared):
    inputs = prepared.task.inputs
    weights = np.arange(1.0, 1 + inputs, dtype=np.float32)[None]
    network = Network(
        Dense(inputs, (), 1), {"w1": weights, "b1": np.zeros(1, np.float32)}, "regression"
    )
    model = prepared.model(network)
    assert model.names() == ["same", "width", "seven", "colour"]
    rows = prepared.train.table
    said = network.logits(prepared.task.x)[:, 0] + prepared.target.mean
    np.testing.assert_allclose(model.predict(rows).astype(float), said, rtol=1e-6)
    changed = rows.assign(seven=100, same="y")
    np.testing.assert_array_equal(model.predict(rows), model.predict(changed))
    whole = quantise(model, rows)
    near = whole.predict(rows).astype(float)
    np.testing.assert_allclose(near - prepared.target.mean, said - prepared.target.mean, atol=0.2)
    np.testing.assert_array_equal(near, whole.predict(changed).astype(float))


def test_plain_rows_say_the_same(prepared):
    model = prepared.any_model()
    rows = plain(prepared.columns, prepared.train.table)
    np.testing.assert_array_equal(model.inputs(rows), model.inputs(prepared.train.table))
    again = plain(prepared.columns, rows)
    pd.testing.assert_frame_equal(rows, again)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_table_can_be_searched(name):
    found = prepare(shipped_source(name), kind=SHIPPED[name])
    assert found.target.kind == {
        "breast-cancer": "binary", "diabetes": "regression"
    }.get(name, "classes")  # fmt: skip
    assert shipped_source(name).sha256 == found.train.sha256
