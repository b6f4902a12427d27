"""Minimum capacity as training goes on, for every way of training."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from lowcap.claims import Tables
from lowcap.measures import Scores, stable_capacity
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol

POINTS = 60
"""Epochs looked at at most, evenly spaced on a logarithmic axis."""


class Stream(NamedTuple):
    """One way of training: its name and its networks' scores after each epoch."""

    name: str
    history: pd.DataFrame


class Curve(NamedTuple):
    """Minimum capacity as training goes on, over tasks."""

    steps: np.ndarray
    by_task: pd.DataFrame
    """One row an epoch, one column a task; infinity where no size suffices."""


def streams(tables: Tables) -> Iterator[Stream]:
    """Each protocol with a history, and other batch sizes beside its own, large to small."""
    found = []
    for name, table in by_protocol(tables["history"]).items():
        own = PROTOCOLS[name].batch_size
        rows = table[table["split"] == "val"]
        words = f"{name}, batch {own}" if own else f"{name}, full batch"
        found.append((own or np.inf, Stream(words, rows)))
    if "batch_size" in tables:
        for name, table in by_protocol(tables["batch_size"]).items():
            for batch, rows in table.groupby("batch"):
                words = "full batch" if batch == "full" else f"batch {batch}"
                size = np.inf if batch == "full" else int(str(batch))
                found.append((size, Stream(f"{name}, {words}", rows)))
    for _, stream in sorted(found, key=lambda pair: -pair[0]):
        yield stream


def needed(history: pd.DataFrame) -> pd.DataFrame:
    """Minimum capacity by the published rule after each epoch: one row an epoch.

    Columns: `step` (mean over seeds, whose splits may differ by a batch), `capacity`.
    """
    means = history.groupby(["epoch", "hidden", "seed"])["f1"].mean().dropna()
    cube = means.unstack().dropna()  # noqa: PD010 - several times faster than a pivot
    steps = history.groupby("epoch")["step"].mean()
    capacities = {
        epoch: stable_capacity(
            Scores(rows.index.get_level_values("hidden").to_numpy(), rows.to_numpy())
        )
        for epoch, rows in cube.groupby(level="epoch")
    }
    found = pd.Series(capacities, name="capacity", dtype=float)
    return pd.DataFrame({"step": steps.reindex(found.index), "capacity": found})


def curve_of(history: pd.DataFrame) -> Curve:
    """Minimum capacity of every task after the epochs that all of them reached."""
    last = int(history.groupby(["task", "seed"])["epoch"].max().min())
    kept = np.unique(np.geomspace(1, last, POINTS).round().astype(int))
    rows = history[history["epoch"].isin(kept)]
    each = {str(task): needed(part) for task, part in rows.groupby("task", sort=False)}
    steps = pd.DataFrame({task: found["step"] for task, found in each.items()}).mean(axis=1)
    by_task = pd.DataFrame({task: found["capacity"] for task, found in each.items()})
    return Curve(steps.to_numpy(), by_task)
