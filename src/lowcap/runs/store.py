"""A run's directory: parts of cells written whole or not at all, tables collected from them.

    RUN/cells/<fingerprint>/cell.json            what decides the fit's numbers
    RUN/cells/<fingerprint>/fit/                 what the fit leaves, such as weights
    RUN/cells/<fingerprint>/<measure>@<version>/ the measure's tables, one Parquet each

Each part lists its files with their SHA-256 in ``part.json``.
"""

import errno
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import filelock
import pandas as pd

from lowcap.errors import RunError
from lowcap.runs.cell import FIT, Cell, CellResult

_PARTIAL = ".partial-"
_RECORD = "part.json"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _damaged(folder: Path, reason: object) -> RunError:
    return RunError(f"{folder}: damaged ({reason}); remove this folder and run again")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the file system's refusals into one clear line that names the path."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise RunError(
                f"{path}: the disk is full; free some space and run the same command again, "
                "finished cells are kept"
            ) from error
        raise RunError(f"{path}: cannot be written ({error.strerror or error})") from error


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file under a temporary name, then rename it: readers never see half of it."""
    data = content.encode() if isinstance(content, str) else content
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_PARTIAL)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


class Store:
    """The directory of one run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cells = root / "cells"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for writing, and clear what an interrupted writer left.

        Raises:
            RunError: another process holds it, or it cannot be written.
        """
        with writing(self.root):
            self.cells.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(self.root / ".lock")
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            raise RunError(f"{self.root}: another lowcap is writing to this run") from None
        except OSError as error:
            raise RunError(f"{self.root}: cannot be locked ({error})") from error
        try:
            for leftover in self.cells.glob(f"{_PARTIAL}*"):
                shutil.rmtree(leftover, ignore_errors=True)
            yield
        finally:
            lock.release()

    def holds(self, cell: Cell) -> bool:
        """Whether every measure that the run wants of the cell is here."""
        return not self.lacking(cell)

    def lacking(self, cell: Cell) -> tuple[str, ...]:
        """The measures that the run wants of the cell and that are not here."""
        return tuple(name for name, _ in cell.measures if not self._part(cell, name).is_dir())

    def write(self, cell: Cell, result: CellResult) -> None:
        """Store the fit, if it is new, and the measures; each appears all at once."""
        home = self.cells / cell.fingerprint
        write_whole(home / "cell.json", json.dumps(cell.identity, indent=2))
        if result.files is not None:
            self._write_part(home / FIT, result.files, result.seconds.get(FIT, 0.0))
        for name, tables in result.tables.items():
            files = {
                f"{table}.parquet": one.to_parquet(index=False) for table, one in tables.items()
            }
            self._write_part(self._part(cell, name), files, result.seconds.get(name, 0.0))

    def has_fit(self, cell: Cell) -> bool:
        """Whether what the cell's fit left is here."""
        return (self.cells / cell.fingerprint / FIT).is_dir()

    def fit_files(self, cell: Cell) -> dict[str, bytes] | None:
        """What the cell's fit left, by name; None if it is not here.

        Raises:
            RunError: a file is damaged.
        """
        folder = self.cells / cell.fingerprint / FIT
        return self._read_part(folder) if self.has_fit(cell) else None

    def seconds(self, cell: Cell) -> float:
        """How long the cell's fit and measures took to compute."""
        parts = [FIT, *(self._part(cell, name).name for name, _ in cell.measures)]
        home = f"cells/{cell.fingerprint}"
        return sum(float(self._record(self.root / home / part).get("seconds", 0)) for part in parts)

    def collect(self, cells: Sequence[Cell]) -> dict[str, pd.DataFrame]:
        """Every table of the given cells, put together in the cells' order.

        The order in which cells were computed leaves no trace, so an interrupted and resumed run
        has the same tables as an undisturbed one.

        Raises:
            RunError: a file is damaged.
        """
        parts: dict[str, list[pd.DataFrame]] = {}
        for cell in cells:
            lacking = self.lacking(cell)
            for name, _ in cell.measures:
                if name in lacking:
                    continue
                for file, content in self._read_part(self._part(cell, name)).items():
                    table = pd.read_parquet(io.BytesIO(content))
                    parts.setdefault(file.removesuffix(".parquet"), []).append(table)
        return {name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()}

    def _part(self, cell: Cell, measure: str) -> Path:
        return self.cells / cell.fingerprint / f"{measure}@{dict(cell.measures)[measure]}"

    def _write_part(self, final: Path, files: Mapping[str, bytes], seconds: float) -> None:
        with writing(final):
            partial = Path(tempfile.mkdtemp(dir=self.cells, prefix=_PARTIAL))
            try:
                for name, content in files.items():
                    (partial / name).write_bytes(content)
                digests = {name: _sha256(content) for name, content in files.items()}
                record = {"seconds": round(seconds, 3), "sha256": digests}
                (partial / _RECORD).write_text(json.dumps(record, indent=2))
                os.chmod(partial, 0o755)
                if final.is_dir():  # computed twice: the same numbers, and somebody may read them
                    shutil.rmtree(partial)
                else:
                    os.replace(partial, final)
            except BaseException:
                shutil.rmtree(partial, ignore_errors=True)
                raise

    def _record(self, folder: Path) -> dict[str, Any]:
        """What a part says of itself; nothing if it is not here."""
        path = folder / _RECORD
        try:
            return json.loads(path.read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise _damaged(folder, error) from error

    def _read_part(self, folder: Path) -> dict[str, bytes]:
        """A part's files, each checked against its SHA-256."""
        try:
            expected: dict[str, str] = self._record(folder)["sha256"]
            files = {name: (folder / name).read_bytes() for name in expected}
        except (OSError, KeyError) as error:
            raise _damaged(folder, error) from error
        for name, content in files.items():
            if _sha256(content) != expected[name]:
                raise _damaged(folder, f"{name} is not as it was written")
        return files

    def write_tables(self, tables: dict[str, pd.DataFrame]) -> None:
        """Write the collected tables under ``tables/``, and remove what an earlier run left there.

        Nothing is lost by that: tables follow from the cells.
        """
        for name, table in tables.items():
            write_whole(self.root / "tables" / f"{name}.parquet", table.to_parquet(index=False))
        self._only("tables", {f"{name}.parquet" for name in tables})

    def write_figures(self, files: Mapping[str, str | bytes]) -> None:
        """Write figures by file name under ``figures/``, and remove those of an earlier run."""
        for name, content in files.items():
            write_whole(self.root / "figures" / name, content)
        self._only("figures", set(files))

    def _only(self, folder: str, names: set[str]) -> None:
        """Remove this class's own kinds of files that are not among the names."""
        for path in (self.root / folder).glob("*"):
            if path.suffix in (".parquet", ".svg", ".png") and path.name not in names:
                with writing(path):
                    path.unlink(missing_ok=True)

    def tables(self, names: Iterable[str]) -> "StoredTables":
        """Tables written before, read when they are asked for."""
        return StoredTables(self.root / "tables", tuple(names))

    def write_json(self, name: str, content: dict[str, Any]) -> None:
        """Write a JSON file at the top of the run."""
        write_whole(self.root / name, json.dumps(content, indent=2) + "\n")

    def read_json(self, name: str) -> dict[str, Any]:
        """Read a JSON file at the top of the run.

        Raises:
            RunError: there is none, or it is damaged.
        """
        path = self.root / name
        try:
            return json.loads(path.read_text())
        except FileNotFoundError:
            raise RunError(f"{self.root}: no run here (it has no {name})") from None
        except (OSError, ValueError) as error:
            raise RunError(f"{path}: cannot be read ({error})") from error


@lru_cache(maxsize=16)
def _read(path: Path, written: int) -> pd.DataFrame:
    return pd.read_parquet(path)


@dataclass(frozen=True)
class StoredTables(Mapping[str, pd.DataFrame]):
    """The tables of a run on disk: light to send to another process, each read there once."""

    folder: Path
    names: tuple[str, ...]

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.names:
            raise KeyError(name)
        path = self.folder / f"{name}.parquet"
        return _read(path, path.stat().st_mtime_ns)  # read again if it was written again

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)
