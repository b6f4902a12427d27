"""CSV files of any length: every record is checked, a bounded number of them is kept."""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Int

from lowcap.errors import DataError
from lowcap.small.table.cells import COUNTED, shown
from lowcap.small.table.checks import check_names
from lowcap.small.table.sampling import Reservoir


class Rows(NamedTuple):
    """Rows of a file as a table."""

    table: pd.DataFrame
    """Its index holds the number of each row in the file, from 1, the header not counted."""
    of: int
    """How many rows the file has."""


class Limits(NamedTuple):
    """How much of a file is held at once."""

    rows: int = 50_000
    """Rows that are kept; of more, a random sample is taken."""
    cells: int = 50_000_000
    """Rows times columns that are kept: wide tables keep fewer rows."""
    chunk: int = 10_000
    """Rows of a CSV that are read before some are let go."""

    def most(self, columns: int) -> int:
        """Rows to keep of a table with so many columns."""
        return max(1, min(self.rows, self.cells // max(columns, 1)))


def read_csv(
    path: Path, limits: Limits, generator: np.random.Generator, texts: Iterable[str] = ()
) -> Rows:
    """Read a CSV file with a header, separated by commas, in UTF-8 with or without a BOM.

    What counts as missing (an empty cell, NA, ...) and what as a number is pandas' own rule,
    applied to the rows that are kept.

    Args:
        path: the file.
        limits: what to keep.
        generator: of the sample, if one is taken.
        texts: columns that stay texts even if all their cells look like numbers.

    Raises:
        DataError: the file is no such CSV; the message names the line or the row.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            records = _records(file, path)
            header, names = next(records, ("", []))
            if not names:
                raise DataError(f"{path}: is empty")
            names = _named(names, path)
            kept = Reservoir(limits.most(len(names)), generator)
            chunk: list[str] = []
            for raw, cells in records:
                if len(cells) != len(names):
                    raise DataError(
                        f"{path}: row {kept.offered + len(chunk) + 1} ({COUNTED}) has "
                        f"{len(cells)} cells, but the header {len(names)}"
                    )
                chunk.append(raw)
                if len(chunk) == limits.chunk:
                    kept.offer(chunk)
                    chunk = []
            kept.offer(chunk)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: line {_first_undecodable(path)} is not UTF-8; save the file as UTF-8"
        ) from error
    numbers, raws = kept.kept
    return Rows(_typed(path, names, [header, *raws], numbers, texts), kept.offered)


def _records(file: Iterable[str], path: Path) -> Iterator[tuple[str, list[str]]]:
    """The text and the cells of each record that is not blank."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in file:
            if "\0" in line:
                raise DataError(
                    f"{path}: line {reader.line_num + 1} holds a NUL character; "
                    "save the file as text in UTF-8"
                )
            taken.append(line)
            yield line

    reader = csv.reader(lines(), strict=True)
    try:
        for cells in reader:
            raw = "".join(taken)
            taken.clear()
            if raw.strip():
                yield (raw if raw.endswith(("\n", "\r")) else raw + "\n"), cells
    except csv.Error as error:
        raise DataError(
            f"{path}: line {reader.line_num} is no CSV ({error}); look at its quotation marks"
        ) from error


def _named(names: list[str], path: Path) -> list[str]:
    """The header, with pandas' names for columns that have none."""
    given = [name or f"Unnamed: {place}" for place, name in enumerate(names)]
    if len(given) == 1:
        other = next((mark for mark in (";", "\t", "|") if mark in given[0]), None)
        if other:
            raise DataError(
                f"{path}: its columns are separated by {other!r}; save it with commas instead, and "
                "with points in numbers, not commas"
            )
    check_names(given, str(path))
    return given


def _typed(
    path: Path,
    names: list[str],
    raws: list[str],
    numbers: Int[np.ndarray, " kept"],
    texts: Iterable[str],
) -> pd.DataFrame:
    """The kept records as pandas reads them, their numbers in the file as index."""
    wanted = set(texts)
    kinds = {name: str for name in names if name in wanted}
    try:
        table = pd.read_csv(
            io.BytesIO("".join(raws).encode()), low_memory=False, index_col=False, dtype=kinds
        )
    except (ValueError, OverflowError) as error:
        raise DataError(f"{path}: cannot be read ({shown(error, 200)})") from error
    if list(table.columns) != names or len(table) != len(numbers):
        raise DataError(f"{path}: its quotation marks can be read in two ways; mend them")
    return table.set_axis(numbers + 1)


def _first_undecodable(path: Path) -> int:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1
