"""What the figures share: the tasks and sizes shown, colours of protocols, words for counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lowcap.claims import Tables
from lowcap.report.palette import BLUE, GOLD, RED
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol
from lowcap.studies.low_capacity.settings import PAIRS

PROTOCOL_COLOURS = dict(zip(PROTOCOLS, (RED, GOLD, BLUE), strict=True))

FEW = 8
"""As many tasks as a figure with a place for each can show."""


@dataclass(frozen=True)
class _OfTasks(Mapping[str, pd.DataFrame]):
    """Tables with only some tasks, each cut when it is asked for."""

    tables: Tables
    tasks: tuple[str, ...]

    def __getitem__(self, name: str) -> pd.DataFrame:
        table = self.tables[name]
        return table[table["task"].isin(self.tasks)]

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)


def few_tasks(tables: Tables, at_most: int = FEW) -> tuple[Tables, str]:
    """The tables with as many tasks as a figure with a place for each can show; and words for it.

    Beyond `at_most`, those of the paper's pairs that are there, or else evenly spaced ones.
    """
    tasks = tasks_of(tables["capacity"])
    if len(tasks) <= at_most:
        return tables, ""
    shown = [task for task in tasks if task in PAIRS]
    if len(shown) < 2:
        shown = [tasks[i] for i in np.linspace(0, len(tasks) - 1, 5).round().astype(int)]
    return _OfTasks(tables, tuple(shown)), f" Shown are {len(shown)} of the {len(tasks)} tasks."


def tasks_of(table: pd.DataFrame) -> list[str]:
    """The tasks, in the table's order."""
    return list(map(str, table["task"].unique()))


def cut_by(table: pd.DataFrame, levels: Sequence[int]) -> dict[Any, pd.DataFrame]:
    """A table by the first levels of its index, which are left out of the parts' own."""
    key = levels[0] if len(levels) == 1 else list(levels)
    return {key: rows.droplevel(list(levels)) for key, rows in table.groupby(level=key)}


def shown_sizes(sizes: Sequence[int] | np.ndarray, at_most: int = 6) -> list[int]:
    """A few sizes, from the smallest to the largest: more lines cannot be told apart."""
    every = np.unique(np.asarray(sizes))
    picks = np.unique(np.linspace(0, len(every) - 1, min(at_most, len(every))).round().astype(int))
    return [int(h) for h in every[picks]]


def scored_on(protocol: str) -> str:
    """In words, the images on which a protocol scores pruned and corrupted networks."""
    return {"val": "validation", "test": "test"}[PROTOCOLS[protocol].scored_split]


def seeds_in_words(table: pd.DataFrame) -> str:
    """How many seeds each protocol has there: "3 seeds published, 10 corrected", or "10 seeds"."""
    parts, of_protocol = [], by_protocol(table)
    for name, rows in of_protocol.items():
        counts = rows.groupby("task")["seed"].nunique()
        low, high = counts.min(), counts.max()
        number = f"{low}" if low == high else f"{low} to {high}"
        unit = (" seed" if high == 1 else " seeds") if not parts else ""
        parts.append(f"{number}{unit} {name}" if len(of_protocol) > 1 else f"{number}{unit}")
    return ", ".join(parts)
