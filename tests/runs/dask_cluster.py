"""Real Dask processes on the loopback interface, ended by their process numbers."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]

QUICK = {
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "10s",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "5s",
}


def start(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.Popen:
    """`dask scheduler` or `dask worker`, which can import lowcap and the tests."""
    paths = [os.environ.get("PYTHONPATH", ""), str(ROOT / "src"), str(ROOT)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))} | QUICK
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        env=environment | dict(env or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_end_with_the_tests if sys.platform == "linux" else None,
    )


def _end_with_the_tests() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


@contextmanager
def scheduler(folder: Path) -> Iterator[tuple[str, subprocess.Popen]]:
    """A scheduler at a free port of 127.0.0.1: its address, and its process."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "scheduler.json"
    process = start(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
        "--scheduler-file", str(file),
    )  # fmt: skip
    try:
        while process.poll() is None:
            if file.exists() and (text := file.read_text()).strip().endswith("}"):
                break
            time.sleep(0.05)
        yield json.loads(text)["address"], process
    finally:
        end(process)


@contextmanager
def worker(
    address: str, folder: Path, threads: int = 1, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen]:
    """A worker of a scheduler, which it ends with."""
    process = start(
        "worker", address, "--nthreads", str(threads), "--no-nanny", "--no-dashboard",
        "--host", "127.0.0.1", "--local-directory", str(folder), "--death-timeout", "60",
        env=env,
    )  # fmt: skip
    try:
        yield process
    finally:
        end(process)
