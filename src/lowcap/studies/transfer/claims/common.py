"""What the judges share: which tasks and sizes they are about, and scores laid out as cubes."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from lowcap.claims import Cube, NotMeasured, Tables, block_cube, cube
from lowcap.data import task_in_words

KEYS = ["task", "hidden"]

FEW, FIRST = 3, 3
"""How many of the largest sizes count as large, and of the smallest ones as small."""

SHOWN = "jackknife over seeds and test images"


def sizes_of(table: pd.DataFrame) -> list[int]:
    """The sizes of the networks of a table, ascending.

    Raises:
        NotMeasured: there are too few to tell large from small.
    """
    sizes = sorted(table["hidden"].unique().tolist())
    if len(sizes) < FEW + 1:
        raise NotMeasured(f"it has networks of {len(sizes)} sizes, and {FEW + 1} are needed")
    return sizes


def tasks_of(table: pd.DataFrame) -> list[str]:
    """The tasks of a table from easy to hard."""
    return table.sort_values("place", kind="stable")["task"].drop_duplicates().tolist()


def hardest(table: pd.DataFrame) -> str:
    """The task that comes last, from easy to hard."""
    return tasks_of(table)[-1]


def easiest(table: pd.DataFrame) -> str:
    """The task that comes first."""
    return tasks_of(table)[0]


def named(table: pd.DataFrame, task: str) -> str:
    """A task by the names of its classes, where the table tells of which data set it is."""
    if "condition" not in table:
        return task
    return task_in_words(task, str(table["condition"].iloc[0]).rpartition(", ")[0])


LEARNED = 0.7
"""AUC on validation images below which networks have learned next to nothing of a task. Ours."""


def check_learned(table: pd.DataFrame, task: str, sizes: Sequence[int]) -> None:
    """What little networks have learned they can neither lose nor gain much of.

    Raises:
        NotMeasured: networks of these sizes have hardly learned the task.
    """
    if "val_auc" not in table:
        return
    rows = table[(table["task"] == task) & table["hidden"].isin(sizes)]
    reached = float(rows["val_auc"].mean())
    if reached < LEARNED:
        raise NotMeasured(
            f"networks of {sizes[0]} to {sizes[-1]} have learned too little of "
            f"{named(table, task)}: AUC {reached:.2f} on validation images, below {LEARNED:g}"
        )


def dense_scores(tables: Tables, value: str = "test_f1") -> Cube:
    """F1 of dense networks by task and size."""
    blocks = tables["capacity_blocks"] if value == "test_f1" else None
    return cube(tables["capacity"], KEYS, value, blocks)


PRUNED_KEYS = ["task", "hidden", "requested_sparsity"]


def pruned_rows(tables: Tables, **wanted) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of pruned networks and of the same ones before, and those without blocks of images.

    Dense networks have sparsity 0. Keywords name columns with their values, or lists of them.

    Raises:
        NotMeasured: there are none.
    """
    dense = tables["capacity"].assign(f1=tables["capacity"]["test_f1"], requested_sparsity=0.0)
    pruned = tables["pruning"]
    pruned = pruned[pruned["split"] == "test"]
    columns = [*PRUNED_KEYS, "seed", "f1", "condition", "place"]
    rows = pd.concat([dense[columns], pruned[columns]], ignore_index=True)
    dense_blocks = tables["capacity_blocks"].assign(requested_sparsity=0.0)
    blocks = pd.concat([dense_blocks, tables["pruning_blocks"]], ignore_index=True)
    blocks = blocks[[*PRUNED_KEYS, "seed", "block", "f1", "condition", "place"]]
    rows, blocks = _where(rows, wanted), _where(blocks, wanted)
    if rows["requested_sparsity"].nunique() < 2:
        raise NotMeasured("it pruned none of the networks that this claim is about")
    return rows, blocks


def _where(table: pd.DataFrame, wanted: dict) -> pd.DataFrame:
    kept = np.ones(len(table), bool)
    for name, value in wanted.items():
        values = value if isinstance(value, list | tuple) else [value]
        if name == "requested_sparsity":
            kept &= table[name].round(4).isin(np.round([0.0, *values], 4)).to_numpy()
        else:
            kept &= table[name].isin(values).to_numpy()
    return table[kept]


def lost(tables: Tables, **wanted) -> Cube:
    """F1 that pruning took from networks, by task, size and sparsity; see `pruned_rows`."""
    rows, blocks = pruned_rows(tables, **wanted)
    scores = cube(rows, PRUNED_KEYS, "f1", blocks)
    level = scores.cases.get_level_values("requested_sparsity").to_numpy()
    place = {
        (task, hidden): number
        for number, (task, hidden, sparsity) in enumerate(scores.cases)
        if sparsity == 0
    }
    pruned = np.flatnonzero(level > 0)
    whole = zip(*(scores.cases[pruned].get_level_values(key) for key in KEYS), strict=True)
    dense = np.array([place[key] for key in whole], int)
    assert scores.without is not None
    return Cube(
        scores.cases[pruned],
        scores.by_seed[:, dense] - scores.by_seed[:, pruned],
        scores.without[:, dense] - scores.without[:, pruned],
    )


def by_state(tables: Tables, name: str, value: str) -> Cube:
    """Means over blocks of the same test images by the state of the network looked into."""
    return block_cube(tables[name], ["state"], value)


def mean_of_state(scores: Cube, state: str) -> Callable[[np.ndarray], float]:
    """What picks the mean of one state, such as "dense", from all cases' means.

    Raises:
        NotMeasured: the run did not look at it.
    """
    states = list(scores.cases.get_level_values("state"))
    if state not in states:
        raise NotMeasured(f"it did not look at a network “{state}”")
    place = states.index(state)
    return lambda means: float(means[place])
