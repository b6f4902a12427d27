import errno
from pathlib import Path

import numpy as np
import pytest

from lowcap.errors import RunError
from lowcap.runs import Store, write_whole
from tests.runs.work import Job, cells, compute


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "run")


def test_a_cell_comes_back_as_it_was(store):
    (cell,) = cells(Job(3))
    with store.locked():
        store.write(cell, compute(cell), 1.5)
    assert store.holds(cell)
    assert store.seconds(cell) == 1.5
    assert store.collect([cell])["squares"]["square"].tolist() == [9]
    np.testing.assert_array_equal(store.arrays(cell)["w"], np.full((2, 2), 3, np.float32))


def test_tables_follow_the_order_of_the_plan_not_of_the_writing(store):
    planned = cells(Job(1), Job(2), Job(3))
    with store.locked():
        for cell in planned[::-1]:
            store.write(cell, compute(cell), 0)
    assert store.collect(planned)["squares"]["number"].tolist() == [1, 2, 3]


def test_a_full_disk_leaves_nothing_half_written(store, monkeypatch):
    (cell,) = cells(Job(1))
    real = Path.write_bytes

    def full(path, data):
        if path.suffix == ".safetensors":
            real(path, data[:5])
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with store.locked(), pytest.raises(RunError, match="disk is full; free some space"):
        store.write(cell, compute(cell), 0)
    assert not store.holds(cell)
    assert not list(store.cells.iterdir())


def test_leftovers_of_a_killed_writer_are_cleared(store):
    with store.locked():
        pass
    (store.cells / ".partial-abc").mkdir()
    (store.cells / ".partial-abc" / "squares.parquet").write_bytes(b"half")
    with store.locked():
        assert not list(store.cells.iterdir())


def test_two_writers_are_one_too_many(store):
    with (
        store.locked(),
        pytest.raises(RunError, match="another lowcap is writing"),
        Store(store.root).locked(),
    ):
        pass


def test_a_damaged_table_names_its_folder(store):
    (cell,) = cells(Job(1))
    with store.locked():
        store.write(cell, compute(cell), 0)
    table = store.cells / cell.fingerprint / "squares.parquet"
    table.write_bytes(table.read_bytes()[:20])
    with pytest.raises(RunError, match=f"{cell.fingerprint}: damaged"):
        store.collect([cell])


def test_unwritable_places_are_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be written"):
        write_whole(tmp_path / "file" / "x", "content")
    with pytest.raises(RunError, match="cannot be written"), Store(tmp_path / "file").locked():
        pass


def test_reading_what_is_no_run(tmp_path):
    with pytest.raises(RunError, match="no run here"):
        Store(tmp_path).read_json("run.json")
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(RunError, match="cannot be read"):
        Store(tmp_path).read_json("run.json")
