"""A study as the rest of the house sees it, and the two things done with one."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from rich.console import Console

from lowcap import interrupt
from lowcap.claims import Claim, Tables, evaluate
from lowcap.data import DataReference, Dataset, load_dataset
from lowcap.data.sources import cache_dir
from lowcap.errors import RunError, SettingsError
from lowcap.report import Page, Sketch, printing
from lowcap.runs import (
    Cell,
    CellResult,
    RunProgress,
    Store,
    default_workers,
    environment,
    execute,
    process_pool,
    write_whole,
)
from lowcap.studies import find


class Need(NamedTuple):
    """Where an undecided primary verdict needs more seeds."""

    condition: str
    tasks: tuple[str, ...]
    """Empty for all."""


@dataclass(frozen=True)
class Study:
    """One paper: which cells it needs, how each is computed, what is claimed and drawn."""

    name: str
    settings: type
    """A frozen dataclass of what a user may set, with a property `datasets`: the names or paths
    of the data sets it needs."""
    check: Callable[[Any, Sequence[Dataset]], None]
    """Refuses settings that do not suit the data, before anything is computed."""
    plan: Callable[[Any, Sequence[DataReference]], list[Cell]]
    """From settings and data, the cells in the tables' order."""
    compute: Callable[[Cell], CellResult]
    claims: Sequence[Claim]
    by: str
    """The column of every table that tells the conditions apart: protocol, dataset, problem."""
    conditions: Callable[[Tables, Any], Sequence[str]]
    """From tables and settings, what verdicts stand side by side for."""
    replicates: Callable[[Tables, str], int]
    """How many independent repetitions, such as seeds, one condition's primary table holds."""
    figures: Callable[[Tables], list[Sketch]]
    """The figures that the tables allow, in order."""
    describe: Callable[[Tables, pd.DataFrame, Any, Sequence[str]], Mapping[str, Any]]
    """From tables, claims, settings and names of the data sets, the words of the page: `title,
    subtitle, answer, facts, headlines, notes, conditions`."""
    facts: Callable[[Sequence[tuple[Cell, float]]], Mapping[str, str]] = lambda held: {}
    """From the finished cells and the seconds each took, more for the page's head."""
    extend: Callable[[Any, Sequence[Need]], Any | None] | None = None
    """From settings and what undecided primary verdicts need, settings with twice the seeds
    there; None where nothing can be added. Without it, claims are looked at once."""

    def judge(self, tables: Tables, settings: Any) -> pd.DataFrame:
        """The claims table of one look."""
        return evaluate(self.claims, tables, self.conditions(tables, settings), self.by)


class Result(NamedTuple):
    """What a run gives to its caller."""

    out: Path
    tables: Mapping[str, pd.DataFrame]
    claims: pd.DataFrame
    failures: list[tuple[Cell, str]]

    @property
    def report(self) -> Path:
        """The page."""
        return self.out / "report.html"


def conduct(
    study: Study,
    settings: Any,
    out: Path | str | None = None,
    *,
    data_dir: Path | str | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    console: Console | None = None,
) -> Result:
    """Run a study: compute the cells that are missing, then tables, verdicts, figures and page.

    Args:
        study: which paper.
        settings: an instance of ``study.settings``.
        out: the run's directory; by default ``runs/<study>-<data sets>``.
        data_dir: a folder to look in first for the data set's files.
        workers: number of processes, by default one a core.
        executor: any `concurrent.futures.Executor` to compute the cells on instead.
        console: where progress is shown; nothing is shown without one.

    Raises:
        LowcapError: settings, data or the run's directory are at fault.
    """
    if workers is not None and workers < 1:
        raise SettingsError(f"--workers {workers}: must be at least 1")
    sources = [_source(name, data_dir) for name in settings.datasets]
    loaded = [load_dataset(*source) for source in sources]
    study.check(settings, loaded)
    data = [
        DataReference(one.name, one.sha256, source)
        for one, source in zip(loaded, sources, strict=True)
    ]
    name = "-".join([study.name, *(one.name for one in data)])
    store = Store(Path(out) if out else Path("runs") / name)
    with store.locked():
        _refuse_another(store, study, data)
        cells = study.plan(settings, data)
        record = {
            "study": study.name,
            "settings": dataclasses.asdict(settings),
            "data": [{"name": one.name, "sha256": one.sha256} for one in data],
            "cells": len(cells),
            **environment(),
        }
        store.write_json("run.json", record)
        missing = [cell for cell in cells if not store.holds(cell)]
        progress = RunProgress(missing, console) if console else None
        with progress or nullcontext():
            outcome = execute(
                cells,
                study.compute,
                store,
                executor=executor,
                workers=workers,
                cache=cache_dir() / "compiled",
                watcher=progress,
            )
        return _publish(study, store, record, outcome.failures, workers)


def rebuild(run: Path | str, *, workers: int | None = None) -> Result:
    """Rebuild tables, verdicts, figures and page of a run from its cells alone.

    Args:
        run: the run's directory.
        workers: number of processes to draw with, by default one a core.

    Raises:
        RunError: there is no run in that directory, or it holds no finished cell.
    """
    store = Store(Path(run))
    record = store.read_json("run.json")
    study = find(record.get("study", ""))
    with store.locked():
        return _publish(study, store, record, [], workers)


def _source(dataset: str, data_dir: Path | str | None) -> tuple[str, str | None]:
    """Absolute, so that workers with another working directory find the same files."""
    name = str(Path(dataset).expanduser().resolve()) if dataset.endswith(".npz") else dataset
    return name, str(Path(data_dir).expanduser().resolve()) if data_dir else None


def _refuse_another(store: Store, study: Study, data: Sequence[DataReference]) -> None:
    if not (store.root / "run.json").exists():
        return
    record = store.read_json("run.json")
    names = [one.get("name") for one in record.get("data", [])]
    if record.get("study") != study.name or set(names) != {one.name for one in data}:
        raise RunError(
            f"{store.root}: holds a run of {record.get('study')} on {', '.join(names)}; "
            "give another directory with --out"
        )


def _publish(
    study: Study,
    store: Store,
    record: Mapping[str, Any],
    failures: list[tuple[Cell, str]],
    workers: int | None,
) -> Result:
    try:
        settings = study.settings(
            **{k: tuple(v) if isinstance(v, list) else v for k, v in record["settings"].items()}
        )
        data = [DataReference(one["name"], one["sha256"]) for one in record["data"]]
        cells = study.plan(settings, data)
    except (KeyError, TypeError) as error:
        raise RunError(f"{store.root / 'run.json'}: damaged, {error} is not as expected") from error
    tables = store.collect(cells)
    if not tables:
        reason = f" (the first failure: {failures[0][1]})" if failures else ""
        raise RunError(f"{store.root}: no finished cell to report on{reason}")
    store.write_tables(tables)
    sketches, workers = study.figures(store.tables(tables)), workers or default_workers()
    pool = process_pool(workers) if workers > 1 else nullcontext()
    with pool as executor, printing(sketches, executor) as finished:
        claims = study.judge(tables, settings)
        write_whole(store.root / "claims.parquet", claims.to_parquet(index=False))
        figures = finished()
    interrupt.check()
    for figure in figures:
        write_whole(store.root / "figures" / f"{figure.id}.svg", figure.svg)
        write_whole(store.root / "figures" / f"{figure.id}.png", figure.png)
    words = study.describe(tables, claims, settings, [one.name for one in data])
    page = Page(
        claims=claims,
        figures=figures,
        command=command_line(study, settings),
        redraw=f"lowcap report {store.root.name}",
        configuration=_spoken(
            record["settings"] | {f"{one.name} sha256": one.sha256[:16] for one in data}
        ),
        environment={"versions": record["versions"], "machine": record["machine"]},
        **dict(words) | {"facts": words["facts"] | _facts(study, store, cells)},
    )
    write_whole(store.root / "report.html", page.html())
    return Result(store.root, tables, claims, failures)


def _facts(study: Study, store: Store, cells: Sequence[Cell]) -> dict[str, str]:
    held = [(cell, store.seconds(cell)) for cell in cells if store.holds(cell)]
    seconds = sum(seconds for _, seconds in held)
    facts = {"training and measuring": f"{seconds:,.0f} core-seconds", **study.facts(held)}
    if len(held) < len(cells):
        facts["cells finished"] = f"{len(held)} of {len(cells)}"
    return facts


def _spoken(settings: Mapping[str, Any]) -> dict[str, str]:
    """Settings as the page shows them; those left to the protocol are not shown."""
    return {
        name.replace("_", " "): ", ".join(map(str, value))
        if isinstance(value, list | tuple)
        else str(value)
        for name, value in settings.items()
        if value is not None
    }


def command_line(study: Study, settings: Any) -> str:
    """The command that gives these settings."""
    words = ["lowcap", "run", study.name]
    for entry in dataclasses.fields(settings):
        value = getattr(settings, entry.name)
        if value != entry.default or entry.name == "dataset":
            values = value if isinstance(value, tuple) else (value,)
            words += [f"--{entry.name.replace('_', '-')}", *map(str, values)]
    return " ".join(words)
