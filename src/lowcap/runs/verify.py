"""Whether everything in a run's directory is as it was written; a line for each thing if not."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from lowcap.errors import RunError
from lowcap.runs.cell import Cell
from lowcap.runs.cellfile import SUFFIX, DamagedError, check
from lowcap.runs.files import leftovers, remove
from lowcap.runs.published import LIST, PLACES, Published, file_digest
from lowcap.runs.store import RECORD, RUNNING, Store, read_record


class Wrong(NamedTuple):
    """Something that is not as it should be."""

    path: Path
    reason: str
    gone: bool = False
    """Whether removing it is no remedy, since it is not there."""

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def wrong_files(root: Path) -> list[Wrong]:
    """All that is wrong with the files of a run; needs nothing but the directory.

    Raises:
        RunError: there is no run.
    """
    if not Store(root).has_record() and not (root / "cells").is_dir():
        raise RunError(f"{root}: no run here (it has no {RECORD})")
    found = [*_records(root), *_cells(root / "cells"), *_published(root), *_left(root)]
    return list({one.path: one for one in reversed(found)}.values())[::-1]  # each path once


def wrong_plan(store: Store, cells: Sequence[Cell]) -> list[Wrong]:
    """What a run still lacks of what it consists of."""
    missing = sum(not store.holds(cell) for cell in cells)
    if not missing:
        return []
    reason = f"{missing} of {len(cells)} cells are not here or lack measures"
    return [Wrong(store.cells, reason, gone=True)]


def repair(store: Store, found: Callable[[], Sequence[Wrong]]) -> list[Wrong]:
    """Remove what must be computed or published again; what is removed is given back.

    Args:
        store: the run.
        found: finds what is wrong, once the run is held.
    """
    with store.locked():
        wrong = [one for one in found() if not one.gone]
        for one in wrong:
            remove(one.path)
    return wrong


def _records(root: Path) -> Iterator[Wrong]:
    for name in (RUNNING, RECORD):
        path = root / name
        if path.exists():
            try:
                read_record(path)
            except RunError as error:
                yield Wrong(path, str(error).removeprefix(f"{path}: "))


def _cells(folder: Path) -> Iterator[Wrong]:
    for path in sorted(folder.glob("*")):
        if path.name.startswith("."):
            continue
        if path.suffix != SUFFIX:
            yield Wrong(path, "no cell of this version of lowcap; nothing reads it", gone=True)
            continue
        try:
            _, bad = check(path, path.stem)
        except FileNotFoundError:
            continue
        except DamagedError as error:
            yield Wrong(path, f"damaged, {error}")
            continue
        if bad:
            yield Wrong(path, f"damaged, {', '.join(bad)} not as written")


def _published(root: Path) -> Iterator[Wrong]:
    published = Published(root)
    shown = [root / name for name in PLACES if (root / name).exists()]
    try:
        files, inputs = published.files(), published.inputs()
    except RunError as error:
        if shown or published.current.is_symlink():
            yield Wrong(published.folder / LIST, str(error))
        return
    for name, digest in inputs.items():
        path = root / name
        if not path.is_file() or file_digest(path) != digest:
            reason = "not what the page was made with; lowcap report makes the page again"
            yield Wrong(path, reason, gone=True)
    for name, digest in files.items():
        path = root / name
        if not path.is_file():
            yield Wrong(path, "missing", gone=True)
        elif file_digest(path) != digest:
            yield Wrong(path, "not as it was written")


def _left(root: Path) -> Iterator[Wrong]:
    published = Published(root)
    places = [*leftovers(root), *leftovers(root / "cells"), *published.leftovers()]
    for path in places:
        yield Wrong(path, "left by an interrupted writer")
