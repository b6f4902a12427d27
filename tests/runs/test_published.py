"""What a run shows changes all at once, and nothing of a user's is touched by that."""

import os
import shutil

import pytest

from lowcap.errors import RunError
from lowcap.runs import Store
from lowcap.runs.published import PLACES


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "run")
    with store.locked():
        yield store


def publish(store, word, tables=("a",), figures=("f",)):
    with store.published.generation() as made:
        for name in tables:
            made.write(f"tables/{name}.parquet", f"{word} {name}")
        for name in figures:
            made.write(f"figures/{name}.svg", f"{word} {name}")
        for name in ("claims.parquet", "report.html", "run.json"):
            made.write(name, word)


def shown(root):
    """Every file at a documented place, with its content."""
    found = {}
    for name in PLACES:
        place = root / name
        for path in sorted(place.iterdir()) if place.is_dir() else [place] * place.is_file():
            found[str(path.relative_to(root))] = path.read_text(encoding="utf-8")
    return found


def expected(word, tables=("a",), figures=("f",)):
    return (
        {f"tables/{name}.parquet": f"{word} {name}" for name in tables}
        | {f"figures/{name}.svg": f"{word} {name}" for name in figures}
        | {name: word for name in ("claims.parquet", "report.html", "run.json")}
    )


@pytest.fixture(params=["links", "no links"])
def way(request, monkeypatch):
    if request.param == "no links":

        def refused(*names):
            raise OSError(1, "Operation not permitted")

        monkeypatch.setattr(os, "symlink", refused)
    return request.param


def test_a_new_one_takes_the_place_of_all_of_the_old(store, way):
    publish(store, "old", ("a", "b"), ("f", "g"))
    assert shown(store.root) == expected("old", ("a", "b"), ("f", "g"))
    publish(store, "new", ("b", "c"), ("f",))
    assert shown(store.root) == expected("new", ("b", "c"), ("f",))
    assert set(store.published.files()) == set(expected("new", ("b", "c"), ("f",)))
    assert not store.published.leftovers()


def test_what_a_user_put_beside_it_stays(store, way):
    publish(store, "old")
    (store.root / "figures" / "notes.txt").write_text("mine")
    (store.root / "tables" / "more").mkdir()
    (store.root / "tables" / "more" / "x").write_text("mine")
    publish(store, "new", figures=("g",))
    publish(store, "newer")
    assert (store.root / "figures" / "notes.txt").read_text() == "mine"
    assert (store.root / "tables" / "more" / "x").read_text() == "mine"
    assert sorted(os.listdir(store.root / "figures")) == ["f.svg", "notes.txt"]


def test_a_failure_while_it_is_made_shows_the_old_one(store, way):
    publish(store, "old")
    with pytest.raises(RunError, match="cannot be written"), store.published.generation() as made:
        made.write("nowhere/report.html", "new")
    assert shown(store.root) == expected("old")
    assert not list(store.root.rglob(".partial-*"))


def test_what_earlier_versions_wrote_is_replaced(store, way):
    for name in ("tables", "figures"):
        (store.root / name).mkdir()
        (store.root / name / "old.png").write_text("old")
        (store.root / name / "notes.txt").write_text("mine")
    (store.root / "report.html").write_text("old")
    publish(store, "new")
    mine = {f"{name}/notes.txt": "mine" for name in ("tables", "figures")}
    assert shown(store.root) == expected("new") | mine


def test_a_folder_that_a_user_linked_to_is_not_written_to(store, tmp_path, way):
    if way == "no links":
        pytest.skip("there are none")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "theirs.parquet").write_text("theirs")
    (store.root / "tables").symlink_to(elsewhere)
    publish(store, "new")
    assert os.listdir(elsewhere) == ["theirs.parquet"]
    assert shown(store.root) == expected("new")


@pytest.mark.parametrize("links", [True, False])
def test_a_copy_shows_the_same_and_can_be_published_again(store, tmp_path, links):
    publish(store, "old")
    (store.root / "tables" / "notes.txt").write_text("mine")
    copy = Store(shutil.copytree(store.root, tmp_path / "copy", symlinks=links))
    shutil.rmtree(store.root)
    mine = {"tables/notes.txt": "mine"}
    assert shown(copy.root) == expected("old") | mine
    assert copy.published.files()
    with copy.locked():
        publish(copy, "new")
    assert shown(copy.root) == expected("new") | mine


def test_a_list_that_was_changed_is_called_so(store):
    publish(store, "old")
    path = store.published.folder / "published.json"
    whole = path.read_bytes()
    for content in (b"", b"[]", b"\xff", whole.replace(b"tables", b"fables")):
        path.write_bytes(content)
        with pytest.raises(RunError, match=r"published\.json"):
            store.published.files()
    path.unlink()
    with pytest.raises(RunError, match="nothing is published here"):
        store.published.files()
