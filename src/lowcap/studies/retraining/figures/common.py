"""What the figures share: tables of one data set, axes of sparsity, colours of methods."""

import pandas as pd

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


def of_dataset(tables: Tables, dataset: str) -> dict[str, pd.DataFrame]:
    """The rows of one data set of every table."""
    return {name: t[t["dataset"] == dataset] for name, t in tables.items() if "dataset" in t}


def tasks_of(tables: Tables) -> list[str]:
    """The tasks of a run, at most ten to be drawn side by side."""
    return list(tables["retraining"]["task"].unique())[:10]


def seeds_in_words(tables: Tables) -> str:
    """On how many seeds a figure rests."""
    return f"{tables['retraining']['seed'].nunique()} seeds"


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
