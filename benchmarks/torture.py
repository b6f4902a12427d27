"""Kills of a real run at random moments, each resumed: is what it shows at the end bit-equal?

    python -m benchmarks.torture [--kills 100]

The whole group of processes is killed, workers too. Between kills nothing that a reader finds may
be half written, old and new mixed, or false. About a quarter of an hour.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from lowcap.errors import RunError
from lowcap.runs import Store
from lowcap.runs.cellfile import check
from lowcap.runs.published import file_digest

RUN = [sys.executable, "-m", "lowcap.cli", "run", "low-capacity", "--tasks", "0-1", "4-9", "3-8",
       "--hidden", "2", "8", "--seeds", "2", "--epochs", "20", "--claims", "graceful",
       "hard-task-pruning"]  # fmt: skip
SHOWN = ("claims.parquet", "tables/capacity.parquet", "tables/pruning.parquet")


def finish(out: Path) -> float:
    """The run to its end; returns the seconds."""
    started = time.monotonic()
    subprocess.run([*RUN, "--out", str(out)], check=True, capture_output=True)
    return time.monotonic() - started


def killed(out: Path, after: float) -> bool:
    """The run, killed after so many seconds with all its processes; whether it had not ended."""
    process = subprocess.Popen(
        [*RUN, "--out", str(out)], start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def digests(out: Path) -> dict[str, str]:
    """What a run shows, by its content."""
    return {name: file_digest(out / name) for name in SHOWN}


def faults(out: Path, expected: dict[str, str]) -> list[str]:
    """What a reader of the directory would find that is false."""
    found = []
    for path in (out / "cells").glob("*.cell"):
        _, bad = check(path, path.stem)
        found += [f"{path}: {bad}"] * bool(bad)
    shown = {name for name in SHOWN if (out / name).exists()}
    if shown and (shown != set(SHOWN) or digests(out) != expected):
        found.append(f"{out}: shows {sorted(shown)}")
    try:
        published = Store(out).published.files() if shown else {}
    except RunError as error:
        return [*found, str(error)]
    return found + [
        f"{out / name}: not as it was written"
        for name, digest in published.items()
        if not (out / name).is_file() or file_digest(out / name) != digest
    ]


def torture(folder: Path, kills: int, seed: int) -> tuple[int, int]:
    """So many kills; returns how many there were and how many left everything right."""
    generator = random.Random(seed)
    finish(folder / "calm")
    whole = finish(folder / "warm")  # code is compiled now
    expected = digests(folder / "calm")
    out, tries, passed = folder / "disturbed", 0, 0
    while tries < kills:
        if killed(out, generator.uniform(0.3, 1.1 * whole)):
            tries += 1
            wrong = faults(out, expected) if out.exists() else []
            passed += not wrong
            if wrong:
                print(*wrong, sep="\n", file=sys.stderr)
        ended = (out / "claims.parquet").exists()
        if ended or tries == kills:
            finish(out)
            if digests(out) != expected or faults(out, expected):
                print(f"{out}: resumed, it is not as if nothing had happened", file=sys.stderr)
                return tries, 0
            shutil.rmtree(out)
    return tries, passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="lowcap-torture-") as folder:
        tries, passed = torture(Path(folder), arguments.kills, arguments.seed)
    print("| test | tries | passed |\n|---|---|---|")
    print(f"| kill -9 of the whole group of a run, and resume | {tries} | {passed} |")
    return int(passed < tries)


if __name__ == "__main__":
    sys.exit(main())
