"""Capacity against the number of gradient steps, batch size by batch size."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from lowcap.claims import Tables
from lowcap.measures import Scores, stable_capacity
from lowcap.report import Figure, panels
from lowcap.report.grid import framed
from lowcap.report.palette import CATEGORIES, GREY
from lowcap.studies.low_capacity.claims.scores import in_words
from lowcap.studies.low_capacity.figures.common import listed
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol

ENOUGH = 8
"""The caption says how many steps it takes until this many units suffice."""

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
    found = [(stream, curve_of(stream.history)) for stream in streams(tables)]
    sizes = np.sort(tables["history"]["hidden"].unique())
    none = 2 * int(sizes.max())
    drawing, grid = panels(1, 1, (9, 4.2))
    axes = grid[0][0]
    handles = []
    for (stream, curve), colour in zip(found, CATEGORIES * 2, strict=False):
        heights = curve.by_task.replace(np.inf, none)
        axes.step(curve.steps, heights, where="post", lw=0.7, alpha=0.45, color=colour)
        middle = 2 ** np.median(np.log2(heights.to_numpy()), axis=1)
        axes.step(curve.steps, middle, where="post", lw=2.6, color=colour)
        seeds = stream.history["seed"].nunique()
        unit = "seed" if seeds == 1 else "seeds"
        handles.append(
            Line2D([], [], color=colour, lw=2.6, label=f"{stream.name}\n({seeds} {unit})")
        )
    tasks = found[0][1].by_task.columns
    handles.append(Line2D([], [], color=GREY, lw=0.7, label="single tasks"))
    drawing.legend(handles=handles, loc="outside right upper")
    _dress(axes, sizes, none)
    framed(
        drawing,
        "Capacity, or patience?",
        "Rule: smallest size from which on mean validation F1 is above 0.90 and its s.d. over "
        f"seeds below 0.02. Thick: median over {len(tasks)} task{'s' * (len(tasks) > 1)}.",
    )
    return Figure("steps", "Capacity, or patience?", _caption(found), drawing)


def _dress(axes: Axes, sizes: np.ndarray, none: int) -> None:
    axes.set_yscale("log", base=2)
    ticks = [h for h in sizes if len(sizes) <= 6 or np.log2(h) % 1 == 0]
    axes.set_yticks([*ticks, none], [*map(str, ticks), "none"])
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_xlabel("gradient steps")
    axes.set_ylabel("minimum hidden size")


def _caption(found: list[tuple[Stream, Curve]]) -> str:
    sentences = [
        "The smallest hidden size from which on validation F1 is stable above 0.90 (the published "
        "rule) as training goes on, one line a way of training, all on one axis of gradient steps."
    ]
    for stream, curve in found:
        if stream.name.startswith("published") and len(curve.by_task.columns) <= 8:
            ends = curve.by_task.iloc[-1]
            words = ", ".join(f"{task} {in_words(size)}" for task, size in ends.items())
            sentences.append(f"After the published {curve.steps[-1]:,.0f} steps: {words}.")
    reached, epochs = {}, {}
    for stream, curve in found:
        enough = (curve.by_task <= ENOUGH).to_numpy()
        first = np.where(enough.any(axis=0), enough.argmax(axis=0), -1)
        steps = float(np.median(np.where(first >= 0, curve.steps[first], np.inf)))
        if np.isfinite(steps):
            reached[stream.name] = steps
            epochs[stream.name] = np.interp(steps, curve.steps, curve.by_task.index)
    if reached:
        each = [f"{name} {steps:,.0f}" for name, steps in reached.items()]
        sentences.append(
            f"Gradient steps until {ENOUGH} units suffice, median over tasks: {listed(each)}."
        )
    if len(reached) > 1:
        apart = [max(which.values()) / min(which.values()) for which in (reached, epochs)]
        sentences.append(
            f"The ways of training that get there are {apart[0]:.1f} times apart in steps, "
            f"{apart[1]:.1f} times in epochs."
        )
    return " ".join(sentences)
