"""A whole benchmark: time, show, write."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from lowcap.bench.cases import CASES, workload
from lowcap.bench.contenders import Contender
from lowcap.bench.measure import Timing, benchmark, gemm_limit
from lowcap.bench.results import results, write
from lowcap.errors import SettingsError


def compare(
    names: Sequence[str],
    contenders: Mapping[str, Mapping[str, Contender]],
    console: Console,
    out: Path | None,
    *,
    repetitions: int = 5,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Time contenders on cases, show the table, and write it to a folder if one is given.

    Args:
        names: which cases of `CASES`.
        contenders: by family of populations and name, such as `CONTENDERS`.
        console: where to show the table.
        out: the folder.
        repetitions: timed trainings of each contender.
        extra: what else to say in the JSON file.

    Raises:
        SettingsError: a case is unknown, or the number of repetitions below 1.
        RunError: a contender failed.
    """
    for name in names:
        if name not in CASES:
            raise SettingsError(f"unknown case '{name}': choose {', '.join(CASES)}")
    if repetitions < 1:
        raise SettingsError(f"--repetitions {repetitions}: must be at least 1")
    limit = gemm_limit(repetitions)
    console.print(f"best large product: {limit / 1e9:.0f} GFLOP/s with all cores", highlight=False)
    timings: dict[str, list[Timing]] = {}
    operations: dict[str, float] = {}
    for name in names:
        case = CASES[name]
        timings[name] = benchmark(case, contenders[case.family], repetitions=repetitions)
        operations[name] = workload(case).operations
        table = results({name: timings[name]}, operations, limit)
        _show(table, case.description, console)
    if out is not None:
        write(results(timings, operations, limit), limit, out, extra or {})
        console.print(f"written: {out}", highlight=False)


def _show(rows, description: str, console: Console) -> None:
    table = Table(box=None, pad_edge=False, title=description, title_justify="left")
    words = ("contender", "start", "setting")
    for column in (*words, "s/epoch", "spread", "times", "of limit", "MiB"):
        table.add_column(column, justify="left" if column in words else "right")
    for row in rows.to_dict("records"):
        table.add_row(
            *(row[word] for word in words), f"{row['seconds']:.4f}", f"{row['spread']:.0%}",
            f"{row['times']:.2f}x", f"{row['share']:.0%}", f"{row['memory']:.0f}",
        )  # fmt: skip
    console.print(table)
    console.print()
