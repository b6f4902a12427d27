"""The networks that a user may keep: of every size and sparsity, trained on all training rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lowcap.small.model import SmallModel
from lowcap.small.prepared import Prepared
from lowcap.small.search.divisions import divided
from lowcap.small.search.search import Searched
from lowcap.small.search.trial import trial
from lowcap.small.thin import SPARSITIES, thinned

Candidates = Mapping[tuple[int, float], SmallModel]
"""By hidden size and sparsity."""


def candidates(
    prepared: Prepared,
    searched: Searched,
    sizes: Sequence[int],
    sparsities: Sequence[float] = SPARSITIES,
) -> Candidates:
    """Train networks on all training rows the way that was scored, and keep one of each kind.

    As in every fold, an inner part of the rows chooses when training ends, the learning rate, and
    the best of some starts. A sparsity that leaves a small network no weight, or as many as the one
    before, is left out.

    Args:
        prepared: the rows.
        searched: how networks were trained.
        sizes: hidden sizes.
        sparsities: see `thinned`.
    """
    task = prepared.task
    settings = replace(searched.settings, seeds=searched.settings.starts, sizes=tuple(sizes))
    division = divided(task, np.arange(len(task.y)), searched.settings.repeats, 0)
    one = trial(task, division, settings, searched.metric, prepared.standardise)
    found: dict[tuple[int, float], SmallModel] = {}
    left: dict[int, int] = {}
    for level in thinned(task, division, one, settings, sizes, sparsities):
        hidden = level.population.keys["hidden"].to_numpy()
        weights = level.population.weights_each - level.population.zeros_each()
        for size in sizes:
            own = np.flatnonzero(hidden == size)
            best = int(own[level.inner_loss[own].argmin()])
            if level.sparsity and not 0 < weights[best] < left[size]:
                continue
            left[size] = int(weights[best])
            network = one.scaling.folded(level.population[best])
            found[size, level.sparsity] = prepared.model(network)
    return found
