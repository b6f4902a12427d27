"""`lowcap calibrate`: how often a study's judges err on runs like one that was made."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lowcap import interrupt
from lowcap.claims import Tables, calibrate_reading, rates, tried
from lowcap.claims.calibrate import COLUMNS
from lowcap.errors import RunError, SettingsError
from lowcap.given import in_a_line
from lowcap.runs import Store, check_workers, default_workers, process_pool, write_tables
from lowcap.studies import NAMES
from lowcap.studies.publish import Result
from lowcap.studies.rates import keep_calibration, write_rates
from lowcap.studies.recorded import Recorded
from lowcap.studies.study import Study, rebuild

MOST_SIMULATIONS = 10**6
"""Rates are then known to 0.03 %."""


class Calibrated(NamedTuple):
    """What a calibration gives to its caller."""

    run: Result
    """The run's page, made again with the rates."""
    calibration: pd.DataFrame
    rates: pd.DataFrame


@dataclass(frozen=True)
class Trial:
    """One reading under one condition, small enough to be sent to another process."""

    module: str
    """Of the study, imported where the trial is made."""
    claim: str
    reading: str
    condition: str
    replicates: int
    simulations: int
    looks: bool


def calibrate_run(
    study: Study,
    run: Path | str | None = None,
    *,
    simulations: int = 400,
    claims: Sequence[str] = (),
    primary_only: bool = False,
    looks: bool = False,
    out: Path | str | None = None,
    workers: int | None = None,
    console: Console | None = None,
) -> Calibrated:
    """Send simulated runs through every judge, with the spread and the seeds of a real run.

    Stores `calibration.parquet` in the run's directory and makes its page again. The numbers do
    not depend on the number of workers.

    Args:
        study: whose judges to try.
        run: a run's directory; by default the usual one of the study, or its newest.
        simulations: runs simulated in each world.
        claims: try the judges of these only.
        primary_only: try primary readings only.
        looks: try the procedure that looks again until a claim is decided.
        out: a CSV of rates by design, such as the one that ships with the package, to add to.
        workers: number of processes, by default one a core.
        console: where progress is shown; nothing is shown without one.

    Raises:
        LowcapError: settings or the run are at fault; nothing was written.
    """
    if simulations < 1:
        raise SettingsError(f"--simulations {simulations}: must be at least 1")
    if simulations > MOST_SIMULATIONS:
        raise SettingsError(
            f"--simulations {in_a_line(simulations, 40)}: must be at most {MOST_SIMULATIONS:,}"
        )
    check_workers(workers)
    wanted = study.select(claims)
    root = Path(run) if run else usual_run(study)
    recorded = _recorded(study, root)
    tables = recorded.first
    if not tables:
        raise RunError(f"{root}: no finished cell to take a spread from")
    replicates = recorded.replicates()
    trials = [
        Trial(NAMES[study.name], claim.id, reading.name, condition,
              replicates[condition], simulations, looks)
        for claim, reading, condition in tried(
            wanted, replicates, primary_only=primary_only, looks=looks
        )
    ]  # fmt: skip
    rows = _made(trials, tables, workers or default_workers(), console) if trials else []
    if not rows:
        raise RunError(f"{root}: {_too_little(trials, looks)}")
    calibration = pd.DataFrame(rows, columns=COLUMNS)
    found = rates(calibration)
    if out:
        write_rates(Path(out), found, recorded.names)
    with recorded.store.locked():
        keep_calibration(root, calibration)
    return Calibrated(rebuild(root, workers=workers), calibration, found)


def usual_run(study: Study, folder: Path = Path("runs")) -> Path:
    """The directory that a run of the study has by default, or else its newest one.

    Raises:
        RunError: there is none.
    """
    usual = folder / "-".join([study.name, *study.settings().datasets])
    if (usual / "run.json").exists():
        return usual
    found = [path.parent for path in folder.glob(f"{study.name}-*/run.json")]
    if not found:
        raise RunError(
            f"no run of {study.name} in {folder}/: make one with 'lowcap run {study.name}', or "
            "name its directory with --run"
        )
    return max(found, key=lambda path: (path / "run.json").stat().st_mtime)


def _recorded(study: Study, root: Path) -> Recorded:
    store = Store(root)
    record = store.record()
    if record.get("study") != study.name:
        raise RunError(f"{root}: holds a run of {record.get('study')}, not of {study.name}")
    return Recorded(study, store, record)


def _too_little(trials: Sequence[Trial], looks: bool) -> str:
    if not trials:
        kind = "looks again" if looks else "knows simulated worlds"
        return f"no judge of these claims under these conditions {kind}"
    return (
        "holds too little to simulate runs like it (most judges need two seeds and the paper's "
        "sizes and tasks)"
    )


def _made(
    trials: Sequence[Trial], tables: Tables, workers: int, console: Console | None
) -> list[list[Any]]:
    """The rows of all trials, in their order."""
    with TemporaryDirectory(prefix="lowcap-") as folder, _shown(len(trials), console) as advance:
        stored = write_tables(tables, Path(folder))
        if workers == 1 or len(trials) == 1:
            parts = []
            for trial in trials:
                parts.append(make(trial, stored))
                advance()
        else:
            with process_pool(min(workers, len(trials))) as pool:
                parts = _gathered(pool, trials, stored, advance)
    return [row for part in parts for row in part]


def _gathered(pool: Executor, trials: Sequence[Trial], stored: Tables, advance) -> list:
    futures = [pool.submit(make, trial, stored) for trial in trials]
    try:
        for future in as_completed(futures):
            future.result()
            advance()
            interrupt.check()
    except BrokenProcessPool as error:
        reason = "a worker process died (killed, or out of memory); try --workers 1"
        raise RunError(reason) from error
    except BaseException:
        interrupt.end(pool)
        raise
    return [future.result() for future in futures]


def make(trial: Trial, tables: Mapping[str, pd.DataFrame]) -> list[list[Any]]:
    """The rows of one trial. Runs in the worker."""
    study: Study = import_module(trial.module).STUDY
    claim = next(one for one in study.claims if one.id == trial.claim)
    reading = next(one for one in claim.readings if one.name == trial.reading)
    return calibrate_reading(
        claim,
        reading,
        tables,
        trial.condition,
        study.by,
        simulations=trial.simulations,
        replicates=trial.replicates,
        looks=trial.looks,
    )


@contextmanager
def _shown(total: int, console: Console | None):
    """Yields what to call when a trial is done: a bar on a terminal, lines elsewhere."""
    if console is None:
        yield lambda: None
        return
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("judges"),
        TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    task = bar.add_task("simulating", total=total)
    done, said = 0, time.monotonic()

    def advance() -> None:
        nonlocal done, said
        done += 1
        bar.advance(task)
        if not console.is_terminal and time.monotonic() - said >= 10:
            said = time.monotonic()
            console.print(f"{done}/{total} judges", highlight=False)

    with bar:
        yield advance
