"""Simulated runs in which it is known whether a claim about mean scores is true.

A simulated table has cell means that are set, the seeds' real covariance around them, and, where
scores rest on one test set, a shift that a fresh draw of test images would bring.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from lowcap.claims.claim import Tables, World
from lowcap.claims.evidence import Evidence
from lowcap.claims.verdict import NotMeasured

Means = Float[np.ndarray, " cases"]
Generator = np.random.Generator


class Simulator:
    """Draws tables like one table of a real run, with other means.

    Args:
        name: the table's name.
        table: its rows of one condition that the judge reads.
        keys: the columns that tell cases apart, beside the seed.
        values: the columns of scores.
        blocks: the name and rows of the table of scores without blocks of test images, if any.
    """

    def __init__(
        self,
        name: str,
        table: pd.DataFrame,
        keys: Sequence[str],
        values: Sequence[str],
        blocks: tuple[str, pd.DataFrame] | None = None,
    ) -> None:
        self.name, self.keys, self.values = name, list(keys), list(values)
        square = table.pivot_table(index="seed", columns=self.keys, values=self.values).dropna()
        if len(square) < 2:
            raise NotMeasured("a spread over seeds needs at least two seeds")
        self.seeds, self.columns = square.index.to_numpy(), square.columns
        self.means: Means = square.to_numpy().mean(axis=0)
        self._deviations = square.to_numpy() - self.means
        self.constant = {
            c: table[c].iloc[0]
            for c in table.columns
            if c not in (*self.keys, *self.values, "seed") and (table[c] == table[c].iloc[0]).all()
        }
        """The columns that are the same in every row, with their values."""
        wide = self.columns.to_frame(index=False)
        wide.columns = ["value", *self.keys]
        self.frame = wide
        """One row per mean: `value` and the keys, in the order of `means`."""
        self._cases = wide[wide["value"] == self.values[0]][self.keys].reset_index(drop=True)
        self._blocks, self._left_out = blocks, None
        self._templates: dict[tuple[int, str], pd.DataFrame] = {}
        if blocks is not None:
            self._left_out = self._without_blocks(blocks[1])

    def _without_blocks(self, table: pd.DataFrame) -> Float[np.ndarray, "blocks cases"]:
        """How far leaving out each block of images moves every mean."""
        held = table[table["seed"].isin(self.seeds)] if "seed" in table else table
        columns = ["f1"] if "f1" in table else self.values
        without = held.pivot_table(index="block", columns=self.keys, values=columns)
        if "f1" in table:  # under whatever name the other table has it
            columns: Any = without.columns
            without.columns = columns.set_levels(self.values, level=0)
        values = without.reindex(columns=self.columns).to_numpy()
        if np.isnan(values).any():
            raise NotMeasured("its blocks of test images do not cover all networks")
        return values - values.mean(axis=0)

    def where(self, value: str | None = None, **wanted: object) -> Bool[np.ndarray, " cases"]:
        """Which cases have these values of their keys."""
        frame, kept = self.frame, np.ones(len(self.frame), bool)
        if value is not None:
            kept &= frame["value"] == value
        for key, one in wanted.items():
            several = one if isinstance(one, list | tuple | set | np.ndarray) else [one]
            kept &= frame[key].isin(list(several))
        return np.asarray(kept)

    def exact(self, means: Means) -> dict[str, pd.DataFrame]:
        """The tables of a run without any spread."""
        return self._tables(np.tile(means, (2, 1)), self.seeds[:2], None)

    def draw(self, generator: Generator, means: Means) -> dict[str, pd.DataFrame]:
        """The tables of one simulated run."""
        return self.looks(generator, means, (1,))[0]

    def looks(
        self, generator: Generator, means: Means, multiples: Sequence[int]
    ) -> list[dict[str, pd.DataFrame]]:
        """The tables of one simulated run after so many times the real run's seeds.

        Later tables hold the seeds of the earlier ones, and all meet the same test images.
        """
        n = len(self._deviations)
        mix = generator.standard_normal((max(multiples) * n, n)) / np.sqrt(n - 1)
        scores, again = means + mix @ self._deviations, None
        if self._left_out is not None:
            b = len(self._left_out)
            shift = np.sqrt((b - 1) / b) * generator.standard_normal(b) @ self._left_out
            scores = scores + shift
            again = generator.standard_normal((b, b)) @ self._left_out / np.sqrt(b - 1)
            again = again - again.mean(axis=0)
        found = []
        for multiple in multiples:
            some = scores[: multiple * n]
            left_out = None if again is None else some.mean(axis=0) + again
            found.append(self._tables(some, np.arange(len(some)), left_out))
        return found

    def _tables(
        self,
        scores: Float[np.ndarray, "seeds cases"],
        seeds: np.ndarray,
        left_out: Float[np.ndarray, "blocks cases"] | None,
    ) -> dict[str, pd.DataFrame]:
        template = self._template(len(seeds), "seed", self.constant)
        tables = {self.name: template.assign(seed=np.repeat(seeds, len(self._cases)),
                                             **self._columns(scores, self.values))}  # fmt: skip
        if self._blocks is not None:
            name, table = self._blocks
            if left_out is None:
                left_out = np.tile(scores.mean(axis=0), (2, 1))
            rest = {c: v for c, v in self.constant.items() if c in table.columns} | {
                c: table[c].iloc[0]
                for c in ("requested_sparsity", "rule", "corruption", "method")
                if c in table.columns and c not in self.keys
            }
            template = self._template(len(left_out), "block", rest)
            names = ["f1"] if "f1" in table else self.values
            tables[name] = template.assign(**self._columns(left_out, names))
        return tables

    def _columns(
        self, scores: Float[np.ndarray, "rows cases"], names: Sequence[str]
    ) -> dict[str, np.ndarray]:
        by_value = scores.reshape(len(scores), len(names), -1)
        # Pivot tables order the values by name.
        return {name: by_value[:, place].ravel() for place, name in enumerate(sorted(names))}

    def _template(self, count: int, row: str, constant: Mapping[str, Any]) -> pd.DataFrame:
        """The columns that are the same in every simulated run, made once."""
        key = (count, row)
        if key not in self._templates:
            columns = {k: np.tile(self._cases[k].to_numpy(), count) for k in self.keys}
            columns[row] = np.repeat(np.arange(count), len(self._cases))
            self._templates[key] = pd.DataFrame(columns).assign(**constant)
        return self._templates[key]


class BlockSimulator(Simulator):
    """Draws tables whose every row is a mean over one block of the same test images.

    A simulated run has seeds that differ as the real ones do, and blocks that do, for all seeds
    alike: the mean over fresh blocks moves as it would with fresh test images.
    """

    def __init__(
        self, name: str, table: pd.DataFrame, keys: Sequence[str], values: Sequence[str]
    ) -> None:
        super().__init__(name, table, keys, values)
        of_block = table.pivot_table(index="block", columns=self.keys, values=self.values)
        square = of_block.reindex(columns=self.columns).to_numpy()
        self._of_block = square - square.mean(axis=0)

    def exact(self, means: Means) -> dict[str, pd.DataFrame]:
        """The tables of a run without any spread."""
        return self._long(np.tile(means, (2, 2, 1)))

    def looks(
        self, generator: Generator, means: Means, multiples: Sequence[int]
    ) -> list[dict[str, pd.DataFrame]]:
        """The tables of one simulated run after so many times the real run's seeds."""
        n, b = len(self._deviations), len(self._of_block)
        mix = generator.standard_normal((max(multiples) * n, n))
        seeds = mix @ self._deviations / np.sqrt(n - 1)
        blocks = generator.standard_normal((b, b)) @ self._of_block / np.sqrt(b - 1)
        scores = means + seeds[:, None] + blocks[None]
        return [self._long(scores[: multiple * n]) for multiple in multiples]

    def _long(self, scores: Float[np.ndarray, "seeds blocks cases"]) -> dict[str, pd.DataFrame]:
        seeds, blocks, _ = scores.shape
        flat = scores.reshape(seeds * blocks, -1)
        table = self._tables(flat, np.arange(seeds * blocks), None)[self.name]
        row = table.pop("seed").to_numpy()
        return {self.name: table.assign(seed=row // blocks, block=row % blocks)}


def of_means(
    name: str, truth: bool | None, simulator: Simulator, means: Means, rest: Tables | None = None
) -> World:
    """A world in which a simulator's table has these true means; `rest` are its other tables."""
    rest = rest or {}

    def looks(generator: Generator, multiples: Sequence[int]) -> list[Tables]:
        return [{**rest, **one} for one in simulator.looks(generator, means, multiples)]

    return World(name, truth, lambda g: {**rest, **simulator.draw(g, means)}, looks)


def of_seeds(name: str, truth: bool | None, make: Callable[[Generator], Tables]) -> World:
    """A world whose seeds are independent draws, so that more of them are more draws.

    Args:
        name: the world's name.
        truth: whether the claim is true in it.
        make: draws the tables of one run; a table with a column `seed` grows with every draw.
    """

    def looks(generator: Generator, multiples: Sequence[int]) -> list[Tables]:
        draws = [make(generator) for _ in range(max(multiples))]
        return [
            {
                name: pd.concat(
                    # Seeds of different draws are different seeds.
                    [one[name].assign(seed=one[name]["seed"] + 10**6 * i)
                     for i, one in enumerate(draws[:multiple])]
                )
                for name in draws[0]
            }
            for multiple in multiples
        ]  # fmt: skip

    return World(name, truth, make, looks)


def mean_worlds(
    judge: Callable[[Tables], Evidence],
    simulator: Simulator,
    rest: Tables,
    moved: Mapping[str, Bool[np.ndarray, " cases"]],
    limits: Mapping[str, float],
    clear: Mapping[str, float],
) -> list[World]:
    """Worlds at the bound, clearly true and clearly false, and mixed where there are several parts.

    Args:
        judge: of the reading.
        simulator: of the table that the claim is about.
        rest: the other tables that the judge reads, which stay as they are.
        moved: by part of the bound ("" for the only one), the cases whose means set its value;
            a negative value would be given by the caller as limits on the other side.
        limits: by part, the bound's limit.
        clear: by part, how far from the limit the truth is clear, positive where larger is truer.
    """

    def values(means: Means) -> Mapping[str, float]:
        found = judge({**rest, **simulator.exact(means)}).estimates
        parts = found if isinstance(found, Mapping) else {"": found}
        return {name: parts[name].value for name in moved}

    def means_at(targets: Mapping[str, float]) -> Means:
        means = simulator.means.copy()
        for name, cases in moved.items():
            means = _solve(lambda m, name=name: values(m)[name], means, cases, targets[name])
        return means

    def world(name: str, truth: bool | None, targets: Mapping[str, float]) -> World:
        means = means_at(targets)
        return of_means(name, truth, simulator, means, rest)

    at = dict(limits)
    true = {name: limits[name] + clear[name] for name in moved}
    false = {name: limits[name] - clear[name] for name in moved}
    found = [
        world("at the bound", None, at),
        world("clearly true", True, true),
        world("clearly false", False, false),
    ]
    if len(moved) > 1:
        first = next(iter(moved))
        found += [
            world(
                "one part at its bound, the others clearly true", None, true | {first: at[first]}
            ),
            world("one part clearly false", False, true | {first: false[first]}),
        ]
    return found


def _solve(
    value: Callable[[Means], float], means: Means, cases: Bool[np.ndarray, " cases"], target: float
) -> Means:
    """Shift some means together until a quantity of them has a value, by the secant method."""
    one, other = 0.0, 1e-3
    f_one, f_other = value(means) - target, value(means + other * cases) - target
    for _ in range(60):
        if abs(f_other) < 1e-9 or f_other == f_one:
            break
        step = -f_other * (other - one) / (f_other - f_one)
        one, f_one = other, f_other
        other += float(np.clip(step, -0.5, 0.5))
        f_other = value(means + other * cases) - target
    if abs(f_other) > 1e-4:
        raise NotMeasured("no simulated means put this claim at its bound")
    return means + other * cases
