"""The two forms a population takes, and the way from one to the other."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Int

from lowcap.networks.architectures import Dense
from lowcap.networks.fused import Fused
from lowcap.networks.population import Population
from lowcap.networks.stacked import Stacked, joined

FORMS = {"fused": Fused, "stacked": Stacked}


def restored(
    described: Mapping[str, Any], arrays: Mapping[str, np.ndarray], masks: Any
) -> Population:
    """The population that a file describes and whose arrays it holds."""
    return FORMS[described["form"]].restored(described, arrays, masks)


def stacks_of(population: Population) -> list[tuple[Int[np.ndarray, " some"], Stacked]]:
    """The members in stacks of one architecture each, with their numbers.

    For what can be computed only where members are alike.
    """
    if isinstance(population, Stacked):
        return [(np.arange(len(population)), population)]
    assert isinstance(population, Fused)
    kept = None  # the masks as if they were weights, so that they are cut in the same way
    if population.masks is not None:
        ones = {name: np.ones_like(values) for name, values in population.arrays.items()}
        kept = population.with_arrays(ones | dict(population.masks))
    sizes, found = np.asarray(population.layout.hidden), []
    for size in np.unique(sizes).tolist():
        some = np.flatnonzero(sizes == size)
        members = [population.members[member] for member in some.tolist()]
        stacked = joined(
            Dense(population.inputs, (size,) if size else (), population.outputs),
            [population[member].params for member in some.tolist()],
            [member.seed for member in members],
            [member.learning_rate for member in members],
            population.kind,
        )
        if kept is not None:
            names, whose = stacked.architecture.layers, some.tolist()
            masks = {n: np.stack([kept[m].params[n] for m in whose]) > 0 for n in names}
            stacked = stacked.with_arrays(stacked.arrays, masks)
        found.append((some, stacked))
    return found
