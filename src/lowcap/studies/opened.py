"""A run read back: its tables, its claims, and every network that it trained."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from lowcap.errors import RunError, SettingsError
from lowcap.given import path_of
from lowcap.networks import Population
from lowcap.runs import Cell, Store
from lowcap.runs.store import RECORD
from lowcap.studies.recorded import Recorded, read_recorded
from lowcap.studies.shown import Finding, find_finding, run_card, run_line


def open(run: Path | str) -> "Run":
    """Read a run's directory.

    Example:
        >>> run = lowcap.open("runs/low-capacity-mnist-5k")
        >>> run.claims.query("primary and verdict == 'fails'")[["claim", "finding"]]
        >>> run.tables["capacity"].groupby(["task", "hidden"])["test_f1"].mean()
        >>> run.population(purpose="everything", protocol="corrected", task="4-9", seed=0)[3]

    Raises:
        RunError: there is no run in that directory, or its record is damaged.
    """
    folder = path_of(run)
    if not (folder / RECORD).exists() and (folder / "answer.json").is_file():
        raise RunError(
            f"{folder}: a run of `lowcap small`, which is no study; read its answer.json and "
            "frontier.parquet, or draw it: lowcap.plot.frontier(folder)"
        )
    return Run(read_recorded(Store(folder)))


class Run:
    """A run's tables, claims and networks; see `open`."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded

    def __repr__(self) -> str:
        return run_line(self._recorded)

    def _repr_html_(self) -> str:
        return run_card(self._recorded)

    def __len__(self) -> int:
        """How many cells the run has; a cell is one training with its measures."""
        return len(self._recorded.cells)

    def finding(self, claim: str, condition: str | None = None) -> Finding:
        """What the run found of one claim in its main reading.

        Args:
            claim: its name, as in the table `claims`.
            condition: under which protocol or on which data; not needed where there is one.

        Raises:
            SettingsError: there is no such claim or condition; it names those there are.

        Example:
            >>> run.finding("minimum-capacity", "corrected").verdict
            'fails'
        """
        return find_finding(self.claims, claim, condition)

    @property
    def settings(self) -> Any:
        """What the run was made with."""
        return self._recorded.settings

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Every table by name, from the finished cells."""
        return self._recorded.last

    @cached_property
    def claims(self) -> pd.DataFrame:
        """One row for each reading of each claim under each condition, judged anew."""
        return self._recorded.judge()

    @cached_property
    def fits(self) -> pd.DataFrame:
        """The configuration of every cell, one row each, in the order of the tables.

        Settings that a configuration leaves at their defaults are filled in; `stored` tells
        whether the cell's fit is here.
        """
        store, cells = self._recorded.store, self._recorded.cells
        rows = [vars(cell.config) | {"stored": store.has_fit(cell)} for cell in cells]
        return pd.DataFrame(rows)

    def population(self, name: str = "population", **configuration: Any) -> Population:
        """The trained networks of one cell.

        Args:
            name: which networks of the cell; beside its "population" some cells keep others,
                such as "shuffled labels" (low-capacity) or "small" (xor).
            configuration: settings that single the cell out, by the columns of `fits`, or other
                properties of its configuration such as `purpose`.

        Raises:
            SettingsError: no cell has these settings, or several have, or networks of that name.
            RunError: the cell's fit is not here, or it is damaged.
        """
        cell = self._cell(configuration)
        files = self._recorded.store.fit_files(cell)
        if files is None:
            raise RunError(f"{cell}: its networks are not stored; run the same command again")
        if f"{name}.safetensors" not in files:
            raise SettingsError(f"{cell}: keeps {', '.join(files) or 'no networks'}")
        return Population.from_bytes(files[f"{name}.safetensors"])

    def _cell(self, configuration: Mapping[str, Any]) -> Cell:
        fields = {name for cell in self._recorded.cells for name in vars(cell.config)}
        found = [
            cell
            for cell in self._recorded.cells
            if all(getattr(cell.config, k, None) == value for k, value in configuration.items())
        ]
        if len(found) == 1:
            return found[0]
        if not found:
            raise SettingsError(f"no cell has {configuration}; see `fits`")
        differing = {
            name: values
            for name in sorted(fields)
            if len(values := {str(getattr(cell.config, name, None)) for cell in found}) > 1
        }
        told = "; ".join(f"{name}: {', '.join(sorted(v)[:6])}" for name, v in differing.items())
        raise SettingsError(f"{len(found)} cells have {configuration}; they differ in {told}")
