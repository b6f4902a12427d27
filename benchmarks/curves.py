"""What training costs: python -m benchmarks.curves. Time against members, units, rows, workers."""

import argparse
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from rich.console import Console

from benchmarks.peers import PEERS
from lowcap.bench.cases import PAPER_GRID, Case, workload
from lowcap.bench.contenders import CONTENDERS
from lowcap.bench.measure import timed
from lowcap.bench.processes import Cores
from lowcap.report import QUIET, Figure, panels, styled
from lowcap.runs import default_workers, environment, write_whole

CONTENDING = {
    "lowcap": CONTENDERS["wide"]["lowcap"],
    "PyTorch loop": PEERS["wide"]["PyTorch loop"],
}
AXES = {
    "members": "networks of 16 units",
    "hidden": "hidden units of each of 16 networks",
    "rows": "training images, the paper's eleven sizes",
    "workers": "processes, the paper's eleven sizes",
}
WORK = 3e9
"""Useful operations of one timing, at least: enough not to time the clock."""


def points() -> Iterator[tuple[str, int, Case, Cores]]:
    """Axis, place on it, what to train, and with which cores."""
    base, all_cores = Case("curve", "", (16,), 128, 1, rows=2048), Cores(default_workers())
    for members in (1, 4, 16, 64, 256, 1024):
        yield "members", members, replace(base, seeds=members), all_cores
    for hidden in (1, 4, 16, 64, 256):
        yield "hidden", hidden, replace(base, hidden=(hidden,), seeds=16), all_cores
    for rows in (512, 1024, 2048, 4096, 8192, 16384):
        yield "rows", rows, replace(base, hidden=PAPER_GRID, rows=rows), all_cores
    for workers in range(1, default_workers() + 1):
        case = replace(base, hidden=PAPER_GRID, rows=8192)
        yield "workers", workers, case, Cores(workers)


def measured(repetitions: int) -> pd.DataFrame:
    """One row a point and contender: `axis, value, contender, seconds, slowest, fastest`."""
    rows = []
    for axis, value, case, cores in points():
        enough = math.ceil(WORK / workload(case).operations)
        case = replace(case, name=f"{axis} {value}", epochs=max(2, enough))
        for name, contender in CONTENDING.items():
            times = timed(name, contender.where, case, cores, repetitions)
            rows.append(
                {
                    "axis": axis, "value": value, "contender": name, "seconds": times.median,
                    "slowest": max(times.seconds), "fastest": min(times.seconds),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def figure(table: pd.DataFrame) -> Figure:
    """One panel an axis, both contenders, on log scales."""
    colours = {"lowcap": "#2f74d0", "PyTorch loop": QUIET}
    with styled():
        drawing, grid = panels(1, len(AXES), (11, 3.1), sharey=True)
        for axes, (axis, label) in zip(grid[0], AXES.items(), strict=True):
            for name, rows in table[table["axis"] == axis].groupby("contender", sort=False):
                axes.plot(
                    rows["value"], rows["seconds"], "o-", ms=3.5, color=colours[str(name)],
                    label=name,
                )  # fmt: skip
                axes.fill_between(
                    rows["value"], rows["fastest"], rows["slowest"], color=colours[str(name)],
                    alpha=0.2, lw=0,
                )  # fmt: skip
            axes.set_xscale("log", base=2)
            axes.set_yscale("log")
            axes.set_xticks(table.loc[table["axis"] == axis, "value"].unique())
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
            axes.minorticks_off()
            axes.set_xlabel(label)
        grid[0][0].set_ylabel("seconds an epoch and population")
        grid[0][0].legend()
    return Figure("curves", "What training costs", "Batches of 128 on all cores.", drawing)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()
    table = measured(arguments.repetitions)
    wide = table.pivot_table(index=["axis", "value"], columns="contender", values="seconds")
    wide = wide.assign(times=wide["PyTorch loop"] / wide["lowcap"])
    Console().print(wide.loc[list(AXES)].round(5).to_string(), highlight=False)
    record = {
        "rows": table.round(6).to_dict("records"), **environment(), "torch": version("torch"),
    }  # fmt: skip
    write_whole(arguments.out / "curves.json", json.dumps(record, indent=2) + "\n")
    printed = figure(table).printed()
    write_whole(arguments.out / "curves.svg", printed.svg)
    write_whole(arguments.out / "curves.png", printed.png)


if __name__ == "__main__":
    main()
