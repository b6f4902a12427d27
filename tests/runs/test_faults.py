"""Whatever event of the file system fails, nothing is lost and nothing false is shown."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="each try is a forked process")


def counted(folder, *how):
    done = subprocess.run(
        [sys.executable, "-m", "tests.runs.faults", str(folder), *how],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_event_may_be_the_last_or_find_the_disk_full(tmp_path):
    counts = counted(tmp_path)
    assert len(counts) == 2
    assert min(counts.values()) > 40


@pytest.mark.long
def test_every_event_may_fail_in_every_way(tmp_path):
    counts = counted(tmp_path, "all")
    assert len(counts) == 6
    assert min(counts.values()) > 40
