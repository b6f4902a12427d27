"""Timings made into a table, a JSON file and a figure."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lowcap.bench.measure import Timing
from lowcap.report import INK, QUIET, Figure, panels, styled
from lowcap.report.palette import BLUE
from lowcap.runs import environment, write_whole


def results(
    timings: Mapping[str, Sequence[Timing]],
    operations: Mapping[str, float],
    limits: Mapping[str, Mapping[str, float]],
    differences: Mapping[str, Mapping[str, float]],
    coarse: Collection[str] = (),
) -> pd.DataFrame:
    """One row a case and contender.

    Args:
        timings: by case.
        operations: useful ones of each case in an epoch.
        limits: by case and product, operations a second; the largest is the case's limit.
        differences: by case and contender, how far its losses differ from lowcap's (see `proven`).
        coarse: contenders whose products are of lower precision, so that they have no share in it.

    Columns: `case, contender, start` (warm or cold), `setting, seconds` (median, for one population
    and epoch; of a cold start, all of it by the number of epochs), `spread` (largest less smallest
    over repetitions, relative to the median), `times` (seconds over lowcap's from the same start),
    `share` (of the case's limit, counting useful operations), `differs` (as given),
    `memory` (MiB).
    """
    rows = []
    for name, each in timings.items():
        base = {t.start: t.median for t in each if t.contender == "lowcap"}
        rate = operations[name] / max(limits[name].values())
        for timing in each:
            rows.append(
                {
                    "case": name,
                    "contender": timing.contender,
                    "start": timing.start,
                    "setting": timing.setting,
                    "seconds": timing.median,
                    "spread": (max(timing.seconds) - min(timing.seconds)) / timing.median,
                    "times": timing.median / base.get(timing.start, np.nan),
                    "share": np.nan if timing.contender in coarse else rate / timing.median,
                    "differs": differences[name].get(timing.contender, np.nan),
                    "memory": timing.memory,
                }
            )
    return pd.DataFrame(rows)


def alarms(table: pd.DataFrame) -> list[str]:
    """One line for each contender that is faster than the limit, which then is none."""
    return [
        f"alarm: {row['contender']} on {row['case']} reaches {row['share']:.0%} of the best "
        "product measured: that product is not the limit, or not all of the work is done"
        for row in table[table["share"] > 1].to_dict("records")
    ]


def write(
    table: pd.DataFrame,
    limits: Mapping[str, Mapping[str, float]],
    out: Path,
    extra: Mapping[str, Any],
) -> None:
    """Write ``benchmark.json``, ``benchmark.svg`` and ``benchmark.png`` into a folder."""
    record = {
        "products_gflops": {
            case: {name: round(rate / 1e9, 1) for name, rate in each.items()}
            for case, each in limits.items()
        },
        "rows": table.round(6).astype(object).where(table.notna(), None).to_dict("records"),
        **environment(),
        **extra,
    }
    write_whole(out / "benchmark.json", json.dumps(record, indent=2) + "\n")
    printed = figure(table).printed()
    write_whole(out / "benchmark.svg", printed.svg)
    write_whole(out / "benchmark.png", printed.png)


def figure(table: pd.DataFrame) -> Figure:
    """Times relative to lowcap, case by case, as bars from 0."""
    cases = list(table["case"].unique())
    across = min(3, len(cases))
    down = -(-len(cases) // across)
    with styled():
        drawing, grid = panels(down, across, (3.7 * across, 2.3 * down + 0.4))
        for axes in grid.flat[len(cases) :]:
            axes.remove()
        for axes, name in zip(grid.flat, cases, strict=False):
            rows = table[table["case"] == name]
            cold = rows["start"] == "cold"
            rows = rows.assign(contender=rows["contender"] + np.where(cold, ", cold", ""))
            ours = rows["contender"].str.startswith("lowcap")
            rows = pd.concat([rows[ours], rows[~ours].sort_values("times")])[::-1]
            colours = np.where(rows["contender"].str.startswith("lowcap"), BLUE, QUIET)
            axes.barh(rows["contender"], rows["times"], color=list(colours), height=0.62)
            for place, value in enumerate(rows["times"]):
                axes.annotate(f"{value:.1f}x", (value, place), xytext=(3, 0), va="center",
                              textcoords="offset points", fontsize=8, color=INK)  # fmt: skip
            axes.set_xlim(0, 1.2 * rows["times"].max())  # bars start at 0: their lengths compare
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}x")
            axes.minorticks_off()
            axes.set_title(name)
        for axes in grid[-1]:
            axes.set_xlabel("time, lowcap from the same start = 1")
    caption = (
        "Time for the same networks, rows, batches and epochs, each contender in its best setting "
        "on the same cores. A cold start counts imports and compiling."
    )
    return Figure("benchmark", "lowcap beside its peers", caption, drawing)
