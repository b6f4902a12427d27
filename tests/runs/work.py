"""Cells that worker processes can import: they succeed, fail, or die."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lowcap.runs import Cell, CellResult


@dataclass(frozen=True)
class Job:
    number: int
    act: str = "work"
    marks: str = ""


def cells(*jobs: Job) -> list[Cell]:
    return [Cell("test", job, "data", 1, cost=job.number) for job in jobs]


def compute(cell: Cell) -> CellResult:
    job: Job = cell.config
    if job.marks:
        with (Path(job.marks) / str(job.number)).open("a") as stream:
            stream.write("x")
    if job.act == "fail":
        raise ValueError(f"job {job.number} is impossible\nsecond line")
    if job.act == "die":
        os._exit(9)
    if job.act == "slow":
        time.sleep(0.2)
    table = pd.DataFrame({"number": [job.number], "square": [job.number**2]})
    return CellResult({"squares": table}, {"w": np.full((2, 2), job.number, np.float32)})
