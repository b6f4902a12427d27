"""Networks that lose their smallest weights bit by bit and train on after each time."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from lowcap.data import Task
from lowcap.networks import Fused, together
from lowcap.small.search.divisions import Division
from lowcap.small.search.settings import Settings
from lowcap.small.search.trial import Trial, alike, best_losses, split_of
from lowcap.streams import state_of
from lowcap.training import fit

SPARSITIES = (0.5, 0.7, 0.8, 0.9, 0.95)
"""The share of a network's weights that is gone after each time, biases not counted."""


class Level(NamedTuple):
    """The networks of one division without so much of their weights."""

    sparsity: float
    population: Fused
    """In the order of the division's table of networks."""
    inner_loss: Float[np.ndarray, " members"]


def thinned(
    task: Task,
    division: Division,
    trial: Trial,
    settings: Settings,
    sizes: Sequence[int],
    sparsities: Sequence[float] = SPARSITIES,
) -> list[Level]:
    """Prune the networks of some sizes and train what is left, to one sparsity after the other.

    Weights of all layers of a network are compared with one another; what was removed stays so.
    Training goes on from the weights that are left, at the rate that the inner part chose for the
    dense network, and ends by the same rule. So networks of later levels have trained for longer
    than dense ones; `benchmarks.trained_on` measures what as many rounds gain a dense network.

    Args:
        task: of the trial.
        division: of the trial.
        trial: dense networks; they are the first level.
        settings: how they were trained.
        sizes: which of their hidden sizes.
        sparsities: ascending.
    """
    split = split_of(task, division, trial.scaling)
    hidden = trial.networks["hidden"].to_numpy()
    found: list[list[Level]] = []
    for part in alike(tuple(sizes)):
        places = np.flatnonzero(np.isin(hidden, part))
        population: Any = trial.population.take(places)
        levels = [Level(0.0, population, trial.networks["inner_loss"].to_numpy()[places])]
        for number, sparsity in enumerate(sparsities):
            fitted = fit(
                population.pruned(sparsity),
                split,
                epochs=settings.epochs,
                batch_size=settings.batch(len(split.train.y)),
                optimizer="adam",
                seed=state_of("small thinning", division.repeat, division.fold, number),
                stop="validation",
                patience=settings.patience,
                min_delta=settings.min_delta,
                score_training=False,
            )
            population = fitted.population
            levels.append(Level(sparsity, population, best_losses(fitted)))
        found.append(levels)
    return [_joined(level) for level in zip(*found, strict=True)]


def _joined(parts: Sequence[Level]) -> Level:
    population: Any = together([part.population for part in parts]).population
    losses = np.concatenate([part.inner_loss for part in parts])
    return Level(parts[0].sparsity, population, losses)
