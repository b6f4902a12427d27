import errno
import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from lowcap.errors import RunError
from lowcap.runs import CellResult, Store, execute, write_whole
from lowcap.runs.cellfile import read_header
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
    with (store.cells / f"{cell.fingerprint}.cell").open("rb") as stream:
        header = read_header(stream, cell.fingerprint)
    assert header.cell == cell.identity
    table = header.parts["squares@1"].files["squares.arrow"]
    assert (table.rows, table.columns) == (1, {"number": "int64", "square": "int64"})


def test_tables_follow_the_order_of_the_plan_not_of_the_writing(store):
    planned = cells(Job(1), Job(2), Job(3))
    with store.locked():
        for cell in planned[::-1]:
            store.write(cell, computed(cell))
    assert store.collect(planned)["squares"]["number"].tolist() == [1, 2, 3]


def test_a_full_disk_leaves_nothing_half_written(store, monkeypatch):
    (cell,) = cells(Job(1))
    real = os.write

    def full(handle, data):
        real(handle, bytes(data)[:5])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with store.locked(), pytest.raises(RunError, match="disk is full; free some space"):
        store.write(cell, computed(cell))
    assert not store.holds(cell)
    assert not list(store.cells.iterdir())
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


def file_of(store, cell):
    return store.cells / f"{cell.fingerprint}.cell"


def damaged(path, damage, other):
    content = path.read_bytes()
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(content[:-1])
    elif damage == "longer":
        path.write_bytes(content + b"x")
    elif damage == "changed":
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif damage == "first line":
        path.write_bytes(content.replace(b"lowcap", b"lowcat", 1))
    elif damage == "seconds":
        path.write_bytes(content.replace(b"1.0", b"2.0", 1))
    elif damage == "foreign":
        shutil.copy(other, path)
    elif damage == "folder":
        path.unlink()
        path.mkdir()
        (path / "x").write_text("x")
    elif damage == "pipe":  # whoever opens it waits for somebody to write
        path.unlink()
        os.mkfifo(path)


@pytest.mark.parametrize(
    "damage",
    ["empty", "cut", "longer", "changed", "first line", "seconds", "foreign", "folder", "pipe"],
)
def test_a_damaged_cell_is_computed_again_with_one_warning(store, damage, caplog):
    planned = cells(Job(1), Job(2))
    with store.locked(), ThreadPoolExecutor(1) as pool:
        execute(planned, compute, store, executor=pool)
        path = file_of(store, planned[0])
        whole = path.read_bytes()
        damaged(path, damage, file_of(store, planned[1]))
    store = Store(store.root)
    with store.locked(), ThreadPoolExecutor(1) as pool:
        missing = [cell for cell in planned if not store.holds(cell)]
        assert missing == planned[:1]
        store.warn("computed again")
        (line,) = caplog.messages
        assert line.startswith(f"{path}: damaged, ")
        assert line.endswith("; computed again")
        execute(planned, compute, store, executor=pool)
        store.warn("computed again")
        assert len(caplog.messages) == 1
        assert store.collect(planned)["squares"]["square"].tolist() == [1, 4]
    assert path.read_bytes().splitlines()[2:] == whole.splitlines()[2:]


def test_a_damaged_measure_is_taken_again_of_the_fit(store, tmp_path):
    (cell,) = cells(Job(3, marks=str(tmp_path)), measures=(("squares", 1), ("cubes", 1)))
    with store.locked(), ThreadPoolExecutor(1) as pool:
        execute([cell], compute, store, executor=pool)
        path = file_of(store, cell)
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        store = Store(store.root)
        assert store.lacking(cell) == ("cubes",)
        execute([cell], compute, store, executor=pool)
    assert (tmp_path / "3").read_text() == "x"
    assert Store(store.root).collect([cell])["cubes"]["cube"].tolist() == [27]


def test_every_bit_of_a_cell_is_accounted_for(store):
    """Damage is never read as a result, wherever it is."""
    (cell,) = cells(Job(1))
    with store.locked():
        store.write(cell, computed(cell))
    path = file_of(store, cell)
    content = path.read_bytes()
    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ (1 << at % 8)]) + content[at + 1 :])
        fresh = Store(store.root)
        assert not (fresh.has_fit(cell) and fresh.holds(cell)), at


def test_what_changes_after_it_was_looked_at_is_not_used(store):
    (cell,) = cells(Job(1))
    with store.locked():
        store.write(cell, computed(cell))
        file_of(store, cell).write_bytes(b"something else")
        with pytest.raises(RunError, match="changed while it was in use"):
            store.collect([cell])
        with pytest.raises(RunError, match="changed while it was in use"):
            store.fit_files(cell)


def test_strange_files_among_the_cells_are_left_alone(store):
    (cell,) = cells(Job(1))
    with store.locked():
        store.write(cell, computed(cell))
        (store.cells / f"._{cell.fingerprint}.cell").write_bytes(b"of another system")
        (store.cells / "notes").mkdir()
    with store.locked():
        assert store.collect([cell])["squares"]["square"].tolist() == [1]
    assert len(list(store.cells.iterdir())) == 3


def test_tables_that_differ_are_put_together(store):
    """A column that one cell lacks is empty there; whole numbers and others become others."""
    planned = cells(Job(1), Job(2), Job(3))
    rows = [{"a": [1], "b": ["x"]}, {"a": [0.5]}, {"b": [None], "a": [2], "c": [True]}]
    with store.locked():
        for cell, row in zip(planned, rows, strict=True):
            tables = {"squares": {"squares": pd.DataFrame(row)}}
            store.write(cell, CellResult({}, tables))
        found = store.collect(planned)["squares"]
        (store.root / "x").mkdir()
        stored = store.collect_into(planned, store.root / "x")["squares"]
    assert found["a"].tolist() == [1.0, 0.5, 2.0]
    assert found["b"].isna().tolist() == [False, True, True]
    assert found["c"].isna().tolist() == [True, True, False]
    pd.testing.assert_frame_equal(found, stored)


def test_a_table_that_no_cell_has_is_named(store):
    with store.locked(), pytest.raises(RunError, match="no finished cell has a table 'squares'"):
        _ = store.collect(cells(Job(1)))["squares"]
    assert "squares" not in store.collect(cells(Job(1)))


def test_tables_that_cannot_be_one_are_named(store):
    planned = cells(Job(1), Job(2))
    with store.locked():
        for cell, value in zip(planned, ["x", 1], strict=True):
            tables = {"squares": {"squares": pd.DataFrame({"a": [value]})}}
            store.write(cell, CellResult({}, tables))
        with pytest.raises(RunError, match="tables squares of different cells"):
            store.collect(planned)


def test_unwritable_places_are_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be written"):
        write_whole(tmp_path / "file" / "x", "content")
    with pytest.raises(RunError, match="cannot be written"), Store(tmp_path / "file").locked():
        pass


def test_a_record_comes_back_or_is_called_damaged(tmp_path):
    store = Store(tmp_path)
    with pytest.raises(RunError, match="no run here"):
        store.record()
    store.write_record({"study": "Größe", "seeds": [1, 2]})
    assert store.record() == {"study": "Größe", "seeds": [1, 2]}
    path = tmp_path / "running.json"
    assert "Größe" in path.read_text(encoding="utf-8")
    content = path.read_bytes()
    for at in (10, len(content) // 2, content.index(b"sha256") + 20):
        path.write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])
        with pytest.raises(RunError, match="damaged"):
            store.record()


def test_what_is_written_everybody_may_read(tmp_path):
    write_whole(tmp_path / "table", b"1")
    assert (tmp_path / "table").stat().st_mode & 0o777 == 0o644
