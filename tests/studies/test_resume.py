"""Killed at any moment and started again, a run has the tables of an undisturbed one."""

import os
import random
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from benchmarks.torture import torture

from lowcap.studies.low_capacity.settings import Settings
from lowcap.studies.low_capacity.study import STUDY
from lowcap.studies.study import command_line, conduct

SETTINGS = Settings(tasks=("0-1", "4-9", "3-8"), hidden=(2, 8), seeds=2, epochs=20, least_steps=60)
CLAIMS = ("graceful",)
RUN = [sys.executable, "-m", "lowcap.cli",
       *command_line(STUDY, SETTINGS, claims=CLAIMS).split()[1:], "--workers", "2"]  # fmt: skip


def undisturbed(out):
    """The same run to its end; one worker is as good and starts faster."""
    assert not conduct(STUDY, SETTINGS, out, workers=1, claims=CLAIMS).failures


def cells(out):
    folder = out / "cells"
    return (
        {path.name for path in folder.iterdir() if path.name[0] != "."}
        if folder.exists()
        else set()
    )


def test_kill_and_resume(tmp_path):
    undisturbed(tmp_path / "calm")
    whole = cells(tmp_path / "calm")
    out = tmp_path / "disturbed"
    for number in range(2):
        process = subprocess.Popen(
            [*RUN, "--out", out], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        goal = len(whole) * (number + 1) // 3
        while process.poll() is None and len(cells(out)) < goal:
            time.sleep(0.01)
        time.sleep(random.Random(number).uniform(0, 0.3))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert cells(out) <= whole
    assert cells(out)
    undisturbed(out)
    assert cells(out) == whole
    for path in sorted((tmp_path / "calm" / "tables").iterdir()):
        pd.testing.assert_frame_equal(
            pd.read_parquet(path), pd.read_parquet(out / "tables" / path.name)
        )
    claims = [pd.read_parquet(tmp_path / n / "claims.parquet") for n in ("calm", "disturbed")]
    pd.testing.assert_frame_equal(*claims)


def test_an_interrupt_is_one_line_and_keeps_what_is_done(tmp_path):
    out = tmp_path / "run"
    process = subprocess.Popen(
        [*RUN, "--out", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not cells(out):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.strip().splitlines() == [
        "lowcap: interrupted; what was finished is kept, the same command goes on from there"
    ]
    assert cells(out)


@pytest.mark.long
def test_a_real_run_killed_at_random_with_all_its_processes(tmp_path):
    assert torture(tmp_path, kills=4, seed=1) == (4, 4)
