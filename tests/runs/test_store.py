import errno
import json
import shutil
from pathlib import Path

import pytest

from lowcap.errors import RunError
from lowcap.runs import Store, write_whole
from tests.runs.work import Job, cells, compute


def computed(cell):
    return compute(cell, store_measures(cell), None)


def store_measures(cell):
    return tuple(name for name, _ in cell.measures)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "run")


def test_a_cell_comes_back_as_it_was(store):
    (cell,) = cells(Job(3))
    with store.locked():
        store.write(cell, computed(cell))
    assert store.holds(cell)
    assert store.has_fit(cell)
    assert store.seconds(cell) == 1.0
    assert store.collect([cell])["squares"]["square"].tolist() == [9]
    assert store.fit_files(cell) == {"number.txt": b"3"}
    assert json.loads((store.cells / cell.fingerprint / "cell.json").read_text()) == cell.identity


def test_tables_follow_the_order_of_the_plan_not_of_the_writing(store):
    planned = cells(Job(1), Job(2), Job(3))
    with store.locked():
        for cell in planned[::-1]:
            store.write(cell, computed(cell))
    assert store.collect(planned)["squares"]["number"].tolist() == [1, 2, 3]


def test_a_full_disk_leaves_nothing_half_written(store, monkeypatch):
    (cell,) = cells(Job(1))
    real = Path.write_bytes

    def full(path, data):
        if path.suffix == ".parquet":
            real(path, data[:5])
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with store.locked(), pytest.raises(RunError, match="disk is full; free some space"):
        store.write(cell, computed(cell))
    assert not store.holds(cell)
    assert store.has_fit(cell)  # it was written before the disk was full
    assert not list(store.cells.glob(".partial-*"))
    monkeypatch.undo()
    with store.locked():
        store.write(cell, compute(cell, store.lacking(cell), store.fit_files(cell)))
    assert store.collect([cell])["squares"]["square"].tolist() == [1]


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


@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "record"])
@pytest.mark.parametrize("part", ["squares@1", "fit"])
def test_a_damaged_file_names_its_folder(store, part, damage):
    (cell,) = cells(Job(1))
    with store.locked():
        store.write(cell, computed(cell))
    folder = store.cells / cell.fingerprint / part
    (file,) = (path for path in folder.iterdir() if path.name != "part.json")
    content = file.read_bytes()
    if damage == "gone":
        file.unlink()
    elif damage == "record":
        (folder / "part.json").write_text("{")
    else:
        file.write_bytes(content[:-1] + (b"" if damage == "cut" else bytes([content[-1] ^ 1])))
    with pytest.raises(RunError, match=f"{part}: damaged .*remove this folder and run again"):
        store.fit_files(cell) if part == "fit" else store.collect([cell])
    shutil.rmtree(folder)
    assert (store.fit_files(cell) is None) == (part == "fit")
    assert store.holds(cell) == (part == "fit")


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


def test_what_is_written_everybody_may_read(tmp_path):
    write_whole(tmp_path / "table", b"1")
    assert (tmp_path / "table").stat().st_mode & 0o777 == 0o644
