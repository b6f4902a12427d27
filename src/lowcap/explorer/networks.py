"""Which of a run's networks go into the page, and how their weights are laid out there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32

from lowcap.networks import Network

PARTS = ("w1", "b1", "w2", "b2")


@dataclass(frozen=True, eq=False)
class Shown:
    """One network of the page and what tells it apart, such as its task and seed."""

    keys: dict[str, Any]
    network: Network

    @property
    def weights(self) -> int:
        """Values that it takes."""
        return self.network.parameters


def fitting(wanted: Sequence[Shown], values: int) -> list[Shown]:
    """As many of the networks as go into so many values, the first ones first.

    One that is too large is passed over, so that smaller ones after it may still find room.
    """
    found, left = [], values
    for one in wanted:
        if one.weights <= left:
            found.append(one)
            left -= one.weights
    return found


def laid_out(
    networks: Sequence[Shown],
) -> tuple[list[dict[str, Any]], Float32[np.ndarray, " values"]]:
    """All weights one after another, and where each network's start.

    Returns:
        Of each network its keys, `inputs`, `hidden`, `outputs` and `start`; and the values.
    """
    entries, parts, start = [], [np.zeros(0, np.float32)], 0
    for one in networks:
        dense, params = one.network.dense, one.network.params
        own = [np.asarray(params[name], np.float32).ravel() for name in PARTS if name in params]
        sizes = {"inputs": dense.inputs, "outputs": dense.outputs}
        hidden = dense.hidden[0] if dense.hidden else 0
        entries.append(one.keys | sizes | {"hidden": hidden, "start": start})
        parts += own
        start += sum(values.size for values in own)
    return entries, np.concatenate(parts)
