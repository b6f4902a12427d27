"""The page's scripts by themselves: node runs their tests against numbers that NumPy made."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.explorer.numbers import numbers

HERE = Path(__file__).parent


def test_scripts_compute_what_numpy_computes(tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed, so that the page's scripts cannot be run by themselves")
    expected = tmp_path / "numbers.json"
    expected.write_text(json.dumps(numbers()))
    found = subprocess.run(
        [node, "--test", *map(str, sorted(HERE.glob("*.test.mjs")))],
        env={**os.environ, "LOWCAP_NUMBERS": str(expected)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert re.search(r"^# pass (?:2[2-9]|[3-9]\d)$", found.stdout, re.M), found.stdout
    assert "# skipped 0" in found.stdout
