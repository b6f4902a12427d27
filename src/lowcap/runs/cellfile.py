"""The file of one cell: what decides its numbers, what its fit left, and its measures' tables.

    lowcap cell 1 <SHA-256 of the second line>
    {"cell": what decides the numbers, "parts": {"fit": ..., "capacity@1": ...}}
    the contents, one after the other in the order of the second line

The second line names every content with its size, its SHA-256 and, of a table, rows and columns. So
each bit of the file is accounted for, and a file of another cell is told from this one's.
"""

import hashlib
import io
import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pyarrow as pa

from lowcap.json_files import parse_json
from lowcap.runs.cell import fingerprint_of

SUFFIX = ".cell"
TABLE = ".arrow"
_FORM = "lowcap cell 1"
_FIRST = len(_FORM) + 1 + 64 + 1
_MOST = 2**26
"""Bytes of a second line that are read before it is called damaged."""
_CHUNK = 2**20
_SMALL = 2**16
"""Bytes of a table up to which it is not compressed: that would take longer than to read it."""


class DamagedError(Exception):
    """A cell's file is not as it was written; the message says in which way."""


@dataclass(frozen=True)
class Content:
    """One content of a part, as the second line tells it."""

    size: int
    sha256: str
    rows: int | None = None
    columns: Mapping[str, str] | None = None
    """Of a table: its columns with their types."""


@dataclass(frozen=True)
class Part:
    """The fit, or one measure in one version."""

    seconds: float
    """What it took to compute."""
    files: Mapping[str, Content]

    @property
    def columns(self) -> dict[str, Mapping[str, str]]:
        """The columns of those files that are tables, with their types."""
        return {name: said.columns for name, said in self.files.items() if said.columns is not None}


@dataclass(frozen=True)
class Header:
    """The second line, and where each content begins."""

    cell: Mapping[str, Any]
    parts: Mapping[str, Part]
    begins: Mapping[tuple[str, str], int]
    ends: int
    """How long the whole file is."""

    def read(self, stream: BinaryIO, part: str, name: str) -> bytes:
        """One content, held against its SHA-256.

        Raises:
            DamagedError: it is not as it was written.
        """
        said = self.parts[part].files[name]
        stream.seek(self.begins[part, name])
        content = stream.read(said.size)
        if hashlib.sha256(content).hexdigest() != said.sha256:
            raise DamagedError(f"{name} of {part} is not as it was written")
        return content

    def sound(self, stream: BinaryIO, part: str, name: str) -> bool:
        """Whether a content is as it was written; takes little memory."""
        said = self.parts[part].files[name]
        stream.seek(self.begins[part, name])
        digest, left = hashlib.sha256(), said.size
        while left and (chunk := stream.read(min(left, _CHUNK))):
            digest.update(chunk)
            left -= len(chunk)
        return not left and digest.hexdigest() == said.sha256


@dataclass(frozen=True)
class NewPart:
    """A part that is to be written."""

    seconds: float
    contents: Mapping[str, bytes]
    shapes: Mapping[str, tuple[int, Mapping[str, str]]] = field(default_factory=dict)
    """Of those contents that are tables: rows, and columns with their types."""

    @property
    def columns(self) -> dict[str, Mapping[str, str]]:
        """The columns of those files that are tables, with their types."""
        return {name: columns for name, (_, columns) in self.shapes.items()}

    def described(self) -> dict[str, Any]:
        """As the second line tells it."""
        files = {}
        for name, content in self.contents.items():
            said = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            if name in self.shapes:
                said["rows"], said["columns"] = self.shapes[name]
            files[name] = said
        return {"seconds": round(self.seconds, 3), "files": files}


def written(identity: Mapping[str, Any], parts: Mapping[str, NewPart]) -> Iterator[bytes]:
    """The bytes of a cell's file."""
    described = {name: part.described() for name, part in parts.items()}
    line = json.dumps({"cell": identity, "parts": described}, ensure_ascii=False) + "\n"
    second = line.encode("utf-8")
    yield f"{_FORM} {hashlib.sha256(second).hexdigest()}\n".encode("ascii") + second
    for part in parts.values():
        yield from part.contents.values()


def read_header(stream: BinaryIO, fingerprint: str) -> Header:
    """The header of a cell's file.

    Raises:
        DamagedError: it is damaged, or that of another cell.
    """
    first = stream.read(_FIRST)
    if not first:
        raise DamagedError("it is empty")
    second = stream.readline(_MOST)
    expected = f"{_FORM} {hashlib.sha256(second).hexdigest()}\n".encode("ascii")
    if first != expected:
        raise DamagedError("its first lines are not as they were written")
    try:
        found = parse_json(second)
        if fingerprint_of(found["cell"]) != fingerprint:
            raise DamagedError("it is the file of another cell")
        parts = {
            name: Part(
                float(part["seconds"]),
                {file: Content(**said) for file, said in part["files"].items()},
            )
            for name, part in found["parts"].items()
        }
        begins, at = {}, _FIRST + len(second)
        for name, part in parts.items():
            for file, said in part.files.items():
                begins[name, file] = at
                at += said.size
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedError(f"its first lines make no sense: {error!r}") from error
    return Header(found["cell"], parts, begins, at)


def check(path: Path, fingerprint: str) -> tuple[Header, list[str]]:
    """Hold all of a cell's file against what it says of itself.

    Returns:
        The header, and the names of the parts that are damaged.

    Raises:
        DamagedError: none of it can be trusted.
        FileNotFoundError: it is not there.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer
            raise DamagedError("it is no file")
        with path.open("rb") as stream:
            header = read_header(stream, fingerprint)
            bad = [
                name
                for name, part in header.parts.items()
                if not all(header.sound(stream, name, file) for file in part.files)
            ]
            if stream.seek(0, io.SEEK_END) > header.ends:
                raise DamagedError("it is longer than it was written")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DamagedError(f"it cannot be read: {error.strerror or error}") from error
    return header, bad


def kept(header: Header, stream: BinaryIO, names: list[str]) -> dict[str, NewPart]:
    """Some parts of a file, to be written into another.

    Raises:
        DamagedError: one is not as it was written.
    """
    found = {}
    for name in names:
        part = header.parts[name]
        contents = {file: header.read(stream, name, file) for file in part.files}
        shapes = {
            file: (said.rows, said.columns)
            for file, said in part.files.items()
            if said.rows is not None and said.columns is not None
        }
        found[name] = NewPart(part.seconds, contents, shapes)
    return found


def tables_part(seconds: float, tables: Mapping[str, pd.DataFrame]) -> NewPart:
    """A part of tables, as Arrow's streams: they are read some fifty times sooner than Parquet."""
    contents, shapes = {}, {}
    for name, frame in tables.items():
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        contents[name + TABLE] = _stream(table)
        columns = {one.name: str(one.type) for one in table.schema}
        shapes[name + TABLE] = (table.num_rows, columns)
    return NewPart(seconds, contents, shapes)


def _stream(table: pa.Table) -> bytes:
    options = pa.ipc.IpcWriteOptions(compression="lz4" if table.nbytes > _SMALL else None)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def read_table(content: bytes) -> pa.Table:
    """A table as `tables_part` wrote it."""
    return pa.ipc.open_stream(content).read_all()
