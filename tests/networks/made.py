"""Populations of both kinds with the same networks in them, whatever the kind of task."""

import numpy as np

from lowcap.networks import Dense, Fused, Member, Stacked, initialise, joined

OUTPUTS = {"binary": 1, "classes": 3, "regression": 1}


def fused(hidden=(1, 3, 3, 7), inputs=10, kind="binary", rates=None, seed=0) -> Fused:
    """Members of the given sizes with normal weights and biases."""
    rng = np.random.default_rng(seed)
    members = [
        Member(size, None if rates is None else rates[place], seed=place)
        for place, size in enumerate(hidden)
    ]
    start = initialise(members, inputs, OUTPUTS[kind], kind)
    arrays = {name: rng.normal(0, 0.6, a.shape) for name, a in start.arrays.items()}
    linear = start.layout.linear
    arrays["b2"][:linear] = 0  # not used: their only biases are the first layer's
    return start.with_arrays(arrays)


def stacked_like(population: Fused) -> Stacked:
    """The members of a fused population, all of one size, as a stacked one."""
    size = population.members[0].hidden
    dense = Dense(population.inputs, (size,) if size else (), population.outputs)
    return joined(
        dense,
        [network.params for network in population],
        [member.seed for member in population.members],
        [member.learning_rate for member in population.members],
        population.kind,
    )
