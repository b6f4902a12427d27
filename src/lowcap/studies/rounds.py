"""Rounds of more seeds, for as long as primary verdicts are undecided.

Each round is one look at the data in the sense of `lowcap.claims.looks`. What a look consists of
is fixed by its settings, which `run.json` lists; so verdicts follow from the stored cells alone,
and an interrupted round goes on with the same cells.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console

from lowcap.claims import SPENDING, Tables, needs_of
from lowcap.data import DataReference
from lowcap.errors import SettingsError
from lowcap.runs import Cell, Outcome, RunProgress, Store
from lowcap.studies.recorded import Recorded

if TYPE_CHECKING:
    from lowcap.studies.study import Study

Failures = list[tuple[Cell, str]]


class TimeUp(Exception):
    """The minutes for further rounds are spent."""


class Clock:
    """The minutes that further rounds may take, and where to say what they do."""

    def __init__(self, minutes: float, console: Console | None = None) -> None:
        self.ends = time.monotonic() + 60 * minutes
        self.minutes, self.console = minutes, console

    def check(self) -> None:
        """Raise `TimeUp` if it is."""
        if time.monotonic() >= self.ends:
            raise TimeUp

    def say(self, words: str) -> None:
        """Print a line, if there is somewhere to."""
        if self.console:
            self.console.print(words, highlight=False)

    def watching(self, progress: RunProgress | None) -> "Watching":
        """A watcher of cells that stops the round when time is up; what is finished is kept."""
        return Watching(self, progress)


class Watching:
    """Passes on what happens to cells, and looks at the clock each time."""

    def __init__(self, clock: Clock, progress: RunProgress | None) -> None:
        self.clock, self.progress = clock, progress

    def done(self, cell: Cell, seconds: float) -> None:
        """A cell was computed and stored."""
        if self.progress:
            self.progress.done(cell, seconds)
        self.clock.check()

    def failed(self, cell: Cell, reason: str) -> None:
        """A cell could not be computed."""
        if self.progress:
            self.progress.failed(cell, reason)


def check_minutes(study: "Study", minutes: float) -> None:
    """Refuse minutes that are none, and studies whose seeds do not grow.

    Raises:
        SettingsError: either.
    """
    if not (math.isfinite(minutes) and minutes > 0):
        raise SettingsError(f"--until-decided {minutes:g}: give a number of minutes above 0")
    if study.extend is None:
        raise SettingsError(f"--until-decided: {study.name} has nothing to add seeds to")


def decide(
    study: "Study",
    store: Store,
    record: Mapping[str, Any],
    data: Sequence[DataReference],
    compute: Callable[[Sequence[Cell], Clock], Outcome],
    clock: Clock,
    collected: dict[int, Tables],
) -> tuple[dict[str, Any], Failures]:
    """Add seeds in rounds until all primary verdicts are decided, looks or minutes are used.

    Args:
        study: which paper.
        store: its run, locked.
        record: what `run.json` holds, `looks` among it.
        data: the data sets.
        compute: computes the cells that are missing.
        clock: how long rounds may go on.
        collected: tables of looks that were read before; those read now are added.

    Returns:
        The record with the looks that were completed, and the cells that failed.
    """
    record = dict(record)
    while True:
        run = Recorded(study, store, record, collected)
        needs = needs_of(run.claims, run.judge())
        if not needs:
            clock.say("every primary verdict that more seeds could change is decided")
            return record, []
        if len(run.looks) >= len(SPENDING):
            clock.say(f"all {len(SPENDING)} looks are used; what is undecided stays so")
            return record, []
        settings = run.pending or (study.extend and study.extend(run.looks[-1], needs))
        if settings is None:
            clock.say("no further seeds can be added; what is undecided stays so")
            return record, []
        record["pending"] = asdict(settings)
        cells = run.cells_at(settings)
        store.write_record(record | {"cells": len(cells)})
        missing = sum(not store.holds(cell) for cell in cells)
        clock.say(f"look {len(run.looks) + 1} of {len(SPENDING)}: {missing} more cells")
        try:
            clock.check()
            outcome = compute(cells, clock)
        except TimeUp:
            outcome = Outcome(0, 0, [])
        if not outcome.failures and not all(map(store.holds, cells)):
            clock.say(
                f"{clock.minutes:g} minutes are up; finished cells are kept, the same command "
                "goes on with this look"
            )
            return record, []
        if outcome.failures:
            return record, outcome.failures
        record["looks"] = [*record["looks"], record.pop("pending")]
        store.write_record(record | {"cells": len(cells)})
