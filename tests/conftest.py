"""Shared data: a cache of the tests' own, a small synthetic data set, full MNIST if here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from lowcap.data import Dataset, Task, pair_task
from tests.balance import DearestFirst, dearest_first

# Workers of pytest-xdist do not fight for cores: one each, one thread each, as in a real run.
if (worker := os.environ.get("PYTEST_XDIST_WORKER")) and hasattr(os, "sched_setaffinity"):
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep a file's tests on one worker, under `--dist loadgroup`."""
    if config.getvalue("dist") == "loadgroup":
        return DearestFirst(config, log)
    return None


def pytest_collection_modifyitems(config, items):
    """Begin with what takes longest, where there are several workers."""
    if hasattr(config, "workerinput"):
        dearest_first(items)


# The first example compiles; no test asserts a time.
settings.register_profile("lowcap", deadline=None, derandomize=True)
settings.load_profile("lowcap")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Keep downloads, the parsed built-in data and compiled code out of the user's cache."""
    root = tmp_path_factory.getbasetemp().parent  # shared by pytest-xdist's workers
    cache = root / "lowcap-cache"
    previous = os.environ.get("LOWCAP_CACHE")
    os.environ["LOWCAP_CACHE"] = str(cache)
    yield cache
    if previous is None:
        del os.environ["LOWCAP_CACHE"]
    else:
        os.environ["LOWCAP_CACHE"] = previous


def synthetic(images: int = 120, side: int = 6, classes: int = 3, seed: int = 0) -> Dataset:
    """Blobs at a class's own place, noise elsewhere, and a border that is always 0."""
    rng = np.random.default_rng(seed)
    labels = np.arange(images) % classes
    pictures = rng.integers(0, 120, (images, side, side))
    pictures[np.arange(images), 1 + labels, 1 + labels] = 255
    pictures[:, [0, -1], :] = 0
    pictures[:, :, [0, -1]] = 0
    flat = pictures.reshape(images, -1).astype(np.uint8)
    cut = images * 3 // 4
    return Dataset("synthetic", flat[:cut], labels[:cut], flat[cut:], labels[cut:], (side, side))


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return synthetic()


@pytest.fixture(scope="session")
def task(dataset) -> Task:
    return pair_task(dataset, 0, 1)


@pytest.fixture(scope="session")
def split(task):
    return task.split(seed=0)


COMMAND = [
    "run", "low-capacity", "--tasks", "0-1", "4-9", "--hidden", "12", "24", "48", "64",
    "--seeds", "2", "--epochs", "8", "--least-steps", "20",
]  # fmt: skip


@pytest.fixture(scope="session")
def command_run(tmp_path_factory):
    """A run of `COMMAND` in a process of its own: its folder, and the process that ended.

    It takes a minute, so the files that read it share a worker; see `tests.balance.TOGETHER`.
    """
    out = tmp_path_factory.mktemp("command") / "run"
    process = subprocess.run(
        [sys.executable, "-m", "lowcap.cli", *COMMAND, "--workers", "1", "--out", out],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    return out, process


@pytest.fixture(scope="module")
def browser():
    """A real browser without a window, or a skip."""
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed, so that no real browser can open the page")
    with sync.sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield found
        found.close()


@pytest.fixture(scope="session")
def full_data() -> Path:
    """The folder with the full MNIST files, or a skip."""
    folder = os.environ.get("LOWCAP_DATA")
    if not folder or not (Path(folder) / "mnist").is_dir():
        pytest.skip("full MNIST is not here: name its folder in LOWCAP_DATA")
    return Path(folder)
