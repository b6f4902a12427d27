"""A run's directory: cells written whole or not at all, tables collected from them.

    RUN/cells/<fingerprint>.cell   what decides a fit's numbers, what it leaves, tables of it
    RUN/running.json               what is being computed, until it is published
    RUN/published/                 what the run shows; see `lowcap.runs.published`

Each cell's file is checked against its own SHA-256 once a run. What is damaged is as if it were not
there: it is computed again, with one line of warning, and never shown.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock
import pandas as pd
import pyarrow as pa

from lowcap.errors import RunError
from lowcap.json_files import read_json
from lowcap.runs.cell import FIT, Cell, CellResult
from lowcap.runs.cellfile import (
    TABLE,
    DamagedError,
    NewPart,
    kept,
    read_header,
    read_table,
    tables_part,
    written,
)
from lowcap.runs.collecting import StoredTables, in_memory, into_files, widest
from lowcap.runs.files import leftovers, remove, sync_folder, write_whole, writing
from lowcap.runs.held import Held
from lowcap.runs.published import Published

RECORD, RUNNING = "run.json", "running.json"
_DIGEST = "sha256"


class Store:
    """The directory of one run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cells = root / "cells"
        self.published = Published(root)
        self._held = Held(self.cells)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for writing, and clear what an interrupted writer left.

        Raises:
            RunError: another process holds it, or it cannot be written.
        """
        try:
            with writing(self.root):
                self.cells.mkdir(parents=True, exist_ok=True)
        except ValueError as error:  # such as a NUL in its name
            raise RunError(f"{str(self.root)!r}: cannot be written ({error})") from error
        lock = filelock.FileLock(self.root / ".lock")
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            raise RunError(f"{self.root}: another lowcap is writing to this run") from None
        except OSError as error:
            raise RunError(f"{self.root}: cannot be locked ({error})") from error
        try:
            for leftover in [*leftovers(self.root), *leftovers(self.cells)]:
                remove(leftover)
            self.published.tidy()
            self._held.forget()
            yield
        finally:
            lock.release()

    def holds(self, cell: Cell) -> bool:
        """Whether every measure that the run wants of the cell is here and whole."""
        return not self.lacking(cell)

    def lacking(self, cell: Cell) -> tuple[str, ...]:
        """The measures that the run wants of the cell and that are not here."""
        layout = self._held[cell.fingerprint].layout
        return tuple(name for name, version in cell.measures if f"{name}@{version}" not in layout)

    def warn(self, remedy: str) -> None:
        """Say once, in one line, which cells were found damaged, and what becomes of them."""
        if said := self._damage():
            logging.getLogger("lowcap").warning(f"{said}; {remedy}")

    def tell_missing(self, cells: Sequence[Cell]) -> None:
        """Say in one line what of the cells is damaged or not there, if anything is."""
        missing = sum(not self.holds(cell) for cell in cells)
        damage = self._damage()
        if missing or damage:
            count = f"{missing} of {len(cells)} cells are left out or lack measures"
            logging.getLogger("lowcap").warning(
                f"{damage or self.root}: {count}; run the same command again to compute them"
            )

    def _damage(self) -> str:
        """What is damaged, in words; it is forgotten then."""
        damaged = self._held.damaged
        if not damaged:
            return ""
        first, *others = damaged
        more = f" (and {len(others)} more)" if others else ""
        said = f"{self._held.path(first)}: damaged, {damaged[first]}{more}"
        damaged.clear()
        return said

    def write(self, cell: Cell, result: CellResult) -> None:
        """Store the fit, if it is new, and the measures; all of it appears at once."""
        parts: dict[str, NewPart] = {}
        if result.files is not None:
            parts[FIT] = NewPart(result.seconds.get(FIT, 0.0), result.files)
        else:
            parts |= self._kept(cell)
        versions = dict(cell.measures)
        for name, tables in result.tables.items():
            part = tables_part(result.seconds.get(name, 0.0), tables)
            parts[f"{name}@{versions[name]}"] = part
        write_whole(self._held.path(cell.fingerprint), written(cell.identity, parts))
        self._held.remember(cell.fingerprint, parts)

    def has_fit(self, cell: Cell) -> bool:
        """Whether what the cell's fit left is here."""
        return FIT in self._held[cell.fingerprint].layout

    def fit_files(self, cell: Cell) -> dict[str, bytes] | None:
        """What the cell's fit left, by name; None if it is not here.

        Raises:
            RunError: it was damaged since the cell was looked at first.
        """
        if not self.has_fit(cell):
            return None
        with self._opened(cell) as (header, stream):
            return {name: header.read(stream, FIT, name) for name in header.parts[FIT].files}

    def seconds(self, cell: Cell) -> float:
        """How long the cell's fit and measures took to compute."""
        held = self._held[cell.fingerprint]
        parts = [FIT, *(f"{name}@{version}" for name, version in cell.measures)]
        return sum(map(held.seconds, parts))

    def collect(self, cells: Sequence[Cell]) -> dict[str, pd.DataFrame]:
        """Every table of the given cells, put together in the cells' order.

        The order in which cells were computed leaves no trace, so an interrupted and resumed run
        has the same tables as an undisturbed one.

        Raises:
            RunError: a file was damaged since it was looked at first.
        """
        return in_memory(self._pieces(cells), self._schemas(cells))

    def collect_into(self, cells: Sequence[Cell], folder: Path) -> StoredTables:
        """The same as Parquet files in a folder, of which little is in memory at a time."""
        return into_files(self._pieces(cells), self._schemas(cells), folder)

    def _kept(self, cell: Cell) -> dict[str, NewPart]:
        """All sound parts of a cell's file."""
        names = list(self._held[cell.fingerprint].layout)
        if not names:
            return {}
        with self._opened(cell) as (header, stream):
            return kept(header, stream, names)

    def _schemas(self, cells: Sequence[Cell]) -> dict[str, pa.Schema]:
        """By table, the form that those of all cells fit into; few files are read for that."""
        forms: dict[str, dict[Any, pa.Schema]] = {}
        known = set()
        for cell in cells:
            layout = self._held[cell.fingerprint].layout
            key = (id(layout), cell.measures)  # layouts are shared, and stay
            if key in known:
                continue
            known.add(key)
            for part in self._wanted(cell):
                for table, columns in layout[part].items():
                    found = forms.setdefault(table, {})
                    if columns not in found:
                        found[columns] = self._table(cell, part, table).schema
        return {name: widest(name, found.values()) for name, found in forms.items()}

    def _wanted(self, cell: Cell) -> list[str]:
        """The parts with tables that the run wants of the cell and that are here."""
        layout = self._held[cell.fingerprint].layout
        parts = (f"{name}@{version}" for name, version in cell.measures)
        return [part for part in parts if part in layout]

    def _table(self, cell: Cell, part: str, table: str) -> pa.Table:
        with self._opened(cell) as (header, stream):
            return read_table(header.read(stream, part, table + TABLE))

    def _pieces(self, cells: Sequence[Cell]) -> Iterator[tuple[str, pa.Table]]:
        """The tables of all cells, one after the other."""
        for cell in cells:
            wanted = self._wanted(cell)
            if wanted:
                with self._opened(cell) as (header, stream):
                    for part in wanted:
                        for name in header.parts[part].files:
                            content = header.read(stream, part, name)
                            yield name.removesuffix(TABLE), read_table(content)

    @contextmanager
    def _opened(self, cell: Cell) -> Iterator[tuple[Any, Any]]:
        path = self._held.path(cell.fingerprint)
        try:
            with path.open("rb") as stream:
                yield read_header(stream, cell.fingerprint), stream
        except (OSError, DamagedError, KeyError, pa.ArrowException) as error:
            raise RunError(f"{path}: changed while it was in use ({error}); run again") from error

    def sync(self) -> None:
        """Wait until the names of all cells are on the disk."""
        with writing(self.cells):
            sync_folder(self.cells)

    def write_record(self, record: Mapping[str, Any]) -> None:
        """Note what is being computed, before it is published."""
        write_whole(self.root / RUNNING, record_text(record))

    def forget_running(self) -> None:
        """What was being computed is published."""
        remove(self.root / RUNNING)

    def has_record(self) -> bool:
        """Whether there is a run here, published or not."""
        return (self.root / RUNNING).exists() or (self.root / RECORD).exists()

    def record(self) -> dict[str, Any]:
        """What the run consists of: what is being computed, or else what was published.

        Raises:
            RunError: there is none, or it is damaged.
        """
        running = self.root / RUNNING
        return read_record(running if running.exists() else self.root / RECORD)


def record_text(record: Mapping[str, Any]) -> str:
    """A record as JSON, with its own SHA-256."""
    text = json.dumps(dict(record) | {_DIGEST: _digest(record)}, indent=2, ensure_ascii=False)
    return text + "\n"


def read_record(path: Path) -> dict[str, Any]:
    """A record, held against its SHA-256.

    Raises:
        RunError: there is none, or it is damaged.
    """
    try:
        record = read_json(path)
        said = record.pop(_DIGEST, None)
    except FileNotFoundError:
        raise RunError(f"{path.parent}: no run here (it has no {path.name})") from None
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise RunError(f"{path}: damaged, it cannot be read ({error})") from error
    if said != _digest(record):
        raise RunError(f"{path}: damaged, it is not as it was written; run the same command again")
    return record


def _digest(record: Mapping[str, Any]) -> str:
    plain = {name: value for name, value in record.items() if name != _DIGEST}
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
