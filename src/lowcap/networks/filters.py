"""Whole filters of convolutional networks: what each is worth, and networks without some of them.

What `lowcap.networks.masks` does for the hidden units of fused networks.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float

from lowcap.errors import SettingsError
from lowcap.networks.convolutional import Convolutional
from lowcap.networks.masks import UnitScore
from lowcap.networks.population import Population
from lowcap.networks.stacked import Stacked

ROWS_AT_ONCE = 512
"""Rows whose features are held together."""


def convolutional_of(population: Population) -> Convolutional:
    """The architecture of convolutional networks.

    Raises:
        SettingsError: they are none.
    """
    architecture = population.architecture if isinstance(population, Stacked) else None
    if not isinstance(architecture, Convolutional):
        raise SettingsError("this needs convolutional networks: others have no filters")
    return architecture


def filter_scores(
    population: Stacked, x: Float[np.ndarray, "rows inputs"], by: UnitScore
) -> Float[np.ndarray, "members channels"]:
    """What each filter is worth by one measure.

    Args:
        population: convolutional networks.
        x: the rows over which contributions vary, such as training rows.
        by: "norm", the product of the norms of the filter's weights and of the dense layer's
            weights of its features; or "contribution", how much its features' term of the outputs
            varies from row to row.

    Raises:
        SettingsError: the networks have no filters.
    """
    architecture = convolutional_of(population)
    channels, outputs = architecture.channels, architecture.outputs
    heads = population.stacks["dense"].reshape(len(population), -1, channels, outputs)
    if by == "norm":
        own = np.linalg.norm(population.stacks["filters"], axis=2)
        return own * np.sqrt((heads**2).sum(axis=(1, 3)))
    found = []
    for network, head in zip(population, heads, strict=True):
        parts = []
        for start in range(0, len(x), ROWS_AT_ONCE):
            hidden = network.hidden(x[start : start + ROWS_AT_ONCE])
            hidden = hidden.reshape(len(hidden), -1, channels)
            parts.append(np.einsum("rwc,wco->rco", hidden, head, optimize=True))
        found.append(np.linalg.norm(np.concatenate(parts).std(axis=0), axis=1))
    return np.stack(found)


def strongest_filters(
    worth: Float[np.ndarray, "members channels"], count: int
) -> Bool[np.ndarray, "members channels"]:
    """Of each member the filters of largest worth, `count` of each; ties go to the first."""
    kept = np.zeros(worth.shape, bool)
    best = np.argsort(-worth, axis=1, kind="stable")[:, :count]
    np.put_along_axis(kept, best, True, axis=1)
    return kept


def without_filters(population: Stacked, kept: Bool[np.ndarray, "members channels"]) -> Stacked:
    """Smaller networks that consist of some of the filters of larger ones, in their order.

    Masks are cut alike.

    Args:
        population: convolutional networks.
        kept: which of their filters stay, at least one and as many of each member: a stacked
            population is of one architecture.

    Raises:
        SettingsError: the networks have no filters, or unequal numbers or none would stay.

    Example:
        >>> worth = filter_scores(trained, split.train.x, "contribution")
        >>> small = without_filters(trained, strongest_filters(worth, 4))
        >>> fitted = fit(small, split, epochs=5)
    """
    architecture = convolutional_of(population)
    counts = np.unique(kept.sum(axis=1))
    if len(counts) > 1 or counts[0] < 1:
        raise SettingsError(
            f"{', '.join(map(str, counts))} filters would stay: each member needs as many, and one "
            "at least"
        )
    smaller = replace(architecture, channels=int(counts[0]))
    features = np.tile(kept, architecture.windows**2)
    places = {"filters": kept, "filter_bias": kept, "dense": features}

    def cut(name: str, values: np.ndarray) -> np.ndarray:
        if name not in places:
            return values
        return values[places[name]].reshape(len(values), -1, *values.shape[2:])

    stacks = {name: cut(name, values) for name, values in population.stacks.items()}
    masks = population.masks
    masks = masks and {name: cut(name, mask) for name, mask in masks.items()}
    return replace(population, architecture=smaller, stacks=stacks, masks=masks)


def with_filters(population: Stacked, channels: int) -> Stacked:
    """The same networks with filters of weight 0 added at the end, which masks hold at 0.

    Networks of different size so become members of one population, which trains as one program
    that takes the pixels apart once; `first_filters` gives them back.

    Args:
        population: convolutional networks, whole ones without masks.
        channels: how many filters each is to have.

    Raises:
        SettingsError: the networks have no filters, more than so many, or masks.

    Example:
        >>> both = together([with_filters(small, 8), eight])
        >>> fitted = fit(both.population, split)
        >>> small = first_filters(both.apart(fitted.population)[0], 4)
    """
    architecture = convolutional_of(population)
    if channels < architecture.channels or population.masks is not None:
        raise SettingsError(
            f"networks of {architecture.channels} filters cannot be given {channels} in all"
            if population.masks is None
            else "networks with masks cannot be given filters"
        )
    larger = replace(architecture, channels=channels)
    own = np.arange(channels) < architecture.channels
    stacks, masks = {}, {}
    for name, shape in larger.shapes.items():
        values = population.stacks[name]
        if name == "bias":
            stacks[name] = values
            continue
        there = np.tile(own, larger.windows**2) if name == "dense" else own
        stacks[name] = np.zeros((len(population), *shape), np.float32)
        stacks[name][:, there] = values
        masks[name] = np.zeros(stacks[name].shape, bool)
        masks[name][:, there] = True
    held = {name: masks[name] for name in larger.layers}
    return replace(population, architecture=larger, stacks=stacks, masks=held)


def first_filters(population: Stacked, channels: int) -> Stacked:
    """Networks of the first filters of larger ones, free of masks: undoes `with_filters`.

    Raises:
        SettingsError: the networks have no filters, or fewer.
    """
    kept = np.zeros((len(population), convolutional_of(population).channels), bool)
    if channels > kept.shape[1]:
        raise SettingsError(f"networks of {kept.shape[1]} filters have no first {channels}")
    kept[:, :channels] = True
    smaller = without_filters(population, kept)
    return replace(smaller, masks=None)
