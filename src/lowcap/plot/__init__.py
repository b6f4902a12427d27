"""Plots that draw on matplotlib axes of yours, or make their own: `plot.capacity(..., ax=axes)`.

Each returns the axes it drew on, so that titles and limits can be changed and figures saved:
``plot.capacity(population, split).figure.savefig("capacity.png")``.
"""

from lowcap.plot.capacity import capacity
from lowcap.plot.curves import training_curves
from lowcap.plot.forest import forest
from lowcap.plot.frontier import frontier
from lowcap.plot.saliency import saliency
from lowcap.plot.space import hidden_space
from lowcap.plot.units import unit_cards

__all__ = [
    "capacity",
    "forest",
    "frontier",
    "hidden_space",
    "saliency",
    "training_curves",
    "unit_cards",
]


def __dir__() -> list[str]:
    return sorted(__all__)
