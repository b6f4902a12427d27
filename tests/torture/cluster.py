"""A Dask cluster in two network namespaces whose workers are killed every few seconds.

    sudo python -m tests.torture.cluster [--kills 20] [--seconds 8]

The scheduler and the planning process live in one namespace, the workers in another, joined by a
bridge that this script makes, checks, and removes again. Nothing else is spoken to. The tables
must be, bit by bit, those of a run on this machine alone.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
NAMES = ("lowcap-head", "lowcap-hands")
BRIDGE = "lowcap-bridge"
ADDRESSES = ("10.203.117.1", "10.203.117.2")
"""Private, and known inside the two namespaces only."""
PORT = 8786
SCHEDULER = f"tcp://{ADDRESSES[0]}:{PORT}"
WORKERS = 2
STUDY = ["low-capacity", "--tasks", "0-1", "4-9", "3-8", "--hidden", "2", "8",
         "--seeds", "2", "--epochs", "20", "--claims", "graceful"]  # fmt: skip


def ip(*arguments: str) -> str:
    done = subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
    return done.stdout


@contextlib.contextmanager
def two_namespaces() -> Iterator[None]:
    """Two namespaces with one interface each, on one bridge; gone afterwards."""
    try:
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("link", "set", BRIDGE, "up")
        for number, (name, address) in enumerate(zip(NAMES, ADDRESSES, strict=True)):
            ip("netns", "add", name)
            outside, inside = f"lowcap-o{number}", f"lowcap-i{number}"
            ip("link", "add", outside, "type", "veth", "peer", "name", inside)
            ip("link", "set", outside, "master", BRIDGE)
            ip("link", "set", outside, "up")
            ip("link", "set", inside, "netns", name)
            ip("-n", name, "addr", "add", f"{address}/24", "dev", inside)
            ip("-n", name, "link", "set", inside, "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield
    finally:
        for number, name in enumerate(NAMES):
            for words in (["link", "del", f"lowcap-o{number}"], ["netns", "del", name]):
                subprocess.run(["ip", *words], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", BRIDGE], check=False, capture_output=True)


def check_up(seconds: float = 10) -> None:
    """Every link that was made is up, before anything is sent through it; else the end."""
    left = time.monotonic() + seconds
    while True:
        states = {BRIDGE: _state("-j", "link", "show", BRIDGE)}
        for number, name in enumerate(NAMES):
            states[f"lowcap-o{number}"] = _state("-j", "link", "show", f"lowcap-o{number}")
            inside = f"lowcap-i{number}"
            states[inside] = _state("-n", name, "-j", "link", "show", inside)
        if all(state == "UP" for state in states.values()):
            print("all up:", ", ".join(states))
            return
        if time.monotonic() > left:
            raise SystemExit(f"not all links are up, so nothing was sent: {states}")
        time.sleep(0.1)


def _state(*arguments: str) -> str:
    return json.loads(ip(*arguments))[0]["operstate"]


def start(namespace: str | None, *arguments: str, log: Path, **env: str) -> subprocess.Popen:
    """A Python program, in a namespace if one is named."""
    inside = ["ip", "netns", "exec", namespace] if namespace else []
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    with log.open("ab") as stream:
        return subprocess.Popen(
            [*inside, sys.executable, "-m", *arguments],
            env=os.environ | {"PYTHONPATH": paths} | env,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )


def end(process: subprocess.Popen) -> None:
    """Kill a program and what it started in its own session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Worker:
    """A Dask worker in its own namespace."""

    def __init__(self, folder: Path, number: int) -> None:
        self.log = folder / f"worker-{number}.log"
        self.process = start(
            NAMES[1], "dask", "worker", SCHEDULER, "--nthreads", "1", "--no-nanny",
            "--no-dashboard", "--host", ADDRESSES[1], "--local-directory", str(folder / "dask"),
            log=self.log, LOWCAP_CACHE=str(folder / "worker-cache"),
        )  # fmt: skip

    def ready(self) -> bool:
        """Whether the scheduler knows it: only the death of such a worker is a trial."""
        return "Registered to" in self.log.read_text()


def start_scheduler(folder: Path) -> subprocess.Popen:
    return start(
        NAMES[0], "dask", "scheduler", "--host", ADDRESSES[0], "--port", str(PORT),
        "--no-dashboard", log=folder / "scheduler.log",
    )  # fmt: skip


def start_run(out: Path, namespace: str | None, *options: str) -> subprocess.Popen:
    log = out.with_suffix(".log")
    return start(namespace, "lowcap.cli", "run", *STUDY, "--out", str(out), *options, log=log)


def torture(folder: Path, kills: int, seconds: float) -> int:
    """Kill workers of one run after the other until so many died; returns the failures."""
    here = folder / "here"
    calm = start_run(here, None, "--workers", "1")
    try:
        assert calm.wait() == 0, here.with_suffix(".log").read_text()
    finally:
        end(calm)
    draw, killed, failures, runs = random.Random(0), 0, 0, 0
    with two_namespaces():
        check_up()
        workers: dict[int, Worker] = {}
        processes = [start_scheduler(folder)]
        try:
            workers = {place: Worker(folder, place) for place in range(WORKERS)}
            while killed < kills:
                runs += 1
                out = folder / f"there-{runs}"
                run = start_run(out, NAMES[0], "--scheduler", SCHEDULER, "--wait", "300")
                processes.append(run)
                while run.poll() is None:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        run.wait(draw.uniform(0.5, 1.5) * seconds)
                    place = draw.randrange(WORKERS)
                    begun = (out / "cells").is_dir() and run.poll() is None
                    if begun and workers[place].ready():
                        end(workers[place].process)
                        killed += 1
                        workers[place] = Worker(folder, WORKERS + killed)
                differs = "" if run.returncode == 0 else out.with_suffix(".log").read_text()
                differs = differs or difference(here, out)
                failures += bool(differs)
                print(f"run {runs}: {killed} workers killed so far; {differs or 'bit-equal'}")
        finally:
            for process in [*processes, *(worker.process for worker in workers.values())]:
                end(process)
    print(f"{runs} runs, {killed} workers killed, {failures} failures")
    return failures


def difference(one: Path, other: Path) -> str:
    """The first table of two runs that is not the same, if any."""
    names = sorted(path.name for path in (one / "tables").iterdir())
    if names != sorted(path.name for path in (other / "tables").iterdir()):
        return "other tables"
    for name in names:
        tables = [pd.read_parquet(run / "tables" / name) for run in (one, other)]
        try:
            pd.testing.assert_frame_equal(*tables, check_exact=True)
        except AssertionError as error:
            return f"{name}: {error}"
    return ""


def main() -> int:
    """Torture, if this is root's process on a machine that has `ip`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=8.0, help="between two kills, about")
    given = parser.parse_args()
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        print("network namespaces need root: run this with sudo", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and clean up
    with tempfile.TemporaryDirectory(prefix="lowcap-torture-") as folder:
        return 1 if torture(Path(folder), given.kills, given.seconds) else 0


if __name__ == "__main__":
    sys.exit(main())
