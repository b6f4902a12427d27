"""Runs that go on until their claims are decided, and calibrations of runs, on a toy study."""

import json
import shutil

import pandas as pd
import pytest

from lowcap.claims import SPENDING, judge_looks
from lowcap.cli import main
from lowcap.errors import LowcapError, RunError
from lowcap.runs import execute
from lowcap.studies import NAMES, rounds
from lowcap.studies.calibration import calibrate_run
from lowcap.studies.study import rebuild
from tests.claims import toy
from tests.here import conduct_here
from tests.pages import read_page
from tests.undrawn import undrawn


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(NAMES, "toy", "tests.claims.toy")
    with undrawn():
        yield


@pytest.fixture
def go(tmp_path):
    def conducted(until_decided=None, out="run", **settings):
        return conduct_here(
            toy.STUDY, toy.Settings(**settings), tmp_path / out, until_decided=until_decided
        )

    return conducted


def record(result):
    return json.loads((result.out / "run.json").read_text())


def verdict(claims, task, condition="grows", reading="mean"):
    rows = claims.set_index(["claim", "condition", "reading"])
    return rows.loc[(f"{task}-claim", condition, reading)]


def test_seeds_are_added_only_where_primary_verdicts_are_open(go):
    once = go(out="once")
    assert verdict(once.claims, "open")["verdict"] == "undecided"
    assert "seeds would decide it (4 now)" in verdict(once.claims, "open")["finding"]
    result = go(until_decided=10)
    counts = result.tables["scores"].groupby(["protocol", "task"])["seed"].nunique()
    looks = record(result)["looks"]
    assert 1 < len(looks) <= len(SPENDING)
    assert counts["grows", "easy"] == counts["grows", "hard"] == 4
    assert counts["grows", "open"] == 4 * 2 ** (len(looks) - 1)
    assert (counts["stays"] == 4).all()
    found = verdict(result.claims, "open")
    assert found["verdict"] == "holds"
    assert (found["look"], found["looks"]) == (len(looks), len(SPENDING))
    assert verdict(result.claims, "easy")["look"] == 1
    for other in (("grows", "other"), ("stays", "mean")):
        assert verdict(result.claims, "open", *other)[["look", "looks"]].tolist() == [1, 1]


def test_the_same_cells_give_the_same_verdicts(go):
    result = go(until_decided=10)
    page = result.report.read_bytes()
    pd.testing.assert_frame_equal(rebuild(result.out).claims, result.claims)
    assert result.report.read_bytes() == page
    again = go()  # without the option: its looks stay with it
    pd.testing.assert_frame_equal(again.claims, result.claims)
    scores = result.tables["scores"]
    mine = scores[(scores["protocol"] == "grows") & (scores["task"] == "open")]
    looks = [{"scores": mine[mine["seed"] < 4 * 2**i]} for i in range(len(SPENDING))]
    looked = judge_looks(toy.reading("open"), looks)
    assert looked.look == verdict(result.claims, "open")["look"]
    assert looked.decision.interval.low == verdict(result.claims, "open")["low"]


def test_stopped_in_a_round_it_goes_on_with_the_same_look(go, monkeypatch):
    calm = go(until_decided=10, out="calm")
    with monkeypatch.context() as patched:
        checks = iter(range(3))

        def check(clock):
            if next(checks, None) is None:
                raise rounds.TimeUp

        patched.setattr(rounds.Clock, "check", check)
        stopped = go(until_decided=10)
    assert len(record(stopped)["looks"]) == 1
    assert "pending" in record(stopped)
    assert verdict(stopped.claims, "open")["look"] == 1
    pd.testing.assert_frame_equal(rebuild(stopped.out).claims, stopped.claims)
    resumed = go(until_decided=10)
    assert record(resumed)["looks"] == record(calm)["looks"]
    assert "pending" not in record(resumed)
    pd.testing.assert_frame_equal(resumed.claims, calm.claims)


def test_other_settings_start_anew(go):
    go(until_decided=10)
    result = go(seeds=5)
    assert "looks" not in record(result)
    assert (result.claims["looks"] == 1).all()


def test_a_failure_in_a_round_is_told_and_tried_again(go, monkeypatch):
    def broken(cells, compute, store, **options):
        def fails(cell, names, files):
            if cell.config.seed >= 4:
                raise ValueError("out of luck")
            return compute(cell, names, files)

        return execute(cells, fails, store, executor=options["executor"])

    with monkeypatch.context() as patched:
        patched.setattr("lowcap.studies.study.execute", broken)
        result = go(until_decided=10)
    assert "out of luck" in result.failures[0][1]
    assert not go(until_decided=10).failures


@pytest.mark.parametrize("minutes", [-1, 0, float("nan"), float("inf")])
def test_minutes_must_be_some(go, minutes):
    with pytest.raises(LowcapError, match="number of minutes above 0"):
        go(until_decided=minutes)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched, undrawn():
        patched.setitem(NAMES, "toy", "tests.claims.toy")
        out = tmp_path_factory.mktemp("toy") / "run"
        conduct_here(toy.STUDY, toy.Settings(), out)
    return out


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "run")


def test_a_calibration_does_not_depend_on_the_number_of_workers(run):
    one, two = (
        calibrate_run(toy.STUDY, run, simulations=5, workers=workers).calibration
        for workers in (1, 2)
    )
    assert len(one) == 3 * 2 * 2 * 3
    pd.testing.assert_frame_equal(one, two)


def test_a_calibrated_run_shows_its_rates_and_keeps_them(run):
    assert verdict(rebuild(run).claims, "easy")[["simulations"]].isna().all()
    assert f"lowcap calibrate toy --run {run}" in read_page(run / "report.html")
    calibrate_run(toy.STUDY, run, simulations=8, workers=1)
    for name in ("calibration.parquet", "figures/calibration.svg", "figures/calibration.png"):
        assert (run / name).is_file()
    page = (run / "report.html").read_text()
    assert 'href="#calibration"' in page
    assert 'id="calibration"' in page
    assert "This judge errs" in page
    claims = rebuild(run).claims
    assert (claims["simulations"] == 8).all()
    calibrate_run(toy.STUDY, run, simulations=3, claims=["easy-claim"], workers=1)
    claims = pd.read_parquet(run / "claims.parquet")
    assert claims.groupby("claim")["simulations"].first().to_dict() == {
        "easy-claim": 3, "hard-claim": 8, "open-claim": 8,
    }  # fmt: skip


def test_rates_of_the_sequential_procedure_are_its_own(run, go):
    calibrate_run(toy.STUDY, run, simulations=10, looks=True, workers=1)
    assert pd.read_parquet(run / "claims.parquet")["simulations"].isna().all()
    conduct_here(toy.STUDY, toy.Settings(), run, until_decided=10)
    claims = pd.read_parquet(run / "claims.parquet")
    assert verdict(claims, "open")["simulations"] == 10
    assert pd.isna(verdict(claims, "open", "stays")["simulations"])


def test_rates_that_ship_are_joined_by_design(run, tmp_path, monkeypatch):
    table = tmp_path / "rates.csv"
    calibrate_run(toy.STUDY, run, simulations=5, workers=1, out=table)
    calibrate_run(toy.STUDY, run, simulations=6, claims=["easy-claim"], workers=1, out=table)
    shipped = pd.read_csv(table)
    assert len(shipped) == 12
    assert sorted(shipped["simulations"].unique()) == [5, 6]
    assert set(shipped["data"]) == {"mnist-5k"}
    (run / "calibration.parquet").unlink()
    monkeypatch.setattr("lowcap.studies.rates.files", lambda package: tmp_path)
    claims = rebuild(run).claims
    assert claims["simulations"].tolist() == [6] * 4 + [5] * 8
    more = conduct_here(toy.STUDY, toy.Settings(seeds=5), run)
    assert more.claims["simulations"].isna().all()


@pytest.mark.parametrize("content", [b"", b"PAR1 and then nothing", b"x" * 100])
def test_a_damaged_calibration_is_one_line(run, content, capsys):
    (run / "calibration.parquet").write_bytes(content)
    before = (run / "report.html").read_bytes()
    assert main(["report", str(run)]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "calibration.parquet: damaged" in line
    assert (run / "report.html").read_bytes() == before
    calibrate_run(toy.STUDY, run, simulations=2, workers=1)
    assert main(["report", str(run)]) == 0


def test_a_calibration_of_other_columns_is_damaged(run):
    pd.DataFrame({"claim": ["x"]}).to_parquet(run / "calibration.parquet")
    with pytest.raises(RunError, match="damaged"):
        rebuild(run)


def test_damaged_looks_are_one_line(run):
    path = run / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"looks": [{"seeds": "many"}]}))
    with pytest.raises(RunError, match="damaged"):
        rebuild(run)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "unknown study 'nothing': choose low-capacity"),
        (["toy", "--claims", "nothing"], "unknown claim 'nothing': choose easy-claim"),
        (["toy", "--simulations", "0"], "--simulations 0: must be at least 1"),
        (["toy", "--workers", "0"], "--workers 0: must be at least 1"),
        (["toy", "--run", "nowhere"], "no run here"),
        (["toy"], "no run of toy in runs/: make one with 'lowcap run toy'"),
        (["xor", "--run", "RUN"], "holds a run of toy, not of xor"),
    ],
)
def test_impossible_calibrations_are_one_line(run, arguments, message, capsys, monkeypatch):
    monkeypatch.chdir(run.parent)
    files = sorted(path for path in run.rglob("*"))
    assert main(["calibrate", *(str(run) if a == "RUN" else a for a in arguments)]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert message in line
    assert sorted(path for path in run.rglob("*")) == files


def test_a_run_that_holds_too_little_cannot_be_calibrated(tmp_path, go, capsys):
    alone = go(seeds=1)
    assert main(["calibrate", "toy", "--run", str(alone.out), "--simulations", "2"]) == 0
    shutil.rmtree(alone.out / "cells")
    assert main(["calibrate", "toy", "--run", str(alone.out)]) == 1
    assert "no finished cell" in capsys.readouterr().err


def test_the_command_prints_the_rates(run, capsys):
    assert main(["calibrate", "toy", "--run", str(run), "--simulations", "20", "--primary",
                 "--workers", "1"]) == 0  # fmt: skip
    out = capsys.readouterr().out
    assert "easy-claim" in out
    assert "rates lie" in out
    assert "calibration.svg" in out
