"""What verified cells cost: python -m benchmarks.verification RUN [RUN ...].

Every cell's contents are hashed when they are written, and checked against these hashes once a run.
Both are done again here for the cells of runs that stand on disk, and their seconds of CPU held
against those that computing the cells took, as they themselves say.
"""

import argparse
import hashlib
import time
from pathlib import Path

import pandas as pd
from rich.console import Console

from lowcap.errors import RunError
from lowcap.runs.cellfile import SUFFIX, check


def measured(run: Path) -> dict[str, str | float]:
    """One row: cells, megabytes, and seconds of computing, of hashing and of checking.

    Raises:
        RunError: it has no cells, or a damaged one.
    """
    paths = sorted((run / "cells").glob(f"*{SUFFIX}"))
    if not paths:
        raise RunError(f"{run}: no run with cells")
    started, computing = time.process_time(), 0.0
    for path in paths:
        header, damaged = check(path, path.stem)
        if damaged:
            raise RunError(f"{path}: damaged; run `lowcap verify {run}`")
        computing += sum(part.seconds for part in header.parts.values())
    checking = time.process_time() - started
    started, size = time.process_time(), 0
    for path in paths:
        content = path.read_bytes()
        size += len(content)
        hashlib.sha256(content).hexdigest()
    hashing = time.process_time() - started
    return {
        "run": run.name, "cells": len(paths), "MB": size / 1e6, "computing": computing,
        "hashing": hashing, "checking": checking,
        "share, %": 100 * (hashing + checking) / computing,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    table = pd.DataFrame([measured(run) for run in parser.parse_args().runs])
    Console(width=100).print(table.round(3).to_string(index=False), highlight=False)


if __name__ == "__main__":
    main()
