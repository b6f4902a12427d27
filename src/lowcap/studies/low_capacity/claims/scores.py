"""What the judges share: mean scores by case with their spread, and words for numbers."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from lowcap.claims import NotMeasured, Student, Tables, jackknife
from lowcap.studies.low_capacity.protocols import PROTOCOLS, Protocol
from lowcap.studies.low_capacity.settings import DIGITS, PAPER_HIDDEN

F1_LEVEL = 0.90
"""The paper's threshold of a sufficient network (sec. 4.2)."""

LEAD = 0.7
"""What the paper's threshold asks for on two classes of equal size, where saying class 1 of every
image has an F1 of 2/3: this share of the way from there to 1."""


def on_digits(tables: Tables) -> None:
    """Refuse to judge a sentence about pairs of digits on anything else.

    Raises:
        NotMeasured: the run is not on digits.
    """
    if not all(map(of_digits, tables.values())):
        raise NotMeasured("the paper says this of handwritten digits, and these are others")


def of_digits(table: pd.DataFrame) -> bool:
    """Whether a table is about digits, as the paper is."""
    return set(table["dataset"].unique()) <= set(DIGITS)


def level_of(table: pd.DataFrame) -> float:
    """The F1 of a sufficient network: 0.90 on digits; elsewhere as far above a constant answer."""
    if of_digits(table) or "constant_f1" not in table:
        return F1_LEVEL
    constant = float(table["constant_f1"].mean())
    return constant + LEAD * (1 - constant)


def protocol_of(table: pd.DataFrame) -> Protocol:
    """The protocol of a table that holds only one."""
    return PROTOCOLS[table["protocol"].iloc[0]]


def in_words(capacity: float) -> str:
    """A minimum capacity in words."""
    return "none of the sizes" if np.isinf(capacity) else f"{capacity:.0f}"


def percent(fraction: float) -> str:
    """A share in words, three digits; what rounds to nothing is said to be nothing."""
    return "less than 0.001 %" if 0 < abs(fraction) < 5e-6 else f"{100 * fraction:.3g} %"


class Cube(NamedTuple):
    """Scores by case (such as task, size and sparsity) and seed, and without blocks of images."""

    cases: pd.MultiIndex
    by_seed: Float[np.ndarray, "seeds cases"]
    without: Float[np.ndarray, "blocks cases"] | None
    """Means over seeds without each block of test images; None where seeds have images of their
    own, as on validation data, whose spread is the seeds' then."""

    def where(self, **values: object) -> Bool[np.ndarray, " cases"]:
        """Which cases have these values of their keys; a list means any of its values."""
        kept = np.ones(len(self.cases), bool)
        for name, value in values.items():
            wanted = value if isinstance(value, list | tuple | np.ndarray) else [value]
            kept &= self.cases.get_level_values(name).isin(wanted)
        return kept

    def only(self, kept: Bool[np.ndarray, " cases"]) -> "Cube":
        """Some of the cases.

        Raises:
            NotMeasured: there are none.
        """
        if not kept.any():
            raise NotMeasured("it holds none of the networks that this claim is about")
        without = None if self.without is None else self.without[:, kept]
        return Cube(self.cases[kept], self.by_seed[:, kept], without)

    @property
    def means(self) -> pd.Series:
        """Mean score over seeds by case."""
        return pd.Series(self.by_seed.mean(axis=0), index=self.cases)

    def estimate(self, statistic: Callable[[Float[np.ndarray, " cases"]], float]) -> Student:
        """A smooth statistic of the mean scores, by the jackknife over seeds and images."""
        return jackknife(statistic, self.by_seed, self.without)


def cube(
    table: pd.DataFrame,
    keys: Sequence[str],
    value: str,
    blocks: pd.DataFrame | None = None,
) -> Cube:
    """Lay out one column of a table by case and seed.

    Args:
        table: rows of one protocol; what `keys` do not tell apart is averaged.
        keys: the columns that tell cases apart.
        value: the column of scores.
        blocks: the same cases without each block of test images: the columns `keys`, `block`,
            `f1`, and `seed` or none.

    Raises:
        NotMeasured: no seed has every case.
    """
    square = _square(table, "seed", keys, value).dropna(axis=0)
    if square.empty:
        raise NotMeasured("no seed has all the networks that this claim is about")
    cases = _as_index(square.columns, keys)
    without = None
    if blocks is not None:
        held = blocks[blocks["seed"].isin(square.index)] if "seed" in blocks else blocks
        left_out = _square(held, "block", keys, "f1")
        without = left_out.reindex(columns=square.columns).to_numpy()
        if np.isnan(without).any():
            raise NotMeasured("its blocks of test images do not cover all networks")
    return Cube(cases, square.to_numpy(), without)


def _square(table: pd.DataFrame, row: str, keys: Sequence[str], value: str) -> pd.DataFrame:
    """Rows by case, means where several share a place; `pivot_table`, but several times faster."""
    long = table.set_index([row, *keys])[value]
    if long.index.has_duplicates:
        long = long.groupby(level=[row, *keys]).mean()
    square = long.unstack(list(keys))  # noqa: PD010 - a pivot would not sort
    return square.sort_index().sort_index(axis=1)


def _as_index(columns: pd.Index, keys: Sequence[str]) -> pd.MultiIndex:
    if isinstance(columns, pd.MultiIndex):
        return columns
    return pd.MultiIndex.from_arrays([columns], names=list(keys))


def block_cube(table: pd.DataFrame, keys: Sequence[str], value: str) -> Cube:
    """Lay out a column of means over blocks of the same test images: by case, seed and block.

    Args:
        table: rows of one protocol with the columns `seed` and `block` beside `keys`.
        keys: the columns that tell cases apart.
        value: the column of means over a block's images.

    Raises:
        NotMeasured: no seed has every case.
    """
    square = table.pivot_table(index=["seed", "block"], columns=list(keys), values=value)
    square = square.unstack("block")  # noqa: PD010 - the blocks become the last level
    square = square.dropna(axis=0)
    if square.empty:
        raise NotMeasured("no seed has all the networks that this claim is about")
    columns: Any = square.columns
    cases = columns.droplevel("block").unique()
    values = square.to_numpy().reshape(len(square), len(cases), -1)  # [seeds, cases, blocks]
    mean = values.mean(axis=0)
    blocks = mean.shape[1]
    without = (mean.sum(axis=1, keepdims=True) - mean).T / (blocks - 1) if blocks > 1 else None
    return Cube(_as_index(cases, keys), values.mean(axis=2), without)


def place_of(scores: Cube, state: str) -> int:
    """Where a network's state, such as "dense", stands among the cases.

    Raises:
        NotMeasured: the run did not look at it.
    """
    states = list(scores.cases.get_level_values("state"))
    if state not in states:
        raise NotMeasured(f"it did not look at the network {state}")
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
    counts = table.groupby("task")["seed"].nunique()
    fewest = table[table["task"] == counts.idxmin()]["seed"].unique()
    return cube(table[table["seed"].isin(fewest)], keys, value, blocks)


def pruning_cube(tables: Tables, rule: str, tasks: Sequence[str], sparsities: Sequence[float],
                 value: str = "f1", split: str = "") -> Cube:  # fmt: skip
    """Scores by task, size and sparsity under one rule; sparsity 0 is the dense network.

    On the split that the protocol reports, unless another is named.

    Networks that pruning cut in two count with what they answer then; the finding says how many.
    """
    table = tables["pruning"]
    reported = protocol_of(table).scored_split
    split = split or ("test" if value == "f1_rethreshold" else reported)
    rows = _of_rule(table[(table["split"] == split) & table["task"].isin(tasks)], rule, sparsities)
    rows = rows[rows["hidden"].isin(PAPER_HIDDEN)]
    if rows.empty or rows["requested_sparsity"].max() == 0:
        raise NotMeasured(f"it pruned no network of {', '.join(tasks)} by the rule “{rule}”")
    blocks = tables.get("pruning_blocks")
    if blocks is not None and value == "f1" and split == reported:
        blocks = _of_rule(blocks[blocks["task"].isin(tasks)], rule, sparsities)
        blocks = blocks[blocks["hidden"].isin(PAPER_HIDDEN)]
    else:
        blocks = None
    return cube(rows, ["task", "hidden", "requested_sparsity"], value, blocks)


def _of_rule(table: pd.DataFrame, rule: str, sparsities: Sequence[float]) -> pd.DataFrame:
    level = table["requested_sparsity"].round(4)
    wanted = (table["rule"] == rule) & level.isin(np.round(sparsities, 4))
    return table[wanted | (level == 0)]


def critical_sizes(tables: Tables) -> dict[str, float]:
    """Each task's critical capacity: its smallest size with a mean F1 above 0.90; or infinity.

    On data that are not digits the level lies as far above a constant answer, task by task.
    """
    table = tables["capacity"]
    column = protocol_of(table).score
    means = table.groupby(["task", "hidden"], sort=False)[column].mean()
    found = {}
    for task, rows in means.groupby(level="task", sort=False):
        sizes = rows.index.get_level_values("hidden")
        level = level_of(table[table["task"] == task])
        good = sizes[(rows > level).to_numpy() & sizes.isin(PAPER_HIDDEN)]
        found[str(task)] = float(good.min()) if len(good) else np.inf
    return found


def leave_one_out(statistic: Callable[[Int[np.ndarray, " kept"]], float], count: int) -> Student:
    """Any smooth statistic of the seeds with its jackknife error, such as a log of spreads.

    Args:
        statistic: takes the numbers of the seeds to use.
        count: how many seeds there are.
    """
    everything = np.arange(count)
    without = np.array([statistic(np.delete(everything, i)) for i in everything])
    error = float(np.sqrt((count - 1) / count * ((without - without.mean()) ** 2).sum()))
    return Student(float(statistic(everything)), error, count - 1, count, error)
