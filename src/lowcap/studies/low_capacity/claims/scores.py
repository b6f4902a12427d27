"""What the judges share: mean scores by case with their spread, and words for numbers."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool

from lowcap.claims import Cube, NotMeasured, Subject, Tables, cube
from lowcap.studies.low_capacity.protocols import PROTOCOLS, Protocol
from lowcap.studies.low_capacity.settings import DIGITS, PAPER_HIDDEN

F1_LEVEL = 0.90
"""The paper's threshold of a sufficient network (sec. 4.2)."""

DIGIT_PAIRS = Subject("pairs of handwritten digits", DIGITS)
"""What most sentences of the paper are about: their readings name its pairs, such as 4-9."""

LEAD = 0.7
"""What the paper's threshold asks for on two classes of equal size, where saying class 1 of every
image has an F1 of 2/3: this share of the way from there to 1."""


def of_digits(table: pd.DataFrame) -> bool:
    """Whether a table is about digits, as the paper is."""
    return set(table["dataset"].unique()) <= set(DIGITS)


def level_of(table: pd.DataFrame) -> float:
    """The F1 of a sufficient network: 0.90 on digits; elsewhere as far above a constant answer."""
    if of_digits(table) or "constant_f1" not in table:
        return F1_LEVEL
    constant = float(table["constant_f1"].mean())
    return constant + LEAD * (1 - constant)


def level_in_words(table: pd.DataFrame) -> str:
    """What `level_of` asks for, task by task."""
    if of_digits(table) or "constant_f1" not in table:
        return f"{F1_LEVEL:.2f}"
    return f"{F1_LEVEL:.2f}, or as far above a constant answer in unequal classes"


def protocol_of(table: pd.DataFrame) -> Protocol:
    """The protocol of a table that holds only one."""
    return PROTOCOLS[table["protocol"].iloc[0]]


def setting(name: str, values: Iterable[object]) -> str:
    """A setting as one types it."""
    return f"--{name} {' '.join(map(str, values))}"


def in_words(capacity: float) -> str:
    """A minimum capacity in words."""
    return "none of the sizes" if np.isinf(capacity) else f"{capacity:.0f}"


def percent(fraction: float) -> str:
    """A share in words, three digits; what rounds to nothing is said to be nothing."""
    return "less than 0.001 %" if 0 < abs(fraction) < 5e-6 else f"{100 * fraction:.3g} %"


def place_of(scores: Cube, state: str) -> int:
    """Where a network's state, such as "dense", stands among the cases.

    Raises:
        NotMeasured: the run did not look at it.
    """
    states = list(scores.cases.get_level_values("state"))
    if state not in states:
        raise NotMeasured(f"no network was looked at in the state “{state}”")
    return states.index(state)


def capacity_cube(tables: Tables, score: str | None = None) -> Cube:
    """Scores by task and hidden size, by default those that the protocol reports."""
    table = tables["capacity"]
    column = score or protocol_of(table).score
    blocks = tables.get("pruning_blocks")
    if blocks is not None and column == "test_f1":
        blocks = blocks[blocks["requested_sparsity"] == 0]
    else:
        blocks = None
    return _per_task(table, ["task", "hidden"], column, blocks)


def _per_task(
    table: pd.DataFrame, keys: list[str], value: str, blocks: pd.DataFrame | None
) -> Cube:
    """A cube whose tasks may have different numbers of seeds: the seeds that all have."""
    table = table[[*keys, "seed", value]]
    counts = table.groupby("task")["seed"].nunique()
    fewest = table[table["task"] == counts.idxmin()]["seed"].unique()
    return cube(table[table["seed"].isin(fewest)], keys, value, blocks)


def pruning_cube(tables: Tables, rule: str, tasks: Sequence[str], sparsities: Sequence[float],
                 value: str = "f1", split: str = "") -> Cube:  # fmt: skip
    """Scores by task, size and sparsity under one rule; sparsity 0 is the dense network.

    On the split that the protocol reports, unless another is named.

    Networks that pruning cut in two count with what they answer then; the finding says how many.
    """
    table, keys = tables["pruning"], ["task", "hidden", "requested_sparsity"]
    reported = protocol_of(table).scored_split
    split = split or ("test" if value == "f1_rethreshold" else reported)
    wanted = (table["split"] == split).to_numpy() & _of_rule(table, tasks, rule, sparsities)
    rows = table.loc[wanted, [*keys, "seed", value]]
    if rows.empty or rows["requested_sparsity"].max() == 0:
        raise NotMeasured(
            f"no network of the paper's sizes on {', '.join(tasks)} was pruned by the rule "
            f"“{rule}”; {setting('tasks', tasks)} and {setting('hidden', PAPER_HIDDEN[-3:])} do so"
        )
    blocks = tables.get("pruning_blocks")
    if blocks is not None and value == "f1" and split == reported:
        columns = [*keys, "block", value, *(["seed"] if "seed" in blocks else [])]
        blocks = blocks.loc[_of_rule(blocks, tasks, rule, sparsities), columns]
    else:
        blocks = None
    return cube(rows, keys, value, blocks)


def _of_rule(
    table: pd.DataFrame, tasks: Sequence[str], rule: str, sparsities: Sequence[float]
) -> Bool[np.ndarray, " rows"]:
    """Which rows are of networks of the paper's sizes, dense or pruned so."""
    level = table["requested_sparsity"].to_numpy().round(4)
    pruned = (table["rule"] == rule).to_numpy() & np.isin(level, np.round(sparsities, 4))
    kept = (pruned | (level == 0)) & np.isin(table["hidden"].to_numpy(), PAPER_HIDDEN)
    return kept & table["task"].isin(tasks).to_numpy()


def critical_sizes(tables: Tables) -> dict[str, float]:
    """Each task's critical capacity: its smallest size with a mean F1 above 0.90; or infinity.

    On data that are not digits the level lies as far above a constant answer, task by task.
    """
    table = tables["capacity"]
    column = protocol_of(table).score
    means = table.groupby(["task", "hidden"], sort=False)[column].mean()
    found, same = {}, F1_LEVEL if of_digits(table) else None
    for task, rows in means.groupby(level="task", sort=False):
        sizes = rows.index.get_level_values("hidden")
        level = same or level_of(table[table["task"] == task])
        good = sizes[(rows > level).to_numpy() & sizes.isin(PAPER_HIDDEN)]
        found[str(task)] = float(good.min()) if len(good) else np.inf
    return found
