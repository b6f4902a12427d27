"""Which parts of which cells are here and whole: each cell's file is checked once, then remembered.

What is remembered of a cell is small, and shared by cells that hold the same tables.
"""

from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lowcap.runs.cellfile import SUFFIX, TABLE, DamagedError, NewPart, Part, check

Columns = tuple[tuple[str, str], ...]
Layout = dict[str, dict[str, Columns]]
"""By part, the columns of each of its tables."""


class HeldCell(NamedTuple):
    """The sound parts of a cell's file."""

    layout: Layout
    taken: array

    def seconds(self, part: str) -> float:
        """What a part took to compute; 0 if it is not here."""
        return self.taken[list(self.layout).index(part)] if part in self.layout else 0.0


NOTHING = HeldCell({}, array("f"))


class Held:
    """What is held by a folder of cells."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: dict[str, str] = {}
        """By fingerprint, why a file or a part of it cannot be used."""
        self._cells: dict[str, HeldCell] = {}
        self._layouts: dict[str, Layout] = {}

    def path(self, fingerprint: str) -> Path:
        """Where a cell's file is."""
        return self.folder / f"{fingerprint}{SUFFIX}"

    def forget(self) -> None:
        """Check everything anew."""
        self._cells.clear()
        self.damaged.clear()

    def __getitem__(self, fingerprint: str) -> HeldCell:
        if fingerprint not in self._cells:
            self._cells[fingerprint] = self._checked(fingerprint)
        return self._cells[fingerprint]

    def remember(self, fingerprint: str, parts: Mapping[str, Part] | Mapping[str, NewPart]) -> None:
        """Note what a file that was just written holds."""
        layout: Layout = {
            name: {
                table.removesuffix(TABLE): tuple(columns.items())
                for table, columns in part.columns.items()
            }
            for name, part in parts.items()
        }
        layout = self._layouts.setdefault(repr(layout), layout)
        taken = array("f", [part.seconds for part in parts.values()])
        self._cells[fingerprint] = HeldCell(layout, taken)

    def _checked(self, fingerprint: str) -> HeldCell:
        try:
            header, bad = check(self.path(fingerprint), fingerprint)
        except FileNotFoundError:
            return NOTHING
        except DamagedError as error:
            self.damaged[fingerprint] = str(error)
            return NOTHING
        if bad:
            self.damaged[fingerprint] = f"{', '.join(bad)} not as written"
        if "fit" in bad:  # the measures were taken of what is lost
            return NOTHING
        self.remember(fingerprint, {n: p for n, p in header.parts.items() if n not in bad})
        return self._cells[fingerprint]
