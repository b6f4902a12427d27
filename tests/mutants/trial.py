"""Tests in a copy of the checkout: once to see what they reach, and once for every mutant."""

import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import sys
from hashlib import sha256
from pathlib import Path

from tests.mutants.mutations import Mutant

HERE = Path(__file__).parents[2]
STARTING = 120.0
"""Seconds to import and collect."""

# A server that has imported the libraries forks for every trial: half a trial is imports otherwise.
FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload([
    "equinox", "jax.numpy", "jaxtyping", "matplotlib.pyplot", "optax", "pandas", "pyarrow.parquet",
    "pytest", "scipy.ndimage", "scipy.stats", "sklearn.manifold", "sklearn.metrics",
    "sklearn.model_selection", "sklearn.neighbors",
])  # fmt: skip


class Copy:
    """A copy of the checkout in which one process works at a time, on one core."""

    def __init__(self, work: Path, number: int):
        self.work, self.root, self.scratch = work, work / f"copy-{number}", work / f"temp-{number}"
        self.log, self.plan = work / f"copy-{number}.log", work / f"copy-{number}.json"
        cores = sorted(os.sched_getaffinity(0))
        self.core = cores[number % len(cores)]
        shutil.rmtree(self.root, ignore_errors=True)
        without = shutil.ignore_patterns(".*", "build", "dist", "shared")
        shutil.copytree(HERE, self.root, ignore=without)

    def run(self, arguments: list[str], limit: float | None = None, **variables: object) -> int:
        """Pytest's exit status; what it prints is in the log."""
        shutil.rmtree(self.scratch, ignore_errors=True)  # with caches that a mutant may have spoilt
        self.scratch.mkdir(parents=True)
        settings = {"PYTHONPATH": self.root / "src", **variables}
        options = ["-q", "-p", "no:cacheprovider", "-p", "tests.mutants.plugin"]
        options += ["--basetemp", str(self.scratch / "pytest"), *arguments]
        process = FORKED.Process(target=pytest_here, args=(self, options, settings))
        process.start()
        process.join(limit)
        with contextlib.suppress(ProcessLookupError):  # ends what a test left behind, too
            os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
        return process.exitcode or 0

    def reach(self, test: Path) -> dict[str, dict]:
        """By test of a file: its seconds and the lines of each file of the package that it runs."""
        shared = [*HERE.glob("src/**/*.py"), *HERE.glob("tests/*.py")]
        beside = [path for path in test.parent.glob("*.py") if not path.match("test_*.py")]
        digest = sha256(b"".join(p.read_bytes() for p in sorted({*shared, *beside, test})))
        out = self.work / f"reach-{test.parent.name}-{test.stem}-{digest.hexdigest()[:12]}.json"
        if not out.exists():
            self.run([str(test.relative_to(HERE))], MUTANTS_REACH=out)
        return json.loads(out.read_text())

    def trial(self, mutant: Mutant, limits: dict[str, float]) -> str:
        """The test that notices the mutant, or during which it died; empty when it lives."""
        path, running = self.root / "src" / mutant.file, self.plan.with_suffix(".running")
        original = path.read_bytes()
        self.plan.write_text(json.dumps(limits))
        running.write_text("import")
        path.write_text(mutant.text)
        try:
            status = self.run(
                ["-x", *sorted({test.split("::")[0] for test in limits if "::" in test})],
                STARTING + sum(limits.values()), MUTANTS_PLAN=self.plan, PYTHONDONTWRITEBYTECODE=1,
            )  # fmt: skip
        finally:
            path.write_bytes(original)
        if status == 0:
            return ""
        summary = self.log.read_text()[-100:]
        ended = status in (1, 2) and (" failed" in summary or " error" in summary)
        return running.read_text() + ("" if ended else " (ended its process, or out of time)")


def pytest_here(copy: Copy, arguments: list[str], settings: dict[str, object]) -> None:
    """Run pytest as if this process had been started in the copy."""
    os.setsid()
    os.sched_setaffinity(0, {copy.core})
    os.chdir(copy.root)
    os.environ.pop("LOWCAP_DATA", None)
    os.environ.update({name: str(value) for name, value in settings.items()})
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in settings
    sys.path[:0] = [str(copy.root), str(copy.root / "src")]
    for name in [n for n in sys.modules if n.split(".")[0] == "tests"]:
        del sys.modules[name]
    with copy.log.open("w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    import pytest

    sys.exit(int(pytest.main(arguments)))
