"""Other ways to thin networks out than by magnitude: at random, and whole hidden units."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from lowcap.errors import SettingsError
from lowcap.networks.fused import Fused
from lowcap.networks.population import Population

UnitScore = Literal["norm", "contribution"]
"""What a hidden unit is worth: the product of its incoming and outgoing weights' norms, or how much
its term of the outputs varies from row to row."""


def random_masks(
    population: Population,
    used: Bool[np.ndarray, " inputs"],
    generator_of: Callable[[int], np.random.Generator],
) -> dict[str, Bool[np.ndarray, "..."]]:
    """Masks that keep as many weights as a pruned population's own, but at random.

    Each member keeps its number of weights in each layer, and in the first layer its number on
    inputs that are used: a mask that wasted weights on inputs that are always 0 would be no fair
    comparison.

    Args:
        population: pruned networks.
        used: inputs that are not 0 in every row.
        generator_of: from the number of a member to where its random numbers come from.

    Raises:
        SettingsError: the population was not pruned.
    """
    if population.masks is None:
        raise SettingsError("random masks keep as many weights as a pruned population has left")
    masks = {name: mask.copy() for name, mask in population.masks.items()}
    for member in range(len(population)):
        generator = generator_of(member)
        for name, part in population.layers_of(member).items():
            whole = masks[name][part]
            if whole.shape[-1] == len(used):
                whole[..., used] = generator.permuted(whole[..., used].ravel()).reshape(
                    whole[..., used].shape
                )
            else:
                whole = generator.permuted(whole.ravel()).reshape(whole.shape)
            masks[name][part] = whole
    return masks


def unit_scores(
    population: Fused, x: Float[np.ndarray, "rows inputs"], by: UnitScore
) -> Float[np.ndarray, " units"]:
    """What each hidden unit is worth by one measure; see `UnitScore`.

    Args:
        population: networks with hidden units.
        x: the rows over which contributions vary, such as training rows.
        by: the measure.
    """
    layout, out = population.layout, np.linalg.norm(population.w2, axis=1)
    if by == "norm":
        return np.linalg.norm(population.w1[layout.lines :], axis=1) * out
    varying = []
    for network in population:
        if network.dense.layers[1:]:
            varying.append(network.hidden(x).std(axis=0))
    return np.concatenate([*varying, np.zeros(0, np.float32)]) * out


class Thinned(NamedTuple):
    """Networks without some of their hidden units."""

    population: Fused
    member: Int[np.ndarray, " members"]
    """The number that each member had before."""


def without_units(population: Fused, kept: Bool[np.ndarray, " units"]) -> Thinned:
    """Smaller networks that consist of some of the hidden units of larger ones.

    Args:
        population: networks with hidden units.
        kept: which of all their units stay, at least one of each member.

    Raises:
        SettingsError: a member would have no unit left.
    """
    layout = population.layout
    counts = np.bincount(layout.owner[kept], minlength=layout.members)
    if (counts < 1).any():
        raise SettingsError("a network needs at least one hidden unit")
    order = np.argsort(counts, kind="stable")
    places = [np.arange(layout.units)[layout.units_of(m)] for m in order.tolist()]
    units = np.concatenate([place[kept[place]] for place in places])
    members = tuple(replace(population.members[m], hidden=int(counts[m])) for m in order.tolist())
    first, second = layout.lines + units, population.w2[units]
    w1, b1, b2 = population.w1[first], population.b1[first], population.b2[order]
    return Thinned(Fused(members, w1, b1, second, b2, population.kind), order)


def strongest_units(
    population: Fused, worth: Float[np.ndarray, " units"], counts: Int[np.ndarray, " members"]
) -> Bool[np.ndarray, " units"]:
    """Of each member the units of largest worth, so many of each; ties go to the first."""
    kept = np.zeros(population.layout.units, bool)
    for member, count in enumerate(counts):
        units = population.layout.units_of(member)
        best = np.argsort(-worth[units], kind="stable")[:count]
        kept[units.start + best] = True
    return kept
