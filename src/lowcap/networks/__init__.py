"""What is trained: populations of networks, how they start, which weights survive pruning."""

from lowcap.networks.fused import Fused
from lowcap.networks.initialisers import INITIALISERS, assemble, initialise, replay_normal
from lowcap.networks.layout import Layout
from lowcap.networks.masks import (
    FIRST_LAYER,
    GLOBAL,
    ROUNDED,
    MagnitudeRanks,
    PruningRule,
    magnitude_order,
    removed,
)
from lowcap.networks.members import Member, grid, hidden_sizes, in_order
from lowcap.networks.wide import OneHiddenLayer, Wide, from_arrays, take, to_arrays

__all__ = [
    "FIRST_LAYER",
    "GLOBAL",
    "INITIALISERS",
    "ROUNDED",
    "Fused",
    "Layout",
    "MagnitudeRanks",
    "Member",
    "OneHiddenLayer",
    "PruningRule",
    "Wide",
    "assemble",
    "from_arrays",
    "grid",
    "hidden_sizes",
    "in_order",
    "initialise",
    "magnitude_order",
    "removed",
    "replay_normal",
    "take",
    "to_arrays",
]
