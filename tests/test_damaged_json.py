"""JSON of runs and exports that is damaged, or whole and strange: one line from every command."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import lowcap
from lowcap.cli import main
from lowcap.errors import LowcapError
from lowcap.runs.store import record_text
from lowcap.studies import NAMES, study
from lowcap.studies.study import conduct
from tests.claims import toy
from tests.explorer.made import row_run
from tests.test_json_files import STRANGE

VALUES = (None, True, -1, 2.5, "", "x", [], [None], [[]], {}, {"x": 1}, 10**30)
"""What stands for something else in turn."""


class Accepted(Exception):
    """A record that was about to be published from."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(NAMES, "toy", "tests.claims.toy")
        out = tmp_path_factory.mktemp("toy") / "run"
        with ThreadPoolExecutor(1) as executor:
            conduct(toy.STUDY, toy.Settings(seeds=2), out, workers=1, executor=executor)
    return out


@pytest.fixture
def run(finished, tmp_path, monkeypatch):
    monkeypatch.setitem(NAMES, "toy", "tests.claims.toy")
    return shutil.copytree(finished, tmp_path / "run", symlinks=True)


def changes(whole: Any) -> Iterator[Any]:
    """The same with each of its parts in turn taken out, or another value in its place."""
    if isinstance(whole, dict):
        for name in whole:
            yield {other: one for other, one in whole.items() if other != name}
            for value in VALUES:
                yield whole | {name: value}
            for changed in changes(whole[name]):
                yield whole | {name: changed}
    elif isinstance(whole, list):
        for place, one in enumerate(whole[:2]):
            for changed in (*VALUES, *changes(one)):
                yield [*whole[:place], changed, *whole[place + 1 :]]


def some(whole: Any, most: int) -> list[Any]:
    """About so many of its changes, from its beginning to its end."""
    found = list(changes(whole))
    return found[:: max(1, len(found) // most)]


SHARES = [40, pytest.param(10**6, marks=pytest.mark.long)]
"""How many changes are tried, and all of them."""


def said(capsys, *arguments) -> tuple[int, list[str]]:
    """The status of a command, and its complaints, each of which is a line of its own."""
    capsys.readouterr()
    status = main([*map(str, arguments)])
    lines = capsys.readouterr().err.strip().splitlines()
    assert all(line.startswith("lowcap: ") for line in lines)
    return status, lines


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_a_damaged_record_is_one_line(run, content, capsys):
    (run / "published/current/run.json").write_bytes(content)
    for command in ("report", "explore"):
        status, lines = said(capsys, command, run)
        assert (status, len(lines)) == (1, 1), command
        assert "run.json: damaged" in lines[0]
    assert said(capsys, "calibrate", "low-capacity", "--run", run)[0] == 1
    assert said(capsys, "verify", run)[0] == 1
    with pytest.raises(LowcapError, match="damaged"):
        lowcap.open(run)


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_a_damaged_list_of_what_is_shown_is_named(run, content, capsys):
    (run / "published/current/published.json").write_bytes(content)
    status, lines = said(capsys, "verify", run)
    assert status == 1
    assert "published.json" in lines[0]


@pytest.mark.parametrize("most", SHARES)
def test_a_record_that_is_whole_and_tells_something_else(run, most, monkeypatch, capsys):
    """Each part of it in turn; what is accepted is what a run may well be."""

    def stop(*_, **__):
        raise Accepted

    monkeypatch.setattr(study, "publish", stop)
    path = run / "published/current/run.json"
    whole = {k: v for k, v in json.loads(path.read_text()).items() if k != "sha256"}
    whole["versions"] = {"python": "3"}
    whole |= {"looks": [whole["settings"]], "pending": whole["settings"], "claims": ["easy-claim"]}
    accepted = tried = 0
    for record in some(whole, most):
        path.write_text(record_text(record))
        tried += 1
        try:
            status, lines = said(capsys, "report", run)
        except Accepted:
            accepted += 1
            assert record["study"] == "toy"
            assert isinstance(record["settings"], dict)
            texts = [one[part] for one in record["data"] for part in ("name", "sha256")]
            assert all(isinstance(text, str) for text in texts)
        else:
            assert status == 1
            assert len(lines) == 1
            with pytest.raises(LowcapError):
                lowcap.open(run)
        if tried % 10 == 0:
            assert said(capsys, "verify", run)[0] == 1
            assert said(capsys, "explore", run)[0] == 1
    assert tried >= 40
    assert accepted < tried / 2


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    out = tmp_path_factory.mktemp("small") / "run"
    row_run(out)
    return out


@pytest.mark.parametrize("name", ["answer.json", "columns.json", "manifest.json"])
@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_a_damaged_file_of_small_is_one_line(small, tmp_path, name, content, capsys):
    out = shutil.copytree(small, tmp_path / "run")
    (out / name).write_bytes(content)
    for digested in (False, True):
        if digested and name != "manifest.json":
            renewed(out, name)
        for command in ("export", "explore", "check"):
            status, lines = said(capsys, command, out)
            assert status == 1
            assert len(lines) == 1
        assert said(capsys, "verify", out)[0] == int(not digested or name == "manifest.json")


def renewed(folder, name: str) -> None:
    """Note the digest of a file as it is now."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("name", ["answer.json", "columns.json", "manifest.json"])
@pytest.mark.parametrize("most", SHARES)
def test_files_of_small_that_are_whole_and_tell_something_else(small, tmp_path, name, most, capsys):
    out = shutil.copytree(small, tmp_path / "run")
    whole = json.loads((out / name).read_text())
    if "columns" in whole:
        whole["columns"] = whole["columns"][:3]
    kept = (out / "manifest.json").read_text()
    for number, changed in enumerate(some(whole, most)):
        (out / "manifest.json").write_text(kept)
        (out / name).write_text(json.dumps(changed))
        if name != "manifest.json":
            renewed(out, name)
        command = ("explore", ("export", "--to", "safetensors", "--out", tmp_path / "export"))
        one = command[number % 2]
        arguments = (one, out) if isinstance(one, str) else (one[0], out, *one[1:])
        status, lines = said(capsys, *arguments)
        assert (status, len(lines)) in ((0, 0), (1, 1))
        (out / "explorer.html").unlink(missing_ok=True)
