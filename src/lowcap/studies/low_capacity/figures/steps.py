"""Capacity against the number of gradient steps, batch size by batch size."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.measures import Scores, stable_capacity
from lowcap.report import Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import line
from lowcap.report.palette import CATEGORIES, GREY
from lowcap.report.scales import doublings
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
    cube = history.pivot_table(index=["epoch", "hidden"], columns="seed", values="f1").dropna()
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


def steps_figure(tables: Tables) -> Figure:
    """Minimum capacity against gradient steps: if the lines agree, steps are what counts."""
    sizes = tables["history"]["hidden"].unique()
    none = 2 * int(sizes.max())
    drawing, grid = panels(["minimum hidden size"], 1, (9, 4.2), below="gradient steps")
    axes, entries = grid[0][0], []
    for stream, colour in zip(streams(tables), CATEGORIES * 2, strict=False):
        _steps(axes, curve_of(stream.history), none, colour)
        seeds = stream.history["seed"].nunique()
        words = f"{stream.name}\n({seeds} seed{'s' * (seeds > 1)})"
        entries.append(entry(words, colour, lw=2.6))
    doublings(axes.yaxis, sizes, {none: "none"})
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    tasks = tables["history"]["task"].nunique()
    framed(
        drawing,
        "Capacity, or patience?",
        "Rule: smallest size from which on mean validation F1 is above 0.90 and its s.d. over "
        f"seeds below 0.02. Thick: median over {tasks} task{'s' * (tasks > 1)}.",
        [*entries, entry("single tasks", GREY, lw=0.7)],
    )
    caption = (
        "The smallest hidden size from which on validation F1 is stable above 0.90 (the published "
        "rule) as training goes on, one line a way of training, all on one axis of gradient steps. "
        "Where lines lie on one another, the number of steps decides, whatever the batch size."
    )
    return Figure("steps", "Capacity, or patience?", caption, drawing)


def _steps(axes: Axes, curve: Curve, none: int, colour: str) -> None:
    """Single tasks thin, their median thick; where no size suffices, lines lie at `none`."""
    heights = curve.by_task.replace(np.inf, none)
    line(axes, curve.steps, heights, colour, step="post", lw=0.7, alpha=0.45)
    middle = 2 ** np.median(np.log2(heights.to_numpy()), axis=1)
    line(axes, curve.steps, middle, colour, step="post", lw=2.6)
