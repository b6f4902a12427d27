"""Rank correlation over pairs of things, such as pairs of digits, which are not independent."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int
from scipy.stats import rankdata

from lowcap.claims.claim import Generator, Tables, World
from lowcap.claims.estimates import Permuted
from lowcap.claims.verdict import NotMeasured
from lowcap.streams import stream

FEWEST = 5
"""With fewer classes no exchange of them is rare enough to reach a verdict."""

EXCHANGES = 2000


def exchanged(one: pd.Series, other: pd.Series) -> Permuted:
    """Rank correlation of two properties of pairs, tested by exchanging classes (Mantel, 1967).

    Two pairs that share a class are alike, so pairs must not be permuted by themselves: under
    each order of the classes, every pair takes the other property of the pair in its place.

    Args:
        one: by pair, named as "4-9". Every two classes must be a pair.
        other: the same pairs in any order.

    Raises:
        NotMeasured: there are fewer than five classes, or pairs are missing.

    Example:
        >>> exchanged(minimum_sizes, linear_errors).interval()
        Interval(estimate=0.71, low=0.32, high=1.0)
    """
    first, second = ends(one.index).T
    count = int(max(first.max(), second.max())) + 1
    ranks, others = rankdata(one), rankdata(other.loc[one.index])
    ranks, others = ranks - ranks.mean(), others - others.mean()
    square = np.zeros((count, count))
    square[first, second] = square[second, first] = others
    every = np.tile(np.arange(count), (EXCHANGES, 1))
    orders = stream("exchanged classes").permuted(every, axis=1)
    # Every order holds the same ranks, so means and norms stay what they are.
    scale = np.linalg.norm(ranks) * np.linalg.norm(others) or 1.0
    null = square[orders[:, first], orders[:, second]] @ ranks / scale
    return Permuted(float(others @ ranks / scale), null, (-1, 1))


def ends(tasks: pd.Index) -> Int[np.ndarray, "pairs 2"]:
    """The numbers of the two classes of every pair.

    Raises:
        NotMeasured: there are fewer than five classes, or pairs are missing.
    """
    pairs = np.array([str(task).split("-") for task in tasks])
    classes, places = np.unique(pairs, return_inverse=True)
    count = len(classes)
    if count < FEWEST:
        raise NotMeasured(f"a test over pairs needs at least {FEWEST} classes")
    if len(tasks) < count * (count - 1) / 2:
        raise NotMeasured("a test over pairs needs every pair of its classes")
    return places.reshape(pairs.shape)


def exchanged_worlds(one: pd.Series, tables: Tables, name: str, column: str) -> list[World]:
    """Simulated runs for a judge that uses `exchanged`: no relation, and two clear ones.

    Args:
        one: a real run's property of each pair, which stays as it is.
        tables: of that run.
        name: the table, one row for each pair in its column `task`, that holds the other property,
        column: in this column.
    """
    table = tables[name]
    other = dict(zip((frozenset(t.split("-")) for t in table["task"]), table[column], strict=True))
    classes = sorted(frozenset.union(*other))

    def unrelated(generator: Generator) -> dict[str, float]:
        new = dict(zip(classes, generator.permutation(classes), strict=True))
        return {t: other[frozenset(new[label] for label in t.split("-"))] for t in table["task"]}

    def world(title: str, truth: bool | None, values: Callable[[Generator], Any]) -> World:
        def make(generator: Generator) -> Tables:
            new = table["task"].map(values(generator))
            return {**tables, name: table.assign(**{column: new})}

        return World(title, truth, make)

    return [
        world("no relation", None, unrelated),
        world("in the same order", True, lambda _: one),
        world("in reverse", False, lambda _: -one),
    ]
