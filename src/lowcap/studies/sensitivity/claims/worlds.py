"""Simulated runs whose truth is known, with a real run's own spread over training samples.

A run is a matrix of samples by measurements (of all kinds at once). A simulated one has means that
we set, and samples whose deviations are random combinations of the real samples' deviations: draws
from the normal distribution with exactly the real covariance. Norms and transitions are simulated
by their logarithms.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq

from lowcap.claims import Above, AllOf, Below, Bound, NotMeasured, Tables, Within, World
from lowcap.streams import stream
from lowcap.studies.sensitivity.claims.instrument import Instrument, Part
from lowcap.studies.sensitivity.layout import Layout, Quantity

POSITIVE = ("norm", "transitions")
"""Quantities with these words in their names are simulated by their logarithms."""

TRIALS = 200
"""Simulated runs by whose mean the truth of a world is set."""

Means = Mapping[Quantity, Float[np.ndarray, " kinds"]]


class Simulator:
    """Draws layouts like a real one, with other means."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.order = list(layout.values)
        values = {q: self._scaled(q, layout[q]) for q in self.order}
        self.means: Means = {q: array.mean(axis=0) for q, array in values.items()}
        self._deviations = np.concatenate(
            [values[q] - self.means[q] for q in self.order], axis=1
        )  # [samples, measurements * kinds]

    def noise(self, generator: np.random.Generator, runs: tuple[int, ...] = ()) -> np.ndarray:
        """What simulated samples add to the means, [*runs, samples, measurements * kinds]."""
        n = len(self._deviations)
        mix = generator.standard_normal((*runs, n, n)) / np.sqrt(n - 1)
        return mix @ self._deviations

    def draw(self, means: Means, noise: np.ndarray) -> Layout:
        """Simulated runs with these means."""
        return self.layout.with_values({q: self.simulated(q, means[q], noise) for q in self.order})

    def simulated(
        self, quantity: Quantity, mean: Float[np.ndarray, " kinds"], noise: np.ndarray
    ) -> Float[np.ndarray, "*runs samples kinds"]:
        """One measurement of simulated runs."""
        kinds = len(self.layout.kinds)
        place = self.order.index(quantity) * kinds
        values = mean + noise[..., place : place + kinds]
        return np.exp(values) if _positive(quantity) else values

    @staticmethod
    def _scaled(quantity: Quantity, array: np.ndarray) -> np.ndarray:
        if not _positive(quantity):
            return array
        if (array <= 0).any():
            raise NotMeasured(f"{quantity[0]} is 0 somewhere")
        return np.log(array)


def _positive(quantity: Quantity) -> bool:
    return any(word in quantity[0] for word in POSITIVE)


def worlds(instrument: Instrument, bound: Bound, tables: Tables) -> list[World]:
    """Worlds at the bound, clearly true, clearly false, and mixed where there are several parts."""
    layout = instrument.lay(tables)
    simulator = Simulator(layout)
    noise = simulator.noise(stream("worlds", instrument.table, *instrument.parts), (TRIALS,))
    moved = {
        name: _moved(instrument, name, simulator, noise, _levels(part, bound, name))
        for name, part in instrument.parts.items()
    }

    def world(name: str, truth: bool | None, level: Mapping[str, str]) -> World:
        means = dict(simulator.means)
        for part, where in level.items():
            means[instrument.parts[part].moves] = moved[part][where]

        def make(generator: np.random.Generator) -> Tables:
            simulated = simulator.draw(means, simulator.noise(generator))
            return {instrument.table: simulated.table()}

        return World(name, truth, make)

    parts = list(instrument.parts)
    found = [
        world("at the bound", None, dict.fromkeys(parts, "at")),
        world("clearly true", True, dict.fromkeys(parts, "true")),
        world("clearly false", False, dict.fromkeys(parts, "false")),
    ]
    if len(parts) > 1:
        for part in parts:
            others = dict.fromkeys(parts, "true")
            found.append(world(f"{part} at its bound, the rest true", None, others | {part: "at"}))
            found.append(world(f"{part} alone false", False, others | {part: "false"}))
    return found


def _levels(part: Part, bound: Bound, name: str) -> dict[str, float]:
    """Truths of one part, on its statistic's scale: at its bound, clearly true, clearly false."""
    one = bound.parts[name] if isinstance(bound, AllOf) else bound
    scale = np.log if part.ratio else float
    clear = float(scale(part.clear))
    if isinstance(one, Within):
        low, high = float(scale(one.low)), float(scale(one.high))
        return {"at": high, "true": (low + high) / 2, "false": high + clear}
    assert isinstance(one, Above | Below)
    at, sign = float(scale(one.limit)), 1 if isinstance(one, Above) else -1
    return {"at": at, "true": at + sign * clear, "false": at - sign * clear}


def _moved(
    instrument: Instrument, name: str, simulator: Simulator, noise: np.ndarray,
    levels: Mapping[str, float],
) -> dict[str, Float[np.ndarray, " kinds"]]:  # fmt: skip
    """Means of the measurement that a part moves, so that its expectation is each of the levels.

    The expectation is that over simulated runs, since a rank correlation of means is not the mean
    of rank correlations. Each part moves a measurement that no other part reads.
    """
    part = instrument.parts[name]
    usual, along = simulator.means[part.moves], part.along(simulator.layout)
    runs = dict(simulator.draw(simulator.means, noise).values)

    def expected(shift: float) -> float:
        runs[part.moves] = simulator.simulated(part.moves, usual + shift * along, noise)
        return float(part.statistic(simulator.layout.with_values(runs)).mean())

    return {where: usual + _solve(expected, level) * along for where, level in levels.items()}


def _solve(expected: Callable[[float], float], target: float) -> float:
    """The shift at which an expectation is the target."""
    for width in (0.1, 1.0, 10.0):
        low, high = expected(-width) - target, expected(width) - target
        if low * high <= 0:
            found: Any = brentq(lambda shift: expected(shift) - target, -width, width, xtol=1e-6)
            return float(found)
    raise NotMeasured("no simulated means put this claim at its bound")
