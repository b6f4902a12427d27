import numpy as np
import pandas as pd
import pytest

from lowcap.data import load_task, table_task
from lowcap.errors import DataError

TABLE = pd.DataFrame(
    {
        "length": np.linspace(0, 1, 30),
        "wet": np.arange(30) % 2 == 0,
        "plant": np.arange(30) // 3,
        "weight": np.ones(30),
        "kind": ["moss", "fern", "oak"] * 10,
    }
)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_file_is_the_table_it_holds(tmp_path, suffix):
    path = tmp_path / f"plants{suffix}"
    if suffix == ".csv":
        TABLE.to_csv(path, index=False)
    else:
        TABLE.to_parquet(path, index=False)
    task = load_task(path, "kind", groups="plant", weights="weight")
    assert (task.id, task.target.kind, task.target.outputs) == ("plants", "classes", 3)
    np.testing.assert_allclose(task.x, TABLE[["length", "wet"]].to_numpy(float), rtol=1e-6)
    np.testing.assert_array_equal(task.y, [1, 0, 2] * 10)  # in alphabetical order
    np.testing.assert_array_equal(task.groups, TABLE["plant"])
    np.testing.assert_array_equal(task.weights, 1)


def test_an_npz_holds_arrays_by_name(tmp_path):
    path = tmp_path / "made.npz"
    x = np.random.default_rng(0).random((20, 4, 4))
    np.savez(path, x=x, y=np.arange(20) / 7, test_x=x[:2], test_y=np.zeros(2))
    task = load_task(path)
    assert (task.target.kind, task.shape, len(task.test_y)) == ("regression", (4, 4), 2)
    np.savez(path, x=x, labels=np.arange(20))
    with pytest.raises(DataError, match="holds x, labels; give images and labels, or x and y"):
        load_task(path)
    np.savez(path, images=x, labels=np.arange(20) % 2, groups=np.arange(20))
    task = load_task(path)
    assert (task.target.kind, task.groups.tolist()) == ("binary", list(range(20)))
    np.savez(path, images=x, labels=np.arange(20) % 2, weight=np.ones(20))
    with pytest.raises(DataError, match="holds weight; beside images and labels give only test_im"):
        load_task(path)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"target": "colour"}, "no column 'colour'"),
        ({}, {"target": "length"}, "not kind; encode or drop"),
        ({"kind": None}, {"target": "kind"}, "column 'kind' has missing values"),
    ],
)
def test_tables_that_make_no_task_are_one_line(change, options, message):
    with pytest.raises(DataError, match=message):
        table_task(TABLE.assign(**change), **options)


def test_files_that_hold_no_table_are_one_line(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        load_task(tmp_path / "none.csv")
    for name in ("broken.parquet", "broken.npz", "broken.csv", "table.xlsx"):
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(DataError, match=name):
            load_task(tmp_path / name)
