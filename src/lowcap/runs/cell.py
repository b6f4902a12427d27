"""Cells: the smallest unit of a study that is computed, stored and shipped elsewhere."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Cell:
    """What to compute, and what decides its numbers."""

    study: str
    config: Any
    """A frozen dataclass of plain values; its fields at their defaults leave no trace."""
    data_sha256: str
    numerics: int
    """Raised whenever the same configuration would give other numbers."""
    source: tuple[str, str | None] = ("", None)
    """How a worker finds the data (name, folder); not part of the fingerprint."""
    cost: float = 1.0
    """Expected work, in any unit: the dearest cells start first."""

    @cached_property
    def identity(self) -> dict[str, Any]:
        """Everything that decides the numbers, as plain values."""
        return {
            "study": self.study,
            "config": chosen(self.config),
            "data": self.data_sha256,
            "numerics": self.numerics,
        }

    @cached_property
    def fingerprint(self) -> str:
        """A name for the results: equal if and only if the identity is."""
        canonical = json.dumps(self.identity, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:20]

    def __str__(self) -> str:
        return " ".join(f"{key}={value}" for key, value in chosen(self.config).items())


@dataclass(frozen=True)
class CellResult:
    """What a cell gives: tidy tables, and arrays such as trained weights."""

    tables: dict[str, pd.DataFrame]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


def chosen(config: Any) -> dict[str, Any]:
    """The fields of a dataclass that differ from their defaults.

    A field added later with a default thus changes no fingerprint of results already stored.
    """
    values = {}
    for entry in dataclasses.fields(config):
        value = getattr(config, entry.name)
        if entry.default is not dataclasses.MISSING and value == entry.default:
            continue
        values[entry.name] = list(value) if isinstance(value, tuple) else value
    return values
