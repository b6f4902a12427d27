"""Cells that worker processes can import: they succeed, fail, or die."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import threadpoolctl

from lowcap.errors import DataError
from lowcap.runs import Cell, CellResult


@dataclass(frozen=True)
class Job:
    number: int
    act: str = "work"
    marks: str = ""


MEASURES = (("squares", 1),)


def cells(*jobs: Job, measures: tuple[tuple[str, int], ...] = MEASURES) -> list[Cell]:
    return [Cell("test", job, "data", 1, cost=job.number, measures=measures) for job in jobs]


def compute(cell: Cell, names, files) -> CellResult:
    """A fit keeps the number; its measures are the powers named squares, cubes..."""
    job: Job = cell.config
    new = fit(job) if files is None else None
    (kept,) = (new or files).values()
    tables = {}
    if job.act == "describe":
        return CellResult(new, {name: {name: pd.DataFrame([json.loads(kept)])} for name in names})
    for name in names:
        power = {"squares": 2, "cubes": 3}[name]
        row = {"number": [job.number], name.removesuffix("s"): [int(kept) ** power]}
        tables[name] = {name: pd.DataFrame(row)}
    return CellResult(new, tables, {"fit": 1.0} if new else {name: 0.5 for name in names})


def fit(job: Job) -> dict[str, bytes]:
    if job.marks:
        with (Path(job.marks) / str(job.number)).open("a") as stream:
            stream.write("x")
    if job.act == "fail":
        raise ValueError(f"job {job.number} is impossible\nsecond line")
    if job.act == "die":
        os._exit(9)
    if job.act == "describe":
        return {"worker.json": json.dumps(described()).encode()}
    if job.act == "slow":
        time.sleep(0.2)
    return {"number.txt": str(job.number).encode()}


def described() -> dict[str, str]:
    """What the process of this cell is."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    return {
        "process": str(os.getpid()),
        "parent": str(os.getppid()),
        "cores": " ".join(map(str, sorted(cores))),
        "flags": os.environ.get("XLA_FLAGS", ""),
        "memory": os.environ.get("LOWCAP_MEMORY", ""),
        "pools": str({pool["num_threads"] for pool in threadpoolctl.threadpool_info()}),
    }


TAKEN: list[bytes] = []


def lacks(source: tuple[str, str | None], sha256: str) -> bool:
    """No process has the data until they were sent to it."""
    return not TAKEN


def take(content: bytes, sha256: str) -> None:
    """Refuses what is not as it should be."""
    if content != sha256.encode():
        raise DataError("these are other data")
    TAKEN.append(content)


def compiled() -> None:
    """Nothing is compiled, so no folder is needed."""
