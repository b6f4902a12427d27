"""What travels to a worker that was not started here: any executor's, on any machine.

Before its first cell such a worker becomes what local ones are, and is refused if its versions
would give other numbers. One that has no file of the data says so, and is sent the data.
"""

import os
import platform
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from lowcap.errors import LowcapError, RunError
from lowcap.runs.cell import Cell, CellResult
from lowcap.runs.machine import deciding_versions, difference
from lowcap.runs.worker import prepare

Source = tuple[str, str | None]
"""How a worker finds data: name or path, and a folder to look in first."""

Files = Mapping[str, bytes]

_HERE = uuid.uuid4().hex


class WorkerRefused(RunError):
    """A worker has other versions than the process that plans, or other data.

    Args:
        machine: where it is.
        why: what is wrong with it, without a subject: "has jax 0.9, here 0.10".
    """

    def __init__(self, machine: str, why: str) -> None:
        super().__init__(machine, why)
        self.why = why

    def __str__(self) -> str:
        return f"a worker on {self.args[0]} {self.why}"


class CellFailed(RunError):
    """A cell failed in another process; the message says why."""


class Kit(NamedTuple):
    """What workers elsewhere need beside their cells; the first three are shipped to them."""

    lacks: Callable[[Source, str], bool]
    """Whether a worker has no data of this source and digest."""
    take: Callable[[bytes, str], None]
    """Keeps data that were sent, if they have the digest that they should."""
    cache: Callable[[], Path]
    """The worker's own folder for compiled code."""
    content: Callable[[str], bytes]
    """The data of a digest, as they are sent."""


class Sent(NamedTuple):
    """Data on their way to a worker."""

    sha256: str
    content: bytes


class Lacking(NamedTuple):
    """Instead of a result: send the cell again, with its data."""

    sha256: str


def _process() -> tuple[str, int]:
    """Tells this process apart from all others, also from those that it was copied to."""
    return _HERE, os.getpid()


@dataclass(frozen=True)
class Elsewhere:
    """The function that is shipped, with all that prepares its worker."""

    compute: Callable[[Cell, Sequence[str], Files | None], CellResult]
    lacks: Callable[[Source, str], bool] | None = None
    take: Callable[[bytes, str], None] | None = None
    cache: Callable[[], Path] | None = None
    memory: int | None = None
    home: tuple[str, int] = field(default_factory=_process)
    versions: Mapping[str, str] = field(default_factory=deciding_versions)

    @staticmethod
    def of(compute: Callable[..., CellResult], kit: Kit | None, memory: int | None) -> "Elsewhere":
        """What is shipped from here."""
        if kit is None:
            return Elsewhere(compute, memory=memory)
        return Elsewhere(compute, kit.lacks, kit.take, kit.cache, memory)

    def __call__(
        self, cell: Cell, names: Sequence[str], files: Files | None, sent: Sent | None = None
    ) -> CellResult | Lacking:
        """Compute a cell.

        Raises:
            WorkerRefused: versions or data here are others than where the run is planned.
        """
        if _process() != self.home:  # threads of the planning process need nothing
            differs = difference(deciding_versions(), self.versions)
            if differs:
                raise WorkerRefused(platform.node(), differs)
            prepare(self.cache() if self.cache else None, self.memory)
            if sent is not None and self.take is not None:
                try:
                    self.take(sent.content, sent.sha256)
                except LowcapError as error:
                    why = f"got other data than were sent ({error})"
                    raise WorkerRefused(platform.node(), why) from error
            elif self.lacks is not None and self.lacks(cell.source, cell.data_sha256):
                return Lacking(cell.data_sha256)
        return self.compute(cell, names, files)
