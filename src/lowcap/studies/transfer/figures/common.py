"""What the figures share: rows of one data set, colours of architectures, what they rest on."""

from collections.abc import Sequence

import pandas as pd

from lowcap.claims import Tables
from lowcap.data import task_in_words
from lowcap.report.palette import BLUE, GOLD, TEAL
from lowcap.studies.transfer.architectures import looked_at
from lowcap.studies.transfer.settings import ARCHITECTURES

COLOURS: dict[str, str] = dict(zip(ARCHITECTURES, (BLUE, GOLD, TEAL), strict=True))
"""Of each architecture, in the order of legends."""

BANDS = "lines are means, bands reach from the least to the most of them"


def of_dataset(tables: Tables, dataset: str) -> dict[str, pd.DataFrame]:
    """The rows of one data set of every table."""
    return {name: table[table["dataset"] == dataset] for name, table in tables.items()}


def architectures_of(table: pd.DataFrame) -> list[str]:
    """The architectures of a table, in the order of legends."""
    return [name for name in COLOURS if (table["architecture"] == name).any()]


def tasks_of(table: pd.DataFrame) -> list[str]:
    """The tasks of a table from easy to hard, at most the six hardest."""
    return list(table.sort_values("place", kind="stable")["task"].unique())[-6:]


def of_looked_at(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the size of each architecture whose networks are looked into."""
    parts = [
        own[own["hidden"] == looked_at(str(name), tuple(own["hidden"].unique().tolist()))]
        for name, own in table.groupby("architecture", sort=False)
    ]
    return pd.concat(parts)


def sizes_in_words(table: pd.DataFrame) -> str:
    """The size of each architecture, where a table holds one each: "32 hidden units, 8 filters"."""
    sizes = table.groupby("architecture", sort=False)["hidden"].first()
    words = [
        f"{name}: {size} {'hidden units' if name == ARCHITECTURES[0] else 'filters'}"
        for name, size in sizes.items()
    ]
    return ", ".join(words)


def seeds_in_words(table: pd.DataFrame) -> str:
    """On how many networks each mean rests."""
    return f"n = {table['seed'].nunique()} seeds"


def in_words(tasks: Sequence[str], dataset: str) -> str:
    """Tasks as a caption names them."""
    names = ", ".join(task_in_words(task, dataset) for task in tasks)
    return f"task {names}" if len(tasks) == 1 else f"tasks {names}"
