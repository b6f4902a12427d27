"""The parts that a study is declared with; running one, and making its page again."""

import dataclasses
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from lowcap.claims import Claim, Need, Reading, Tables
from lowcap.data import DataReference, Dataset, load_dataset
from lowcap.errors import RunError, SettingsError
from lowcap.given import path_of
from lowcap.report import Sketch, Words
from lowcap.report.summary import Overview
from lowcap.runs import (
    Cell,
    Outcome,
    RunProgress,
    Store,
    check_workers,
    default_workers,
    environment,
    execute,
    phase,
)
from lowcap.studies.elsewhere import compiled_dir, kit_for
from lowcap.studies.measure import Work
from lowcap.studies.publish import Result, command_line, plain_words, publish
from lowcap.studies.rates import read_calibration
from lowcap.studies.recorded import Recorded, read_recorded
from lowcap.studies.room import Largest, check_room
from lowcap.studies.rounds import Clock, check_minutes, decide
from lowcap.studies.settings import StudySettings

__all__ = ["Result", "Study", "command_line", "conduct", "rebuild"]


@dataclass(frozen=True)
class Study:
    """One paper: which cells it needs, how each is computed, what is claimed and drawn."""

    settings: type[StudySettings]
    """What a user may set."""
    check: Callable[[Any, Sequence[Dataset]], None]
    """Refuses settings that do not suit the data, before anything is computed."""
    plan: Callable[[Any, Sequence[DataReference]], list[Cell]]
    """From settings and data, the cells in the tables' order; what is measured is added by
    `cells`."""
    work: Work
    """How a cell is trained, read again and measured."""
    wanted: Callable[[Any], Sequence[str]]
    """From the configuration of a cell, the measures that it is there for."""
    claims: Sequence[Claim]
    by: str
    """The column of every table that tells the conditions apart: protocol, dataset, problem."""
    conditions: Callable[[Tables, Any], Sequence[str]]
    """From tables and settings, what verdicts stand side by side for."""
    replicates: Callable[[Tables, str], int]
    """How many independent repetitions, such as seeds, one condition's primary table holds."""
    figures: Callable[[Tables], list[Sketch]]
    """The figures that the tables allow, in order."""
    overview: Overview | None = None
    """From the claims table and the number of replicates by condition, a figure that sums up all
    verdicts and stands first on the page."""
    describe: Callable[[Tables, pd.DataFrame, Any, Sequence[str]], Words] = plain_words
    """From tables, claims, settings and names of the data sets, the words of the page."""
    facts: Callable[[Sequence[tuple[Cell, float]]], Mapping[str, str]] = lambda held: {}
    """From the finished cells and the seconds each took, more for the page's head."""
    extend: Callable[[Any, Sequence[Need]], Any | None] | None = None
    """From settings and what undecided primary verdicts need, settings with twice the seeds
    there; None where nothing can be added. Without it, claims are looked at once."""

    concerns: Callable[[Cell, Reading], bool] = lambda cell, reading: True
    """Whether a reading reads a cell's rows of the tables it needs."""
    largest: Callable[[Any, Dataset], Largest] | None = None
    """From settings and a data set, the training that takes most memory; what cannot fit is
    refused before anything begins."""
    counted: tuple[str, ...] = ()
    """The tables by which networks are counted, which every cell that has them gives."""

    @property
    def name(self) -> str:
        """As users write it, and as it stands in the first column of its tables."""
        return self.settings.study

    def cells(
        self, settings: Any, data: Sequence[DataReference], claims: Sequence[str] = ()
    ) -> list[Cell]:
        """The cells of a run with what is measured of each, in the tables' order.

        Args:
            settings: an instance of ``settings``.
            data: the data sets.
            claims: if given, the claims that the run is for: what these do not need is left out.
        """
        readings = [one for claim in self.select(claims) for one in claim.readings]
        found = []
        for cell in self.plan(settings, data):
            names = self.wanted(cell.config)
            if claims:
                here = [one for one in readings if self.concerns(cell, one)]
                tables = {need.removesuffix("?") for one in here for need in one.needs}
                tables |= set(self.counted) if tables else set()
                names = [n for n in names if tables & set(self.work.measures[n].tables)]
            if names:
                measures = tuple((name, self.work.measures[name].version) for name in names)
                found.append(dataclasses.replace(cell, measures=measures))
        return found

    def select(self, claims: Sequence[str]) -> Sequence[Claim]:
        """The claims of these names, all of them without names.

        Raises:
            SettingsError: there is no claim of a name.
        """
        known = {claim.id: claim for claim in self.claims}
        for name in claims:
            if name not in known:
                raise SettingsError(f"unknown claim '{name}': choose {', '.join(known)}")
        return [known[name] for name in dict.fromkeys(claims)] or self.claims


def conduct(
    study: Study,
    settings: Any,
    out: Path | str | None = None,
    *,
    data_dir: Path | str | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    memory: int | None = None,
    console: Console | None = None,
    until_decided: float | None = None,
    claims: Sequence[str] = (),
) -> Result:
    """Run a study: compute the cells that are missing, then tables, verdicts, figures and page.

    Args:
        study: which paper.
        settings: an instance of ``study.settings``.
        out: the run's directory; by default ``runs/<study>-<data sets>``.
        data_dir: a folder to look in first for the data set's files.
        workers: number of processes, by default one a core.
        executor: any `concurrent.futures.Executor` to compute the cells on instead.
        memory: bytes that a training may take in each worker, by default a share of what is free.
        console: where progress is shown; nothing is shown without one.
        until_decided: add seeds where primary verdicts are undecided, for at most so many minutes
            after the first page; see `lowcap.studies.rounds`.
        claims: judge these claims alone, and compute only what they need.

    Raises:
        LowcapError: settings, data or the run's directory are at fault.
    """
    check_workers(workers)
    if until_decided is not None:
        check_minutes(study, until_decided)
    study.select(claims)
    phase("loading data")
    sources = [_source(name, data_dir) for name in settings.datasets]
    loaded = [load_dataset(*source) for source in sources]
    names = [one.name for one in loaded]
    if len(set(names)) < len(names):  # tables tell data sets apart by their names
        raise SettingsError(f"--dataset: two data sets have the same name ({', '.join(names)})")
    study.check(settings, loaded)
    if study.largest is not None and (executor is None or memory is not None):
        check_room(study.largest, settings, loaded, workers or default_workers(), memory)
    data = [
        DataReference(one.name, one.sha256, source)
        for one, source in zip(loaded, sources, strict=True)
    ]
    name = "-".join([study.name, *(one.name for one in data)])
    store = Store(path_of(out) if out else Path("runs") / name)

    def compute(cells: Sequence[Cell], clock: Clock | None = None) -> Outcome:
        missing = [cell for cell in cells if not store.holds(cell)]
        store.warn("computed again")
        progress = RunProgress(missing, console) if console else None
        with progress or nullcontext():
            return execute(
                cells,
                study.work,
                store,
                executor=executor,
                workers=workers,
                cache=compiled_dir(),
                memory=memory,
                kit=kit_for(loaded),
                watcher=clock.watching(progress) if clock else progress,
            )

    with store.locked():
        earlier = _earlier(store, study, data)
        read_calibration(store.root)
        record = {
            "study": study.name,
            "settings": dataclasses.asdict(settings),
            "data": [{"name": one.name, "sha256": one.sha256} for one in data],
            **({"claims": list(claims)} if claims else {}),
            **_looks(earlier, settings, until_decided),
            **environment(),
        }
        cells = study.cells(Recorded(study, store, record).looks[-1], data, claims)
        store.write_record(record | {"cells": len(cells)})
        failures = compute(cells).failures
        if until_decided is not None and not failures:
            collected = {}
            publish(study, store, record, [], workers, collected)
            clock = Clock(until_decided, console)
            record, failures = decide(study, store, record, data, compute, clock, collected)
            return publish(study, store, record, failures, workers, collected)
        return publish(study, store, record, failures, workers)


def rebuild(run: Path | str, *, workers: int | None = None) -> Result:
    """Rebuild tables, verdicts, figures and page of a run from its cells alone.

    Cells that are damaged or not there are left out, and told of in one line.

    Args:
        run: the run's directory.
        workers: number of processes to draw with, by default one a core.

    Raises:
        RunError: there is no run in that directory, or it holds no finished cell.
    """
    store = Store(path_of(run))
    check_workers(workers)
    recorded = read_recorded(store)
    with store.locked():
        store.tell_missing(recorded.cells)
        return publish(recorded.study, store, recorded.record, [], workers)


def _source(dataset: str, data_dir: Path | str | None) -> tuple[str, str | None]:
    """Absolute, so that workers with another working directory find the same files."""
    name = str(path_of(dataset).resolve()) if dataset.endswith(".npz") else dataset
    return name, str(path_of(data_dir).resolve()) if data_dir else None


def _earlier(store: Store, study: Study, data: Sequence[DataReference]) -> Mapping[str, Any] | None:
    """What the directory's `run.json` says, if it has one.

    Raises:
        RunError: it holds a run of another study, or on other data.
    """
    if not store.has_record():
        return None
    try:
        record = store.record()
    except RunError as error:  # what it says follows from settings and cells
        logging.getLogger("lowcap").warning(f"{error}; it is written anew")
        return None
    try:
        names = [str(one["name"]) for one in record["data"]]
    except (KeyError, TypeError) as error:
        raise RunError(f"{store.root / 'run.json'}: damaged, it names no data") from error
    if record.get("study") != study.name or set(names) != {one.name for one in data}:
        raise RunError(
            f"{store.root}: holds a run of {record.get('study')} on {', '.join(names)}; "
            "give another directory with --out"
        )
    return record


def _looks(
    earlier: Mapping[str, Any] | None, settings: Any, until_decided: float | None
) -> dict[str, Any]:
    """The looks that a run has had: of the same settings, they stay with it."""
    plain = json.loads(json.dumps(dataclasses.asdict(settings)))
    if earlier is not None and earlier.get("settings") == plain:
        kept = {k: earlier[k] for k in ("looks", "pending", "until_decided") if k in earlier}
    else:
        kept = {}
    if until_decided is not None:
        kept = {"looks": [plain]} | kept | {"until_decided": until_decided}
    return kept
