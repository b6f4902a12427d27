"""What planning, resuming and publishing cost a cell, in time and memory.

    python -m benchmarks.scale


Cells are synthetic: a fit of two kilobytes and two measures with three tables. A first pass stores
them, a second one does what a run does in whose directory all of them are: it plans them, holds
each file against its SHA-256, and publishes the tables.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from lowcap.runs import Cell, CellResult, Store, write_whole

FIT = np.random.default_rng(0).bytes(2048)


@dataclass(frozen=True)
class Config:
    task: str
    seed: int


def plan(count: int) -> list[Cell]:
    return [
        Cell("scale", Config(f"{n % 10}-{n % 7}", n), "data", 1,
             measures=(("capacity", 1), ("pruning", 1)))
        for n in range(count)
    ]  # fmt: skip


def computed(cell: Cell) -> CellResult:
    config = cell.config
    keys = {"study": "scale", "task": config.task, "seed": config.seed}
    sizes = np.array([2, 4, 8, 16])
    scores = np.sin(config.seed + sizes)
    capacity = pd.DataFrame(keys | {"hidden": sizes, "f1": scores})
    history = pd.DataFrame(
        keys | {"epoch": np.arange(20), "loss": np.cos(config.seed + np.arange(20))}
    )
    pruning = pd.DataFrame(keys | {"hidden": sizes, "rule": "global", "f1": scores / 2})
    tables = {"capacity": {"capacity": capacity, "history": history},
              "pruning": {"pruning": pruning}}  # fmt: skip
    return CellResult({"population.safetensors": FIT}, tables, {"fit": 1.0, "capacity": 0.1})


def store_all(root: Path, count: int) -> None:
    store = Store(root)
    with store.locked():
        for cell in plan(count):
            store.write(cell, computed(cell))


def go_on(root: Path, count: int) -> None:
    store = Store(root)
    with store.locked():
        cells = plan(count)
        missing = [cell for cell in cells if not store.holds(cell)]
        assert not missing, len(missing)
        with store.published.generation() as made:
            tables = store.collect_into(cells, made.tables)
            sum(store.seconds(cell) for cell in cells)
    assert set(tables) == {"capacity", "history", "pruning"}


PASSES = {"store": store_all, "plan, resume, publish": go_on}


def measured(name: str, root: Path, count: int) -> dict[str, float]:
    """Milliseconds a cell and peak memory of one pass, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scale", "--one", name, str(root), str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def one(name: str, root: Path, count: int) -> None:
    """One pass, measured."""
    started, before = time.perf_counter(), time.process_time()
    PASSES[name](root, count)
    print(json.dumps({
        "ms": 1000 * (time.perf_counter() - started) / count,
        "cpu_ms": 1000 * (time.process_time() - before) / count,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--out", type=Path, help="a JSON file for the numbers")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        name, root, count = arguments.one
        one(name, Path(root), int(count))
        return
    rows = []
    print(f"{'cells':>8}  {'pass':<24}{'ms a cell':>10}{'of CPU':>10}{'peak MB':>10}")
    for count in arguments.cells:
        with TemporaryDirectory(prefix="lowcap-scale-") as folder:
            for name in PASSES:
                found = measured(name, Path(folder) / "run", count)
                rows.append({"cells": count, "pass": name, **found})
                print(f"{count:>8,}  {name:<24}{found['ms']:>10.2f}{found['cpu_ms']:>10.2f}"
                      f"{found['peak_mb']:>10.0f}", flush=True)  # fmt: skip
    if arguments.out:
        write_whole(arguments.out, json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
