"""Corrupted copies of images, the same for every measure and every network of one seed."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float32

from lowcap.data import Labelled
from lowcap.data.corruptions import Corruption
from lowcap.streams import stream

Corruptions = Mapping[tuple[str, float], Corruption]
"""By kind and severity."""


class Copy(NamedTuple):
    """One copy of all images, under one corruption."""

    corruption: str
    severity: float
    draw: int
    x: Float32[np.ndarray, "images pixels"]

    @property
    def key(self) -> dict[str, str | float | int]:
        """What tells the copy apart, as columns of a table."""
        return {"corruption": self.corruption, "severity": self.severity, "draw": self.draw}


def corrupted_copies(
    data: Labelled,
    shape: tuple[int, ...],
    corruptions: Corruptions,
    *,
    draws: int,
    seed: int = 0,
) -> Iterator[Copy]:
    """Every copy of some images; the first is the images themselves, corruption "none".

    Corruptions are numbered in their order and a number has a stream of its own for each draw, so
    that the same call gives the same copies to whichever measure asks.

    Args:
        data: the images, flattened, in [0, 1].
        shape: height and width (and channels) of an image.
        corruptions: by kind and severity.
        draws: how many copies under each corruption.
        seed: seed of the corruptions.
    """
    images = data.x.reshape(-1, *shape)
    for number, (kind, severity) in enumerate([("none", 0.0), *corruptions]):
        for draw in range(1 if kind == "none" else draws):
            copy: Float[np.ndarray, "images ..."] = images
            if kind != "none":
                rng = stream("corruption", seed, number, draw)
                copy = corruptions[kind, severity](images, rng)
            flat = copy.reshape(len(images), -1).astype(np.float32)
            yield Copy(kind, float(severity), draw, flat)
