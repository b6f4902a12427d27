"""A run's directory: cells written whole or not at all, tables collected from them."""

import errno
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
import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save

from lowcap.errors import RunError
from lowcap.runs.cell import Cell, CellResult

_PARTIAL = ".partial-"


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
        """Whether the cell's results are here."""
        return (self.cells / cell.fingerprint / "cell.json").is_file()

    def write(self, cell: Cell, result: CellResult, seconds: float) -> None:
        """Store a cell's results; they appear all at once."""
        final = self.cells / cell.fingerprint
        with writing(final):
            partial = Path(tempfile.mkdtemp(dir=self.cells, prefix=_PARTIAL))
            try:
                for name, table in result.tables.items():
                    content = table.to_parquet(index=False)
                    (partial / f"{name}.parquet").write_bytes(content)
                if result.arrays:
                    arrays = {k: np.ascontiguousarray(v) for k, v in result.arrays.items()}
                    (partial / "weights.safetensors").write_bytes(save(arrays))
                record = {**cell.identity, "seconds": round(seconds, 3)}
                (partial / "cell.json").write_text(json.dumps(record, indent=2))
                os.chmod(partial, 0o755)
                os.replace(partial, final)
            except BaseException:
                shutil.rmtree(partial, ignore_errors=True)
                raise

    def arrays(self, cell: Cell) -> dict[str, np.ndarray]:
        """The arrays stored with a cell, such as its trained weights."""
        return load_file(self.cells / cell.fingerprint / "weights.safetensors")

    def seconds(self, cell: Cell) -> float:
        """How long the cell took to compute."""
        return float(self.read_json(f"cells/{cell.fingerprint}/cell.json").get("seconds", 0.0))

    def collect(self, cells: Sequence[Cell]) -> dict[str, pd.DataFrame]:
        """Every table of the given cells, put together in the cells' order.

        The order in which cells were computed leaves no trace, so an interrupted and resumed run
        has the same tables as an undisturbed one.
        """
        parts: dict[str, list[pd.DataFrame]] = {}
        for cell in cells:
            if not self.holds(cell):
                continue
            for path in sorted((self.cells / cell.fingerprint).glob("*.parquet")):
                try:
                    parts.setdefault(path.stem, []).append(pd.read_parquet(path))
                except (OSError, ValueError) as error:
                    raise RunError(
                        f"{path.parent}: damaged ({error}); remove this folder and run again"
                    ) from error
        return {name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()}

    def write_tables(self, tables: dict[str, pd.DataFrame]) -> None:
        """Write the collected tables under ``tables/``."""
        for name, table in tables.items():
            write_whole(self.root / "tables" / f"{name}.parquet", table.to_parquet(index=False))

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
