"""Cells of two real runs with their costs and seconds, and a clock on which they run again.

`recorded.csv` holds the cells of `lowcap run low-capacity` and of `lowcap run transfer --dataset
mnist-5k ...` on two cores, with the seconds that their records tell.
"""

import csv
import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lowcap.runs import Cell
from lowcap.runs.order import in_turn


@dataclass(frozen=True)
class Config:
    dataset: str
    task: str
    protocol: str
    purpose: str
    architecture: str
    seed: int
    place: int


def recorded(study: str) -> list[tuple[Cell, float]]:
    """The cells of one study's run, each with its seconds."""
    found = []
    with (Path(__file__).parent / "recorded.csv").open() as stream:
        for place, row in enumerate(csv.DictReader(stream)):
            if row["study"] == study:
                words = [row[n] for n in ("dataset", "task", "protocol", "purpose", "architecture")]
                config = Config(*words, int(row["seed"] or 0), place)
                measures = tuple((name, 1) for name in row["measures"].split())
                cell = Cell(study, config, "data", 1, cost=float(row["cost"]), measures=measures)
                found.append((cell, float(row["seconds"])))
    return found


def played(
    timed: Iterable[tuple[Cell, float]], workers: int, compiling: float = 0.0
) -> list[tuple[float, Cell, float]]:
    """When each cell ends and how long it took, by the clock, in the order in which cells go.

    Args:
        timed: cells and their seconds.
        workers: how many are computed side by side.
        compiling: seconds that the first cell of a kind takes longer in every worker.
    """
    seconds = {cell.fingerprint: taken for cell, taken in timed}
    cells = [cell for cell, _ in timed]
    free, ended, met = [(0.0, worker) for worker in range(workers)], [], set()
    for cell in in_turn(cells):
        now, worker = heapq.heappop(free)
        kind = (worker, cell.cost, cell.measures)
        taken = seconds[cell.fingerprint] + (0 if kind in met else compiling)
        met.add(kind)
        ended.append((now + taken, cell, taken))
        heapq.heappush(free, (now + taken, worker))
    return sorted(ended, key=lambda one: one[0])


def totals(events: Sequence[tuple[float, Cell, float]]) -> float:
    """When the last cell ends."""
    return events[-1][0]
