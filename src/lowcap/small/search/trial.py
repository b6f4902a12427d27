"""One division of the rows: networks of every size trained side by side, chosen, and scored."""

from concurrent.futures import Executor
from functools import partial
from math import comb
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from lowcap.data import Split, Task
from lowcap.networks import Fused, grid, together
from lowcap.small.search.divisions import Division
from lowcap.small.search.metrics import Metric
from lowcap.small.search.scaling import Scaling, learn_scaling
from lowcap.small.search.settings import Settings
from lowcap.streams import state_of
from lowcap.training import Fitted, fit

_SMALL = 8
"""Hidden units."""


class Trial(NamedTuple):
    """The chosen networks of one division: for each size and seed the best learning rate's."""

    networks: pd.DataFrame
    """`hidden, seed, learning_rate, epochs, inner_loss`, one row a network."""
    population: Fused
    """These networks, in the order of the rows."""
    scaling: Scaling


def trial(
    task: Task,
    division: Division,
    settings: Settings,
    metric: Metric,
    standardise: Bool[np.ndarray, " inputs"] | None = None,
    threads: Executor | None = None,
) -> Trial:
    """Train all sizes, learning rates and seeds side by side; the inner part chooses.

    A fold has populations of its own, and not a part of one with row weights: their units fill a
    portion of the engine as they are, no step goes to rows that weigh nothing, and what is learned
    of the inputs' scale is the fold's own. Rows that are held out are not looked at.

    Args:
        task: the rows.
        division: what they are used for.
        settings: the sizes, and how to train them.
        metric: decides whether classes count alike.
        standardise: see `search`.
        threads: where small sizes and large ones train, and are compiled, at the same time; one
            after the other unless given.
    """
    scaling = learn_scaling(task, division.seen, standardise, metric.classes_equal)
    split = split_of(task, division, scaling)
    seeds = [
        state_of("small start", division.repeat, division.fold, number)
        for number in range(settings.seeds)
    ]

    def trained(rate: float, sizes: tuple[int, ...]) -> Fitted:
        return fit(
            grid(sizes, (rate,), seeds),
            split,
            epochs=settings.epochs,
            batch_size=settings.batch(len(split.train.y)),
            optimizer="adam",
            seed=state_of("small order", division.repeat, division.fold),
            stop="validation",
            patience=settings.patience,
            min_delta=settings.min_delta,
            score_training=False,
        )

    # Each rate apart: networks that train together end with the last of them, and those of a high
    # rate end in half the epochs. The program is the same, so that it is compiled once.
    side_by_side = map if threads is None else threads.map
    groups = alike(settings.sizes)
    by_rate = [
        list(side_by_side(partial(trained, rate), groups)) for rate in settings.learning_rates
    ]
    parts = [part for of_sizes in zip(*by_rate, strict=True) for part in of_sizes]
    joined = together([part.population for part in parts])
    population: Any = joined.population
    networks = population.keys.assign(
        seed=population.keys["seed"].map({seed: number for number, seed in enumerate(seeds)}),
        epochs=0,
        inner_loss=np.inf,
    )
    for number, part in enumerate(parts):
        losses, own = _losses(part), joined.part == number
        networks.loc[own, "epochs"] = losses.argmin(axis=0) + 1
        networks.loc[own, "inner_loss"] = losses.min(axis=0)
    best = _best_rates(networks)
    chosen = networks.loc[best].reset_index(drop=True)
    return Trial(chosen, population.take(best), scaling)


def split_of(task: Task, division: Division, scaling: Scaling) -> Split:
    """A division's rows as its networks see them: those that train, and those that choose."""
    train, inner = (scaling.rows(task, rows) for rows in (division.train, division.inner))
    weights = None if task.weights is None else task.weights[division.train]
    used = np.asarray((train.x != 0).any(axis=0) | (inner.x != 0).any(axis=0))
    return Split(train, inner, train.none, used, task.target, weights)


def _losses(fitted: Fitted) -> Float[np.ndarray, "epochs members"]:
    """Inner losses; those of networks that ran away are infinite."""
    loss = fitted.history.validation_loss
    return np.where(np.isnan(loss), np.inf, loss)


def best_losses(fitted: Fitted) -> Float[np.ndarray, " members"]:
    """The inner loss of each network at its best epoch, whose weights it kept."""
    return _losses(fitted).min(axis=0)


def alike(sizes: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Small sizes and large ones apart: networks that train together end with the last of them.

    Small ones cost little and need many epochs; large ones cost much and need few.
    """
    small = tuple(size for size in sizes if size <= _SMALL)
    large = tuple(size for size in sizes if size > _SMALL)
    return [part for part in (small, large) if part]


def _best_rates(networks: pd.DataFrame) -> Int[np.ndarray, " chosen"]:
    """Of each size and seed, the network whose learning rate gave the smallest inner loss."""
    ordered = networks.sort_values(["hidden", "seed", "inner_loss", "learning_rate"])
    return np.sort(ordered.groupby(["hidden", "seed"]).head(1).index.to_numpy())


def scored(task: Task, division: Division, trial: Trial, metric: Metric) -> pd.DataFrame:
    """The networks' table with their scores on the rows that are held out."""
    held_out = trial.scaling.rows(task, division.held_out)
    logits = trial.scaling.said(trial.population.logits(held_out.x))
    weights = None if task.weights is None else task.weights[division.held_out]
    score = metric(logits, task.y[division.held_out], weights)
    return trial.networks.assign(repeat=division.repeat, fold=division.fold, score=score)


def best_of(
    losses: Float[np.ndarray, " seeds"], scores: Float[np.ndarray, " seeds"], starts: int
) -> float:
    """The mean score of whoever has the smallest loss among `starts` of the networks.

    Over all choices of so many: in the order of their losses, a network is the best of as many
    choices as there are ways to choose the others from those behind it.
    """
    seeds = len(losses)
    ways = [comb(seeds - 1 - place, starts - 1) for place in range(seeds)]
    return float(np.dot(ways, scores[np.argsort(losses, kind="stable")]) / comb(seeds, starts))
