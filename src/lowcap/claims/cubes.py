"""Scores laid out by case, seed and block of test images, as judges of mean scores read them."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from lowcap.claims.estimates import Student, jackknife
from lowcap.claims.verdict import NotMeasured


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
    return Cube(cases, np.ascontiguousarray(square), without)


def _square(table: pd.DataFrame, row: str, keys: Sequence[str], value: str) -> pd.DataFrame:
    """Rows by case, both ascending, means where several share a place.

    It gives what `pivot_table` does, of a thousand rows in a third of its time: judges lay out
    hundreds. Only, a case that has no score at all stays, and is missing in every row.
    """
    names = [row, *keys]
    coded = [pd.factorize(table[name], sort=True) for name in names]
    if any((codes < 0).any() for codes, _ in coded):
        return _square(table.dropna(subset=names), row, keys, value)
    (rows, index), *coded = coded
    shape = tuple(len(levels) for _, levels in coded)
    flat, case = np.unique(
        np.ravel_multi_index([codes for codes, _ in coded], shape), return_inverse=True
    )
    place, values = rows * len(flat) + case, table[value].to_numpy(float)
    known = ~np.isnan(values)
    count = np.bincount(place[known], minlength=len(index) * len(flat))
    total = np.bincount(place[known], values[known], len(index) * len(flat))
    means = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    parts = zip(coded, np.unravel_index(flat, shape), strict=True)
    cases = [levels.take(codes) for (_, levels), codes in parts]
    columns = pd.MultiIndex.from_arrays(cases, names=list(keys)) if len(keys) > 1 else cases[0]
    return pd.DataFrame(
        means.reshape(len(index), len(flat)), index=pd.Index(index, name=row), columns=columns
    )


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
