"""What the figures share: tables of one data set, axes of sparsity, colours of methods."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from lowcap.claims import Tables
from lowcap.report.palette import BLUE, GOLD, GREY, PINK, PURPLE, RED, TEAL

METHODS = {
    "one-shot": (GREY, "one-shot, not retrained"),
    "random": (RED, "random weights removed"),
    "fresh": (PINK, "same mask, fresh weights"),
    "rewound": (GOLD, "back to the initial weights"),
    "gradual": (PURPLE, "gradual"),
    "fine-tuned": (BLUE, "fine-tuned"),
    "iterative": (TEAL, "iterative"),
}
"""Colour and words of every way to retrain, in the order of the legend."""

TICKS = (0.5, 0.8, 0.9, 0.95, 0.99)


def of_dataset(tables: Tables, dataset: str) -> dict[str, pd.DataFrame]:
    """The rows of one data set of every table."""
    return {name: t[t["dataset"] == dataset] for name, t in tables.items() if "dataset" in t}


def tasks_of(tables: Tables) -> list[str]:
    """The tasks of a run, at most ten to be drawn side by side."""
    return list(tables["retraining"]["task"].unique())[:10]


def seeds_in_words(tables: Tables) -> str:
    """On how many seeds a figure rests."""
    return f"{tables['retraining']['seed'].nunique()} seeds"


def place_of(sparsity: object) -> np.ndarray:
    """Where a sparsity stands on an axis: by the logarithm of the weights left."""
    return np.asarray(-np.log10(1 - np.asarray(sparsity, float)))


def sparsity_axis(axes: Axes, ticks: Sequence[float] = TICKS) -> None:
    """Sparsities in per cent on the axis of `place_of`."""
    axes.set_xticks(place_of(ticks), [f"{100 * s:g}" for s in ticks])
    axes.xaxis.set_minor_locator(NullLocator())


def lost(tables: Tables, method: str, scope: str = "global") -> pd.DataFrame:
    """F1 of dense networks of as many steps less that of one method, network by network.

    Columns: `task, hidden, requested_sparsity, seed, lost`.
    """
    table = tables["retraining"]
    keys = ["task", "hidden", "steps", "seed"]
    rows = table[(table["method"] == method) & (table["scope"] == scope)]
    dense = table.loc[table["method"] == "dense", [*keys, "test_f1"]]
    both = rows.merge(dense, on=keys, suffixes=("", "_dense"))
    return both.assign(lost=both["test_f1_dense"] - both["test_f1"])
