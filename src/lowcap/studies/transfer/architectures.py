"""The architectures that are compared: their fresh populations, and the size that is looked at."""

from collections.abc import Sequence

from lowcap.data import Target
from lowcap.errors import SettingsError
from lowcap.networks import (
    Convolutional,
    Population,
    Stacked,
    convolutional_of,
    first_filters,
    grid,
    initialise,
    stack,
    with_filters,
)

FILTERS = {"conv 3x3": 3, "conv 5x5": 5}
"""The side of the filters of each convolutional architecture."""

STRIDE = POOL = 2

RATES = {"grey": 0.03, "colour": 0.01}
"""Learning rates with momentum at which networks of every size settle within the usual epochs."""

LOOKED_AT = {"fully connected": 32, "conv 3x3": 8, "conv 5x5": 8}
"""The size that is looked into: neither the smallest nor the largest."""


def is_colour(shape: tuple[int, ...]) -> bool:
    """Whether images have colours."""
    return len(shape) > 2 and shape[2] > 1


def fresh(architecture: str, sizes: tuple[int, ...], seed: int, target: Target) -> list[Population]:
    """Untrained networks of all sizes, in populations that train side by side.

    Fully connected networks of all sizes are one population, convolutional ones one for each size.

    Raises:
        SettingsError: the images are not square, or too small for the filters.
    """
    shape = target.shape
    assert shape is not None  # all data sets are of images
    rate = RATES["colour" if is_colour(shape) else "grey"]
    if architecture not in FILTERS:
        inputs = int(shape[0] * shape[1] * (shape[2] if len(shape) > 2 else 1))
        members = grid(sizes, [rate], [seed])
        return [initialise(members, inputs, target.outputs, target.kind)]
    return [
        stack(
            convolution(architecture, channels, shape, target.outputs), [seed], [rate], target.kind
        )
        for channels in sizes
    ]


def convolution(
    architecture: str, channels: int, shape: tuple[int, ...], outputs: int = 1
) -> Convolutional:
    """One layer of filters with biases, every second place, pooled two by two; a linear head.

    Raises:
        SettingsError: the images are not square, or too small for the filters.
    """
    height, width, colours = (*shape, 1)[:3]
    if height != width:
        raise SettingsError(
            f"images of {height} x {width}: convolutional networks need square ones; give "
            "--architectures 'fully connected'"
        )
    return Convolutional(
        channels, FILTERS[architecture], POOL, STRIDE, height, outputs, colours=colours,
        filter_bias=True,
    )  # fmt: skip


def looked_at(architecture: str, sizes: tuple[int, ...]) -> int:
    """The size whose networks are looked into; the largest where the usual one was not trained."""
    usual = LOOKED_AT[architecture]
    return usual if usual in sizes else max(sizes)


SMALL = 8
"""Networks of at most so many filters train as if they had as many as the largest of them."""


def bands(populations: Sequence[Population]) -> list[list[tuple[int, Population]]]:
    """Populations that train side by side, with their numbers; small ones with more filters.

    To take the pixels apart costs more than a few filters, and so does compiling. So networks of
    at most 8 filters are given as many as the largest of them has, and larger ones those of
    networks up to twice their size, all of them at 0.
    """
    stacked = {n: one for n, one in enumerate(populations) if isinstance(one, Stacked)}
    found = [[(n, one) for n, one in enumerate(populations) if n not in stacked]]
    channels = {n: convolutional_of(one).channels for n, one in stacked.items()}
    rest = sorted(stacked, key=lambda n: -channels[n])
    while rest:
        most = channels[rest[0]]
        least = 1 if most <= SMALL else max(most / 2, SMALL + 1)
        band = [n for n in rest if channels[n] >= least]
        found.append([(n, with_filters(stacked[n], most)) for n in sorted(band)])
        rest = [n for n in rest if n not in band]
    return [band for band in found if band]


def like(trained: Population, before: Population) -> Population:
    """Trained networks without the filters that they were given for company."""
    if isinstance(trained, Stacked) and isinstance(before, Stacked):
        return first_filters(trained, convolutional_of(before).channels)
    return trained
