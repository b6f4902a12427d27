"""A whole benchmark: time, show, write."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from lowcap.bench.cases import CASES, workload
from lowcap.bench.contenders import Contender
from lowcap.bench.limit import PRODUCTS, SQUARE, own_shapes, rates
from lowcap.bench.measure import Timing, benchmark
from lowcap.bench.proof import COARSE_TOLERANCE, TOLERANCE, proven
from lowcap.bench.results import alarms, results, write
from lowcap.errors import SettingsError


def compare(
    names: Sequence[str],
    contenders: Mapping[str, Mapping[str, Contender]],
    console: Console,
    out: Path | None,
    *,
    repetitions: int = 5,
    products: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Time contenders on cases, show the table, and write it to a folder if one is given.

    Args:
        names: which cases of `CASES`.
        contenders: by family of populations and name, such as `CONTENDERS`.
        console: where to show the table.
        out: the folder.
        repetitions: timed trainings of each contender.
        products: by library, where to import its matrix product from; `PRODUCTS` unless given.
        extra: what else to say in the JSON file.

    Raises:
        SettingsError: a case is unknown, or the number of repetitions below 1.
        RunError: a contender or a library failed, or a contender makes another update.
    """
    for name in names:
        if name not in CASES:
            raise SettingsError(f"unknown case '{name}': choose {', '.join(CASES)}")
    if repetitions < 1:
        raise SettingsError(f"--repetitions {repetitions}: must be at least 1")
    console.print(
        "differs: a network's loss from lowcap's after training, by what training changes; at most "
        f"{TOLERANCE:g}, with coarser products {COARSE_TOLERANCE:g} in the mean", highlight=False,
    )  # fmt: skip
    products = PRODUCTS if products is None else products
    square = rates(SQUARE, products, repetitions)
    timings: dict[str, list[Timing]] = {}
    operations: dict[str, float] = {}
    limits: dict[str, dict[str, float]] = {}
    differences: dict[str, dict[str, float]] = {}
    coarse = {name for family in contenders.values() for name, one in family.items() if one.coarse}
    for name in names:
        case, work = CASES[name], workload(CASES[name])
        operations[name] = work.operations
        limits[name] = square | rates(own_shapes(case, work.x.shape[1]), products, repetitions)
        differences[name] = proven(case, contenders[case.family])
        timings[name] = benchmark(case, contenders[case.family], repetitions=repetitions)
        table = results({name: timings[name]}, operations, limits, differences, coarse)
        best = max(limits[name], key=limits[name].__getitem__)
        speed = f"best product: {limits[name][best] / 1e9:.0f} GFLOP/s ({best})"
        _show(table, f"{case.description}; {speed}", console)
        if out is not None:  # after each case: the next may take long, or fail
            table = results(timings, operations, limits, differences, coarse)
            write(table, limits, out, extra or {})
    if out is not None:
        console.print(f"written: {out}", highlight=False)


def _show(rows, description: str, console: Console) -> None:
    table = Table(box=None, pad_edge=False, title=description, title_justify="left")
    words = ("contender", "start", "setting")
    for column in (*words, "s/epoch", "spread", "times", "of limit", "differs", "MiB"):
        table.add_column(column, justify="left" if column in words else "right")
    for row in rows.to_dict("records"):
        share = "" if np.isnan(row["share"]) else f"{row['share']:.0%}"
        differs = "" if np.isnan(row["differs"]) else f"{row['differs']:.0e}"
        table.add_row(
            *(row[word] for word in words), f"{row['seconds']:.4f}", f"{row['spread']:.0%}",
            f"{row['times']:.2f}x", share, differs, f"{row['memory']:.0f}",
        )  # fmt: skip
    console.print(table)
    for line in alarms(rows):
        console.print(line, style="bold red", highlight=False, soft_wrap=True)
    console.print()
