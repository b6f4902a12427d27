"""Data whose smallest good network is known: by construction, and by simulation for a way to train.

Search and answer are held against them (`benchmarks/coverage.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from lowcap.data import Task, array_task
from lowcap.small.search.divisions import Division
from lowcap.small.search.metrics import find_metric
from lowcap.small.search.search import expected_scores
from lowcap.small.search.settings import Settings
from lowcap.small.search.trial import scored, trial
from lowcap.streams import stream

Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]
"""Draws so many rows: inputs and labels."""


@dataclass(frozen=True)
class Known:
    """A way to draw data, of which one can have as many rows as one likes."""

    name: str
    draw: Draw

    def task(self, rows: int, seed: int) -> Task:
        """A task of so many rows, drawn anew for each seed."""
        x, y = self.draw(stream("known data", self.name, rows, seed), rows)
        return array_task(x.astype(np.float32), y, name=self.name)


def _flipped(generator: np.random.Generator, y: np.ndarray, share: float) -> np.ndarray:
    """Labels of which a share is wrong at random, so that no network is perfect."""
    return np.where(generator.random(len(y)) < share, 1 - y, y)


def _linear(generator: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    x = generator.normal(size=(rows, 4))
    return x, (x @ [1.0, -1.0, 0.5, 0.0] + 0.7 * generator.logistic(size=rows) > 0).astype(int)


def _xor(generator: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    x = generator.uniform(-1, 1, (rows, 2))
    return x, _flipped(generator, (x[:, 0] * x[:, 1] > 0).astype(int), 0.05)


def _rings(generator: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    y = generator.integers(0, 2, rows)
    radius, angle = 0.5 + 0.6 * y + 0.15 * generator.normal(size=rows), generator.random(rows)
    return radius[:, None] * np.stack([np.cos(2 * np.pi * angle), np.sin(2 * np.pi * angle)], 1), y


def _band(generator: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Two parallel lines: two units that look in opposite directions."""
    x = generator.normal(size=(rows, 3))
    return x, _flipped(generator, (np.abs(x @ [0.8, 0.6, 0.0]) > 0.67).astype(int), 0.05)


def _noise(generator: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    return generator.normal(size=(rows, 4)), generator.integers(0, 2, rows)


def teacher(units: int, inputs: int = 6, sharp: float = 12.0) -> Known:
    """Labels drawn from the probabilities of a network of so many ReLU units.

    The units look in orthogonal directions and add up, so that each of them matters.
    """
    fixed = stream("teacher", units, inputs)
    w1 = np.linalg.qr(fixed.normal(size=(inputs, units)))[0].T
    usual = units / np.sqrt(2 * np.pi)  # the mean of what they add up to

    def draw(generator: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
        x = generator.normal(size=(rows, inputs))
        said = sharp * (np.maximum(x @ w1.T, 0).sum(axis=1) - usual)
        return x, (said + generator.logistic(size=rows) > 0).astype(int)

    return Known(f"teacher-{units}", draw)


KNOWN = {
    known.name: known
    for known in (
        Known("linear", _linear),
        Known("xor", _xor),
        Known("rings", _rings),
        Known("band", _band),
        teacher(2),
        teacher(4),
        Known("noise", _noise),
    )
}


def attainable(
    known: Known,
    rows: int,
    settings: Settings,
    metric: str | None = None,
    draws: int = 100,
    tests: int = 20000,
) -> Float[np.ndarray, "sizes draws"]:
    """The score of every size on fresh rows, for as many draws of data to train on.

    The mean over draws is what cross-validation estimates: the score to expect of the best of
    `starts` networks, each trained on a fold's share of `rows`.

    Args:
        known: where the data come from.
        rows: of a data set that would be cross-validated.
        settings: of the search.
        metric: see `search`.
        draws: data sets to train on.
        tests: fresh rows that each is scored on.
    """
    fitted = rows - rows // settings.folds
    kept = fitted // 5
    found = []
    for draw in range(draws):
        task = known.task(fitted + tests, draw + 10**6)  # none of those that are searched
        everyone = np.arange(fitted + tests)
        division = Division(draw, 0, everyone[kept:fitted], everyone[:kept], everyone[fitted:])
        chosen = find_metric(metric, task.target.kind)
        own = replace(settings, repeats=1)
        networks = scored(task, division, trial(task, division, own, chosen), chosen)
        found.append(expected_scores([networks], own)[:, 0])
    return np.stack(found, axis=1)


def smallest_good(
    scores: Float[np.ndarray, "sizes draws"],
    sizes: tuple[int, ...],
    tolerance: float = 0.0,
    at_least: float | None = None,
) -> int | None:
    """The smallest size that is good enough; None where none reaches the level.

    Args:
        scores: attainable ones of each size.
        sizes: in the order of the scores.
        tolerance: how far below the largest size's score is good enough.
        at_least: the score that is good enough, instead.
    """
    means = scores.mean(axis=1)
    level = means[-1] - tolerance if at_least is None else at_least
    good = np.flatnonzero(means >= level)
    return sizes[int(good[0])] if len(good) else None
