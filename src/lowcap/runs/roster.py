"""Which workers of a cluster fit: those whose versions give the numbers of the planning process."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lowcap.runs.machine import deciding_versions, difference


class Roster:
    """Workers by address, and what is wrong with those that do not fit.

    Args:
        say: called with a line about each worker that is refused.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.here: set[str] = set()
        """All that the scheduler has."""
        self.refused: dict[str, str] = {}

    @property
    def fitting(self) -> set[str]:
        """Those that are here and were not refused."""
        return self.here - set(self.refused)

    def examine(self, answers: Mapping[str, Any]) -> None:
        """Refuse those of some workers that answered with other versions, or could not."""
        for worker, versions in answers.items():
            if isinstance(versions, dict):
                why = difference(versions, deciding_versions())
            elif isinstance(versions, ImportError | AttributeError):
                why = f"has another lowcap or none ({versions})"
            else:  # it died, or is about to
                continue
            if why:
                self.refuse(worker, why)

    def refuse(self, worker: str, why: str) -> None:
        """Give a worker no more cells, and say so once."""
        if worker not in self.refused:
            self.refused[worker] = why
            self._say(f"worker {worker} {why}: it is given no cells")

    def nobody(self, address: str, seconds: float) -> str:
        """In words, that there was no worker for so long."""
        refused: Iterable[str] = (one for one in self.refused if one in self.here)
        first = next(iter(refused), None)
        why = "" if first is None else f" that fits (worker {first} {self.refused[first]})"
        return (
            f"{address}: no worker{why} for {seconds:g} s; finished cells are kept: "
            f"start some with 'dask worker {address}' and run the same command again"
        )
