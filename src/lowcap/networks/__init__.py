"""What is trained: populations of networks, how they start, which weights survive pruning."""

from lowcap.networks.activations import ACTIVATIONS, activation
from lowcap.networks.architectures import (
    Architecture,
    Dense,
    dense_of,
    parameters,
)
from lowcap.networks.convolutional import Convolutional
from lowcap.networks.filters import (
    convolutional_of,
    filter_scores,
    first_filters,
    strongest_filters,
    with_filters,
    without_filters,
)
from lowcap.networks.forms import stacks_of
from lowcap.networks.fused import Fused
from lowcap.networks.initialisers import INITIALISERS, assemble, initialise, replay_normal
from lowcap.networks.layout import Layout
from lowcap.networks.masks import (
    Thinned,
    UnitScore,
    random_masks,
    strongest_units,
    unit_scores,
    without_units,
)
from lowcap.networks.members import Member, grid, hidden_sizes, in_order
from lowcap.networks.network import Network, one_hidden_layer, probabilities
from lowcap.networks.population import Population, Responses, metadata_of
from lowcap.networks.pruning import (
    FIRST_LAYER,
    GLOBAL,
    ROUNDED,
    MagnitudeRanks,
    PruningRule,
    removed,
)
from lowcap.networks.rows import Precision
from lowcap.networks.stacked import Stacked, joined, stack
from lowcap.networks.together import Together, together

__all__ = [
    "ACTIVATIONS",
    "FIRST_LAYER",
    "GLOBAL",
    "INITIALISERS",
    "ROUNDED",
    "Architecture",
    "Convolutional",
    "Dense",
    "Fused",
    "Layout",
    "MagnitudeRanks",
    "Member",
    "Network",
    "Population",
    "Precision",
    "PruningRule",
    "Responses",
    "Stacked",
    "Thinned",
    "Together",
    "UnitScore",
    "activation",
    "assemble",
    "convolutional_of",
    "dense_of",
    "filter_scores",
    "first_filters",
    "grid",
    "hidden_sizes",
    "in_order",
    "initialise",
    "joined",
    "metadata_of",
    "one_hidden_layer",
    "parameters",
    "probabilities",
    "random_masks",
    "removed",
    "replay_normal",
    "stack",
    "stacks_of",
    "strongest_filters",
    "strongest_units",
    "together",
    "unit_scores",
    "with_filters",
    "without_filters",
    "without_units",
]
