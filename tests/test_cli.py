"""What a user types, and what comes back: the status and one clear line."""

import shutil
import subprocess
import sys
from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest

from lowcap.cli import main
from tests.conftest import COMMAND
from tests.pages import read_page
from tests.undrawn import undrawn


def lowcap(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "lowcap.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def complaint(result) -> str:
    """The one line of an expected failure."""
    assert result.returncode != 0
    assert "Traceback" not in result.stderr + result.stdout
    (line,) = result.stderr.strip().splitlines()
    return line


def refusal(capfd, *arguments) -> str:
    """The one line of an expected failure, without a process of its own."""
    capfd.readouterr()
    assert main([*map(str, arguments)]) == 1
    said = capfd.readouterr()
    assert "Traceback" not in said.err + said.out
    (line,) = said.err.strip().splitlines()
    return line


@pytest.fixture(scope="module")
def run(command_run):
    return command_run


def test_run_prints_verdicts_and_the_page(run):
    out, result = run
    lines = result.stdout.splitlines()
    verdicts = ("holds", "fails", "undecided", "not measured", "not measurable this way")
    said = [line for line in lines if line.startswith(tuple(f"  {v} (" for v in verdicts))]
    claims = pd.read_parquet(out / "claims.parquet")
    assert len(said) == claims["primary"].sum()
    assert all(row["finding"] in result.stdout for _, row in claims[claims["primary"]].iterrows())
    assert f"{(~claims['primary']).sum()} other readings are on the page" in result.stdout
    assert f"report: {out / 'report.html'}" in result.stdout
    for name in ("run.json", "claims.parquet", "tables/capacity.parquet", "figures/capacity.svg",
                 "explorer.html"):  # fmt: skip
        assert (out / name).is_file()


def test_tables_have_the_agreed_names(run):
    out, _ = run
    keys = ["study", "protocol", "dataset", "task", "hidden", "learning_rate", "seed"]
    expected = {
        "capacity": ["train_f1_best", "train_loss", "val_loss", "val_f1", "val_auc", "test_f1",
                     "test_auc"],
        "history": ["epoch", "split", "loss", "f1"],
        "pruning": ["rule", "requested_sparsity", "achieved_sparsity", "split", "f1", "auc",
                    "f1_rethreshold", "connected", "dead_neurons", "live_units"],
    }  # fmt: skip
    for name, columns in expected.items():
        table = pd.read_parquet(out / "tables" / f"{name}.parquet")
        assert list(table.columns[: len(keys)]) == keys
        assert set(columns) <= set(table.columns)
        assert set(table["task"]) == {"0-1", "4-9"}
    claims = pd.read_parquet(out / "claims.parquet")
    assert {
        "claim", "condition", "reading", "primary", "statement", "bound", "effect", "low", "high",
        "unit", "verdict", "look", "looks", "finding", "control", "false_holds", "false_fails",
        "power_holds", "power_fails", "simulations",
    } <= set(claims)  # fmt: skip
    networks = pd.read_parquet(out / "tables/capacity.parquet")
    assert len(networks) == 3 * 2 * 4 * 2
    assert not networks.duplicated(keys).any()


def test_second_run_computes_nothing(run, tmp_path):
    out = shutil.copytree(run[0], tmp_path / "run")
    cells = {path: path.stat().st_mtime_ns for path in (out / "cells").rglob("*")}
    with undrawn():
        assert main([*COMMAND, "--out", str(out)]) == 0
    assert cells == {path: path.stat().st_mtime_ns for path in (out / "cells").rglob("*")}


@pytest.mark.parametrize(
    "drawn", [False, pytest.param(True, marks=pytest.mark.long)], ids=["undrawn", "drawn"]
)
def test_report_needs_only_the_cells(run, drawn, tmp_path, monkeypatch):
    out = shutil.copytree(run[0], tmp_path / "run", symlinks=True)
    shown = ["claims.parquet", *(["report.html"] if drawn else [])]
    kept = {name: (out / name).read_bytes() for name in shown}
    before = pd.read_parquet(out / "tables/pruning.parquet")
    for name in kept:
        (out / name).unlink()
    for path in (out / "tables").iterdir():
        path.unlink()
    monkeypatch.setenv("LOWCAP_DATA", "/nonexistent")
    with nullcontext() if drawn else undrawn():
        assert main(["report", str(out)]) == 0
    assert (out / "report.html").is_file()
    pd.testing.assert_frame_equal(before, pd.read_parquet(out / "tables/pruning.parquet"))
    assert {name: (out / name).read_bytes() for name in kept} == kept


def test_another_data_set_into_the_same_run_is_refused(run, tmp_path, capfd):
    out, _ = run
    rng = np.random.default_rng(0)
    np.savez(
        tmp_path / "own.npz",
        images=rng.integers(0, 255, (200, 5, 5), np.uint8),
        labels=np.arange(200) % 10,
    )
    line = refusal(capfd, "run", "low-capacity", "--dataset", tmp_path / "own.npz", "--out", out)
    assert "holds a run of low-capacity on mnist-5k" in line
    assert "--out" in line


def test_own_images_run_end_to_end(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (300, 5, 5), np.uint8)
    labels = np.arange(300) % 2
    images[labels == 1, 2, 2] = 255
    np.savez(tmp_path / "own.npz", images=images, labels=labels)
    arguments = [
        "run", "low-capacity", "--dataset", tmp_path / "own.npz", "--tasks", "0-1", "--hidden",
        "2", "--seeds", "2", "--epochs", "3", "--least-steps", "20", "--workers", "1",
        "--out", tmp_path / "run",
    ]  # fmt: skip
    with undrawn():
        assert main([*map(str, arguments)]) == 0
    assert "own" in (tmp_path / "run" / "report.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "mnsit"], "unknown data set 'mnsit': choose mnist-5k"),
        (["--dataset", "absent.npz"], "no such file"),
        (["--tasks", "4-4"], "must differ"),
        (["--tasks", "1-17"], "no training images of class 17"),
        (["--hidden", "0"], "must be at least 1"),
        (["--epochs", "0"], "--epochs 0: must be at least 1"),
        (["--seeds", "0"], "--seeds 0: must be at least 1"),
        (["--workers", "0"], "--workers 0: must be at least 1"),
        (["--until-decided", "0"], "--until-decided 0: give a number of minutes above 0"),
        (["--until-decided", "-1"], "--until-decided -1: give a number of minutes above 0"),
        (["--until-decided", "nan"], "--until-decided nan: give a number of minutes above 0"),
        (["--out", "/dev/null/run"], "cannot be written"),
    ],
)
def test_impossible_settings_are_one_line(arguments, message, tmp_path, capfd):
    out = () if "--out" in arguments else ("--out", tmp_path / "r")
    assert message in refusal(capfd, "run", "low-capacity", *arguments, *out)
    assert not (tmp_path / "r" / "cells").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sensitivity", "--dataset", "mnist-5k", "--images", "5000"], "cannot draw 5000"),
        (["sensitivity", "--dataset", "mnsit"], "unknown data set 'mnsit'"),
        (["xor", "--hidden", "0"], "--hidden 0: must be at least 1"),
        (["xor", "--dataset", "mnist-5k", "--images", "3"], "--images 3: needs at least two"),
    ],
)
def test_other_studies_refuse_in_one_line_too(arguments, message, tmp_path, capfd):
    assert message in refusal(capfd, "run", *arguments, "--out", tmp_path / "r")
    assert not (tmp_path / "r" / "cells").exists()


def test_a_process_that_refuses_says_one_line_and_has_a_status(tmp_path):
    assert "no run here" in complaint(lowcap("report", tmp_path))
    refused = lowcap("run", "low-capacity", "--dataset", "mnsit", "--out", tmp_path / "r")
    assert "unknown data set 'mnsit'" in complaint(refused)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "unknown study 'nothing': choose low-capacity, sensitivity, xor"),
        (["low-capacity", "--run", "nowhere"], "no run here"),
        (["low-capacity", "--claims", "nothing"], "unknown claim 'nothing': choose"),
    ],
)
def test_calibrate_refuses_in_one_line(arguments, message, capfd):
    assert message in refusal(capfd, "calibrate", *arguments)


def test_the_page_names_the_command_that_redraws_it(run):
    out, _ = run
    assert f"lowcap report {out}" in read_page(out / "report.html")


def test_data_commands(tmp_path, capsys):
    assert main(["data", "list", "--data-dir", str(tmp_path)]) == 0
    assert "mnist-5k" in capsys.readouterr().out
    assert main(["data", "check", "mnist-5k"]) == 0
    assert "whole; 4,000 training and 1,000 test images" in capsys.readouterr().out
    (tmp_path / "bad.npz").write_text("no")
    assert main(["data", "check", str(tmp_path / "bad.npz"), "mnist-5k"]) == 1
    both = capsys.readouterr()
    assert "not a readable" in both.err
    assert "whole" in both.out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["run"],
        ["run", "low-capacity"],
        ["run", "sensitivity"],
        ["run", "xor"],
        ["run", "pairs"],
        ["report"],
        ["verify"],
        ["calibrate"],
        ["bench"],
        ["data"],
        ["data", "list"],
        ["data", "fetch"],
        ["data", "check"],
    ],
)
def test_every_help_has_an_example(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main([*arguments, "--help"])
    assert end.value.code == 0
    out = capsys.readouterr().out
    assert f"lowcap {' '.join(arguments)}" in out
    assert "For example" in out
