"""Damage anywhere in a run is noticed: computed again, or named by `lowcap verify`."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from lowcap.cli import main
from lowcap.errors import RunError
from lowcap.studies import NAMES
from lowcap.studies.study import conduct, rebuild
from tests.claims import toy


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(NAMES, "toy", "tests.claims.toy")


def go(out, **settings):
    with ThreadPoolExecutor(1) as executor:
        return conduct(
            toy.STUDY, toy.Settings(**settings), out, workers=1, executor=executor
        )  # fmt: skip


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(NAMES, "toy", "tests.claims.toy")
        out = tmp_path_factory.mktemp("toy") / "run"
        go(out, seeds=2)
    return out


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "run", symlinks=True)


def said(capsys, *arguments):
    """The lines of complaint of a command, and its status."""
    capsys.readouterr()
    status = main([*map(str, arguments)])
    return status, capsys.readouterr().err.strip().splitlines()


def tables(run):
    found = {path.name: pd.read_parquet(path) for path in sorted((run / "tables").iterdir())}
    return found | {"claims": pd.read_parquet(run / "claims.parquet")}


def assert_same(one, other):
    assert set(one) == set(other)
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, other[name])


def stored(run):
    """Every file of a run that has content, links apart."""
    paths = [path for path in run.rglob("*") if path.is_file() and not path.is_symlink()]
    real = {path.resolve(): path for path in paths if path.stat().st_size}
    return sorted(path.relative_to(run.resolve()) for path in real)


def test_a_whole_run_has_nothing_wrong(run, capsys):
    assert said(capsys, "verify", run) == (0, [])


def test_a_bit_flipped_anywhere_is_noticed(finished, tmp_path, capsys):
    """In a cell it is computed again; in what is shown `lowcap verify` names it, and mends it."""
    whole, names = tables(finished), stored(finished)
    assert len(names) > 12
    generator = np.random.default_rng(0)
    run = shutil.copytree(finished, tmp_path / "run", symlinks=True)
    for name in names:
        path = run / name
        content = bytearray(path.read_bytes())
        before = bytes(content)
        at = generator.integers(len(content))
        content[at] ^= 1 << generator.integers(8)
        path.write_bytes(content)
        status, lines = said(capsys, "verify", run)
        assert status == 1, name
        assert any(path.name in line for line in lines), name
        path.write_bytes(before)
    for name in names:  # all cells at once, and all of what is shown
        path = run / name
        content = bytearray(path.read_bytes())
        content[generator.integers(len(content))] ^= 1
        path.write_bytes(content)
    said(capsys, "verify", run, "--repair")
    go(run, seeds=2)
    assert_same(tables(run), whole)
    assert said(capsys, "verify", run) == (0, [])


def test_a_damaged_cell_is_computed_again_with_one_line(run, caplog):
    whole = tables(run)
    paths = sorted((run / "cells").iterdir())
    for path in paths[:3]:
        path.write_bytes(path.read_bytes()[:-3])
    go(run, seeds=2)
    (line,) = caplog.messages
    assert line.startswith(f"{paths[0].parent}")
    assert line.endswith("(and 2 more); computed again")
    assert_same(tables(run), whole)


def test_a_report_leaves_damaged_cells_out_and_says_so_in_one_line(run, caplog):
    path = sorted((run / "cells").iterdir())[0]
    path.write_bytes(b"")
    found = rebuild(run, workers=1)
    (line,) = caplog.messages
    assert line.startswith(f"{path}: damaged, it is empty: 1 of 12 cells are left out")
    assert len(found.tables["scores"]) == 11
    assert "11 of 12" in found.report.read_text(encoding="utf-8")


def test_a_report_after_an_early_interrupt_is_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        "lowcap.studies.study.execute", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        go(tmp_path / "run", seeds=2)
    status, lines = said(capsys, "report", tmp_path / "run")
    assert status == 1
    assert lines[-1].endswith("no finished cell to report on")
    assert not list(tmp_path.rglob("report.html"))


def test_a_report_of_too_little_is_one_line(run, monkeypatch, capsys):
    def lacking(tables, settings):
        return list(tables["capacity"]["protocol"].unique())

    monkeypatch.setattr(f"{toy.__name__}.STUDY", replaced(conditions=lacking))
    page = (run / "report.html").read_bytes()
    status, (line,) = said(capsys, "report", run)
    assert status == 1
    assert "no finished cell has a table 'capacity'" in line
    assert (run / "report.html").read_bytes() == page


def replaced(**changes):
    from dataclasses import replace

    return replace(toy.STUDY, **changes)


def test_an_interrupt_while_publishing_shows_the_old_run(run, monkeypatch, capsys):
    whole = tables(run)

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("lowcap.studies.publish.with_rates", interrupted)
        with pytest.raises(KeyboardInterrupt):
            go(run, seeds=3)
    assert_same(tables(run), whole)
    assert main(["verify", str(run)]) == 0
    assert "; the run is not finished, the same command goes on" in _joined(capsys)
    assert json.loads((run / "run.json").read_bytes())["settings"]["seeds"] == 2
    assert rebuild(run, workers=1).tables["scores"]["seed"].nunique() == 3
    assert not (run / "running.json").exists()
    assert main(["verify", str(run)]) == 0
    assert "not finished" not in _joined(capsys)


def _joined(capsys):
    """What was said, without the terminal's line breaks."""
    return " ".join(capsys.readouterr().out.split())


def test_a_damaged_record_is_written_anew_with_one_line(run, caplog):
    whole = tables(run)
    (run / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunError, match=r"run\.json: damaged"):
        rebuild(run)
    go(run, seeds=2)
    (line,) = caplog.messages
    assert "run.json: damaged" in line
    assert line.endswith("written anew")
    assert_same(tables(run), whole)


def test_verify_says_what_is_missing_and_what_is_left(run, capsys):
    (run / "claims.parquet").resolve().unlink()
    sorted((run / "cells").iterdir())[0].unlink()
    (run / "published" / ".partial-x").mkdir()
    (run / "cells" / "old").mkdir()
    status, lines = said(capsys, "verify", run)
    assert status == 1
    for part in ("claims.parquet: missing", "1 of 12 cells are not here", "interrupted writer",
                 "old: no cell of this version"):  # fmt: skip
        assert sum(part in line for line in lines) == 1
    said(capsys, "verify", run, "--repair")
    assert not (run / "published" / ".partial-x").exists()
    assert (run / "cells" / "old").exists()


def test_verify_of_what_is_no_run_is_one_line(tmp_path, capsys):
    status, (line,) = said(capsys, "verify", tmp_path)
    assert status == 1
    assert "no run here" in line


def test_verify_of_what_lowcap_small_writes(tmp_path, capsys):
    from lowcap.small.export.manifest import write_folder

    out = tmp_path / "small"
    files = {"answer.json": "{}", "report.html": "page", "explorer.html": "played"}
    write_folder(out, files, "digest")
    write_folder(out / "export", {"model.h": "code"}, "digest")
    assert said(capsys, "verify", out) == (0, [])
    (out / "explorer.html").write_text("written again")
    assert said(capsys, "verify", out) == (0, [])
    (out / "report.html").write_text("other")
    (out / "export" / "model.h").unlink()
    status, lines = said(capsys, "verify", out)
    assert status == 1
    assert len(lines) == 2
    said(capsys, "verify", out, "--repair")
    assert not (out / "report.html").exists()
    (out / "manifest.json").write_bytes(b"\xff")
    status, (line,) = said(capsys, "verify", out)
    assert "remove the directory" in line


def test_names_beyond_ascii_need_no_locale(run, tmp_path):
    """Files are UTF-8 wherever they are read, whatever the terminal speaks."""
    out = run.rename(tmp_path / "größe-数")
    code = (
        "import os, sys; from lowcap.cli import main; from lowcap.studies import NAMES\n"
        "NAMES['toy'] = 'tests.claims.toy'\n"
        "out = os.fsdecode(bytes.fromhex(sys.argv[1]))\n"
        "sys.exit(main(['verify', out]) or main(['report', out]))"
    )
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, os.fsencode(out).hex()], env=environment,
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not done.stderr
