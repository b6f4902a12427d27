"""Cells: the smallest unit of a study that is computed, stored and shipped elsewhere.

A cell is one fit, with its measures beside it. What decides the fit's numbers names the cell; each
measure has a version of its own, so that one that is new or changed is taken of the stored fit.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

FIT = "fit"
"""The name under which the seconds of the fit stand beside those of the measures."""


@dataclass(frozen=True)
class Cell:
    """What to train, what decides its numbers, and what to measure of it."""

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
    measures: tuple[tuple[str, int], ...] = ()
    """Name and version of each measure that the run wants; not part of the fingerprint."""

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that decides the numbers, as plain values."""
        return {
            "study": self.study,
            "config": non_defaults(self.config),
            "data": self.data_sha256,
            "numerics": self.numerics,
        }

    @cached_property
    def fingerprint(self) -> str:
        """A name for the results: equal if and only if the identity is."""
        return fingerprint_of(self.identity)

    def __str__(self) -> str:
        return " ".join(f"{key}={value}" for key, value in non_defaults(self.config).items())


@dataclass(frozen=True)
class CellResult:
    """What computing a cell gives: what its fit leaves, and the tables of its measures."""

    files: Mapping[str, bytes] | None
    """Contents by name, such as trained weights; None if the stored fit was read."""
    tables: Mapping[str, Mapping[str, pd.DataFrame]]
    """By measure, tidy tables by name."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """What each measure took, and the fit."""


def fingerprint_of(identity: Mapping[str, Any]) -> str:
    """The name of the results that an identity decides."""
    canonical = json.dumps(identity, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()[:20]


def non_defaults(config: Any) -> dict[str, Any]:
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
