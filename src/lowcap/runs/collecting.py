"""Tables of many cells put together a little at a time, in the cells' order."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lowcap.errors import RunError
from lowcap.runs.files import Sink, writing

_AT_ONCE = 2**22
"""Bytes of a table that are gathered before they are written."""
_PIECES = 512
"""Pieces of a table that are gathered before they are written."""


def fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table in a wider form: columns that it lacks are empty."""
    if table.schema.equals(schema):
        return table
    columns = [
        table[one.name].cast(one.type)
        if one.name in table.column_names
        else pa.nulls(table.num_rows, one.type)
        for one in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def widest(name: str, schemas: Iterable[pa.Schema]) -> pa.Schema:
    """The form that all tables of a name fit into.

    Raises:
        RunError: there is none.
    """
    try:
        return pa.unify_schemas(list(schemas), promote_options="permissive")
    except pa.ArrowException as error:
        raise RunError(f"tables {name} of different cells do not fit together: {error}") from error


def in_memory(
    pieces: Iterable[tuple[str, pa.Table]], schemas: Mapping[str, pa.Schema]
) -> dict[str, pd.DataFrame]:
    """Tables by name."""
    gathered: dict[str, list[pa.Table]] = {name: [] for name in schemas}
    for name, table in pieces:
        gathered[name].append(fitted(table, schemas[name]))
    found = {name: pa.concat_tables(tables).to_pandas() for name, tables in gathered.items()}
    return FoundTables(found)


def into_files(
    pieces: Iterable[tuple[str, pa.Table]], schemas: Mapping[str, pa.Schema], folder: Path
) -> "StoredTables":
    """Write tables as Parquet, one a name; they are never in memory as a whole."""
    growing: dict[str, _Growing] = {}
    with writing(folder):
        try:
            for name, schema in schemas.items():
                growing[name] = _Growing(folder, name, schema)
            for name, table in pieces:
                growing[name].add(table)
            for one in growing.values():
                one.close()
        finally:
            for one in growing.values():
                one.abandon()
    return StoredTables(folder, tuple(schemas))


class _Growing:
    """One Parquet file that pieces are added to."""

    def __init__(self, folder: Path, name: str, schema: pa.Schema) -> None:
        self.schema = schema
        self.sink = Sink(folder / f"{name}.parquet")
        self._writer = pq.ParquetWriter(self.sink, schema)
        self._pieces: list[pa.Table] = []
        self._bytes = 0

    def add(self, table: pa.Table) -> None:
        """Add a piece."""
        self._pieces.append(fitted(table, self.schema))
        self._bytes += table.nbytes
        if self._bytes >= _AT_ONCE or len(self._pieces) >= _PIECES:
            self._write()

    def close(self) -> None:
        """Write what is left, and wait for the disk."""
        self._write()
        self._writer.close()
        self.sink.close()

    def abandon(self) -> None:
        """Write no more, whatever is left."""
        self._writer.is_open = False  # else it would write its end when it is forgotten
        self.sink.abandon()

    def _write(self) -> None:
        if self._pieces:
            self._writer.write_table(pa.concat_tables(self._pieces).combine_chunks())
        self._pieces, self._bytes = [], 0


class LackingTableError(RunError, KeyError):
    """A table that no finished cell has."""

    __str__ = Exception.__str__


class FoundTables(dict[str, pd.DataFrame]):
    """Tables in memory; of one that is not there it says so."""

    def __missing__(self, name: str) -> pd.DataFrame:
        raise LackingTableError(f"no finished cell has a table '{name}'")


@lru_cache(maxsize=16)
def _read(path: Path, written: int) -> pd.DataFrame:
    with path.open("rb") as stream:  # not by its name, which need not be UTF-8
        return pd.read_parquet(stream)


@dataclass(frozen=True)
class StoredTables(Mapping[str, pd.DataFrame]):
    """The tables of a run on disk: light to send to another process, each read there once."""

    folder: Path
    names: tuple[str, ...]

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.names:
            raise LackingTableError(f"no finished cell has a table '{name}'")
        path = self.folder / f"{name}.parquet"
        return _read(path, path.stat().st_mtime_ns)  # read again if it was written again

    def __contains__(self, name: object) -> bool:
        return name in self.names  # without reading it

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> StoredTables:
    """Write tables that are in memory, to be read in other processes."""
    found = {name: pa.Table.from_pandas(one, preserve_index=False) for name, one in tables.items()}
    return into_files(found.items(), {name: one.schema for name, one in found.items()}, folder)
