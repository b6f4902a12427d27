"""A small run in which every event of the file system fails once, by an error and by a kill.

    python -m tests.runs.faults FOLDER [all]

Each try is a process of its own, forked from this one. Afterwards nothing under a final name may be
half written, what the run shows must be all old or all new, and the next run must give the tables
of an undisturbed one and leave nothing behind.
"""

import errno
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from lowcap.errors import RunError
from lowcap.runs import Store, record_text
from lowcap.runs.cellfile import check
from lowcap.runs.store import read_record
from lowcap.runs.verify import wrong_files
from tests.runs.work import Job, cells, compute

EVENTS = ("open", "write", "fsync", "replace", "rename", "mkdir", "symlink", "unlink", "rmdir")
OLD, NEW = cells(Job(1)), cells(Job(2), Job(1))
KILLED = 9


def run(root: Path, planned) -> None:
    """What a run does with its directory."""
    store = Store(root)
    with store.locked():
        store.write_record({"cells": len(planned)})
        for cell in planned:
            if not store.holds(cell):
                lacking, files = store.lacking(cell), store.fit_files(cell)
                store.write(cell, compute(cell, lacking, files))
        store.sync()
        with store.published.generation() as made:
            tables = store.collect_into(planned, made.tables)
            squares = tables["squares"]["square"].tolist()
            made.write("claims.parquet", f"claims {squares}")
            made.write("figures/f.svg", f"figure {squares}")
            made.write("report.html", f"page {squares}")
            made.write("run.json", record_text({"cells": len(planned)}))
        store.forget_running()


class Faults:
    """Counts events below a folder, and lets one of them fail."""

    def __init__(self, root: Path, fatal: int, how: str) -> None:
        self.root, self.fatal, self.how = str(root), fatal, how
        self.count = 0
        self.real: dict[str, Callable] = {name: getattr(os, name) for name in EVENTS}
        for name in EVENTS:
            setattr(os, name, self.counted(name))

    def counted(self, name: str) -> Callable:
        real = self.real[name]

        def event(first, *rest, **named):
            named_one = isinstance(first, str | os.PathLike)  # or a file that is open
            inside = not (named_one and os.path.isabs(first)) or str(first).startswith(self.root)
            reading = name == "open" and not (rest and rest[0] & (os.O_WRONLY | os.O_RDWR))
            if inside and not reading and name in EVENTS:
                self.count += 1
                if self.count == self.fatal:
                    self.fail(name, first, rest)
            if name == "fsync":
                return None  # no power is cut here
            return real(first, *rest, **named)

        return event

    def fail(self, name: str, first, rest) -> None:
        if name == "write":
            self.real["write"](first, bytes(rest[0])[: len(rest[0]) // 2])
        if self.how == "kill":
            os._exit(KILLED)
        number = {"full": errno.ENOSPC, "broken": errno.EIO}[self.how]
        raise OSError(number, os.strerror(number))


def forked(task: Callable[[], int]) -> int:
    """What a task in a process of its own returned, as its status."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = task()
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def disturbed(root: Path, fatal: int, how: str) -> int:
    """A run with a fault: 0 if it ended, 2 if it said so in one line, 3 if the fault came later."""
    faults = Faults(root, fatal, how)
    try:
        run(root, NEW)
    except RunError:
        return 2
    return 0 if faults.count >= fatal else 3


def undisturbed(root: Path, planned) -> int:
    run(root, planned)
    return 0


def shown(root: Path) -> dict[str, bytes]:
    """Every file that a reader finds at a documented place."""
    found = {}
    for name in ("tables/squares.parquet", "claims.parquet", "figures/f.svg", "report.html",
                 "run.json"):  # fmt: skip
        if (root / name).is_file():
            found[name] = (root / name).read_bytes()
    return found


def whole(root: Path) -> None:
    """Nothing under a final name is half written."""
    for path in (root / "cells").glob("*.cell"):
        _, bad = check(path, path.stem)
        assert not bad, path
    if (root / "running.json").exists():
        read_record(root / "running.json")


def tried(start: Path | None, work: Path, fatal: int, how: str, old, new) -> int:
    """One try; returns what came of it."""
    if work.exists():
        shutil.rmtree(work)
    if start is not None:
        shutil.copytree(start, work, symlinks=True)
    status = forked(lambda: disturbed(work, fatal, how))
    assert status in (0, 2, 3, KILLED), (how, fatal, status)
    whole(work)
    assert shown(work) in (old, new), (how, fatal, sorted(shown(work)))
    assert forked(lambda: undisturbed(work, NEW)) == 0, (how, fatal)
    assert shown(work) == new, (how, fatal)
    wrong = wrong_files(work)
    assert not wrong, (how, fatal, wrong)
    return status


SOME = (("kill", True), ("full", True))
ALL = tuple((how, after) for how in ("kill", "full", "broken") for after in (False, True))
"""How events fail, and whether in a directory that shows an old run."""


def main(folder: Path, ways=ALL) -> dict[str, int]:
    """By way, how many events failed, one at a time."""
    old, new = folder / "old", folder / "new"
    assert forked(lambda: undisturbed(old, OLD)) == 0
    assert forked(lambda: undisturbed(new, NEW)) == 0
    counts = {}
    for how, after in ways:
        start, before = (old, shown(old)) if after else (None, {})
        fatal = 1
        while tried(start, folder / "work", fatal, how, before, shown(new)) != 3:
            fatal += 1
        counts[f"{how}, {'beside an old run' if after else 'in a new directory'}"] = fatal - 1
    return counts


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), ALL if sys.argv[2:] else SOME)))
