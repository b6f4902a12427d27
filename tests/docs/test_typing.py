"""The marker `py.typed` reaches a user's editor: pyright sees the types of a user's own file."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

USES = """
import lowcap

split = lowcap.pair_task("mnist-5k", 4, 9).split(seed=0)
fitted = lowcap.fit(lowcap.grid(hidden=[2, 4]), split, epochs=1)
reveal_type(fitted)
reveal_type(fitted.population[0])
lowcap.fit(lowcap.grid(hidden=["two"]), split)
"""


@pytest.mark.long
def test_pyright_knows_the_types_of_the_package(tmp_path):
    if shutil.which("pyright") is None and not _beside("pyright"):
        pytest.skip("pyright is not installed")
    (tmp_path / "user.py").write_text(USES)
    program = _beside("pyright") or "pyright"
    done = subprocess.run(
        [program, "--pythonpath", sys.executable, "user.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert 'Type of "fitted" is "Fitted"' in done.stdout
    assert 'is "Network"' in done.stdout
    assert "reportArgumentType" in done.stdout, "a hidden size in words went unnoticed"
    assert "reportMissingTypeStubs" not in done.stdout


def _beside(name: str) -> str | None:
    """A program in the folder of this Python."""
    return shutil.which(name, path=str(Path(sys.executable).parent))
