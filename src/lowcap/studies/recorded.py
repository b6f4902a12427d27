"""A run as its record tells it: settings, looks, cells, and the tables of each look."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from lowcap.claims import Need, Tables, evaluate, evaluate_looks
from lowcap.data import DataReference
from lowcap.errors import LowcapError, RunError, SettingsError
from lowcap.given import in_a_line
from lowcap.runs import Cell, Store, StoredTables
from lowcap.studies import find

if TYPE_CHECKING:
    from lowcap.studies.study import Study

_STRANGE = (LookupError, TypeError, AttributeError, ValueError, OverflowError, LowcapError)
"""What a record of another shape may raise."""


def read_recorded(store: Store) -> "Recorded":
    """The run of a directory, as its `run.json` tells it.

    Raises:
        RunError: there is none, or the file is damaged, or tells of something else.
    """
    record = store.record()
    path = store.root / "run.json"
    for name in ("versions", "machine"):
        if not isinstance(record.get(name), dict):
            raise RunError(f"{path}: damaged, it tells of no {name}")
    try:
        study = find(str(record.get("study", "")))
    except SettingsError as error:
        raise RunError(f"{path}: {error}") from error
    return Recorded(study, store, record)


class Recorded:
    """A run as its `run.json` tells it.

    Args:
        study: which paper.
        store: the run.
        record: what its `run.json` holds.
        collected: tables of looks that were read before; those read now are added.

    Raises:
        RunError: the file is damaged, or tells of something else.
    """

    def __init__(
        self,
        study: "Study",
        store: Store,
        record: Mapping[str, Any],
        collected: dict[int, Tables] | None = None,
    ) -> None:
        self.study, self.store, self.record = study, store, record
        self._collected = {} if collected is None else collected
        self.written: StoredTables | None = None
        """The tables of the last look, once they are on disk."""
        try:
            self.settings = self._settings(record["settings"])
            self.looks = [self._settings(one) for one in record.get("looks", ())] or [self.settings]
            pending = record.get("pending")
            self.pending = None if pending is None else self._settings(pending)
            self.data = [DataReference(one["name"], one["sha256"]) for one in record["data"]]
            if not all(isinstance(text, str) for one in self.data for text in one[:2]):
                raise TypeError("data")
            self.claims = study.select(record.get("claims", ()))
            self.cells = self.cells_at(self.looks[-1])
        except _STRANGE as error:
            path = store.root / "run.json"
            raise RunError(f"{path}: damaged, {in_a_line(error)} is not as expected") from error

    def cells_at(self, settings: Any) -> list[Cell]:
        """The cells of a look with these settings."""
        return self.study.cells(settings, self.data, self.record.get("claims", ()))

    def _settings(self, values: Mapping[str, Any]) -> Any:
        plain = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return self.study.settings(**plain)

    @property
    def sequential(self) -> bool:
        """Whether the run goes on until its claims are decided."""
        return "looks" in self.record

    @property
    def names(self) -> list[str]:
        """The data sets' names."""
        return [one.name for one in self.data]

    def at(self, look: int) -> Tables:
        """The tables of one look, exactly those of its own cells; the first is 0."""
        if self.written is not None and look == len(self.looks) - 1:
            return self.written
        if look not in self._collected:
            self._collected[look] = self.store.collect(self.cells_at(self.looks[look]))
        return self._collected[look]

    @property
    def first(self) -> Tables:
        """The tables of the first look."""
        return self.at(0)

    @property
    def last(self) -> Tables:
        """The tables of the last look: all that the run holds."""
        return self.at(len(self.looks) - 1)

    def judge(self) -> pd.DataFrame:
        """The claims table, without rates."""
        if not self.sequential:
            conditions = self.study.conditions(self.first, self.settings)
            return evaluate(self.claims, self.first, conditions, self.study.by)
        conditions = list(self.study.conditions(self.first, self.settings))
        return evaluate_looks(
            self.claims,
            map(self.at, range(len(self.looks))),
            conditions,
            self.study.by,
            self.extended(conditions),
        )

    def extended(self, conditions: Sequence[str]) -> list[str]:
        """The conditions to which further looks bring seeds."""
        extend = self.study.extend
        if extend is None:
            return []
        return [c for c in conditions if extend(self.settings, [Need(c, ())]) is not None]

    def replicates(self) -> dict[str, int]:
        """By condition, how many independent repetitions the first look has."""
        conditions = self.study.conditions(self.first, self.settings)
        return {c: self.study.replicates(self.first, c) for c in conditions}
