"""A study's measures of the fit of a cell, and the work of a cell put together from them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lowcap.runs import FIT, Cell, CellResult, Files


@dataclass(frozen=True)
class Measure:
    """One instrument of a study, which is taken of the fit of a cell.

    Example: pruning, whose tables are "pruning" and "pruning_blocks". Stored results stay valid
    when another measure is added or changed.
    """

    take: Callable[[Cell, Any], Mapping[str, pd.DataFrame]]
    """From a cell and what `Work.read` gives of its fit, tables by name; it may leave some out."""
    tables: tuple[str, ...]
    """The tables that it may give."""
    version: int = 1
    """Raise this when a change of code gives other numbers, rows or columns for the same fit."""


@dataclass(frozen=True)
class Work:
    """What is done with a cell: train it unless its fit is stored, then measure.

    Light to send to a worker; all parts are functions that it can import.
    """

    train: Callable[[Cell], Files]
    """Trains the networks of a cell; gives the files that are kept of the fit."""
    read: Callable[[Cell, Files], Any]
    """From these files, what the measures are given: networks, data."""
    measures: Mapping[str, Measure]
    """By name."""
    keyed: Callable[[Cell, pd.DataFrame], pd.DataFrame]
    """Adds the columns that tell the cells of a run apart to a table."""

    def __call__(self, cell: Cell, names: Sequence[str], files: Files | None) -> CellResult:
        """Compute a cell; see `lowcap.runs.execute.Compute`."""
        start, seconds, trained = time.perf_counter(), {}, None
        if files is None:
            files = trained = self.train(cell)
            seconds[FIT] = time.perf_counter() - start
        fit, found = self.read(cell, files), {}
        for name in names:
            start = time.perf_counter()
            tables = self.measures[name].take(cell, fit)
            found[name] = {table: self.keyed(cell, one) for table, one in tables.items()}
            seconds[name] = time.perf_counter() - start
        return CellResult(trained, found, seconds)


def in_front(table: pd.DataFrame, cell: Cell, *names: str) -> pd.DataFrame:
    """A table with the study's name and settings of a cell's configuration as its first columns."""
    keys = {"study": cell.study} | {name: getattr(cell.config, name) for name in names}
    return pd.concat([pd.DataFrame(keys, index=table.index), table], axis=1)
