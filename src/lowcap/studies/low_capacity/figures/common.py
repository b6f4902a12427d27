"""What the figures share: colours of tasks and sizes, the axis of hidden sizes."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from lowcap.claims import Tables
from lowcap.studies.low_capacity.settings import PAIRS

_TASK_COLOURS = ("#2f74d0", "#169c8a", "#8a63d2", "#d98a1f", "#d0417e")
_SIZES = mpl.colormaps["plasma"]


def task_colours(tasks) -> dict[str, str]:
    """A colour for each task, in order; they repeat when there are many."""
    return {task: _TASK_COLOURS[i % len(_TASK_COLOURS)] for i, task in enumerate(tasks)}


def few_tasks(tables: Tables, at_most: int = 8) -> tuple[Tables, str]:
    """The tables with as many tasks as a figure with a place for each can show; and words for it.

    Beyond `at_most`, those of the paper's pairs that are there, or else evenly chosen ones.
    """
    tasks = [str(task) for task in tables["capacity"]["task"].unique()]
    if len(tasks) <= at_most:
        return tables, ""
    chosen = [task for task in tasks if task in PAIRS]
    if len(chosen) < 2:
        chosen = [tasks[i] for i in np.linspace(0, len(tasks) - 1, 5).round().astype(int)]
    few = {name: table[table["task"].isin(chosen)] for name, table in tables.items()}
    return few, f" Shown are {len(chosen)} of the {len(tasks)} tasks of the run."


def size_colours(sizes) -> dict[int, tuple]:
    """A colour for each hidden size, dark to light on a log scale."""
    logs = np.log2(np.asarray(sizes, float))
    places = (logs - logs.min()) / max(np.ptp(logs), 1)
    return {int(h): _SIZES(0.12 + 0.72 * p) for h, p in zip(sizes, places, strict=True)}


def size_axis(axes: Axes, sizes) -> None:
    """Hidden sizes on a log axis, each labelled where there is room."""
    axes.set_xscale("log", base=2)
    shown = [h for h in sizes if h not in (6, 10)] if len(sizes) > 8 else list(sizes)
    axes.xaxis.set_major_locator(FixedLocator(shown))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel("hidden size")


def by_protocol(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each protocol, in the run's order."""
    return {str(name): rows for name, rows in table.groupby("protocol", sort=False)}


def shown_sizes(sizes: np.ndarray) -> list[int]:
    """Six sizes at most, from the smallest to the largest: more lines cannot be told apart."""
    picks = np.unique(np.linspace(0, len(sizes) - 1, min(6, len(sizes))).round().astype(int))
    return [int(h) for h in np.sort(sizes)[picks]]
