"""The network that a user keeps: trained on all rows, the way that the search scored."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool

from lowcap.data import Task
from lowcap.networks import Network
from lowcap.small.search.divisions import divided
from lowcap.small.search.search import Searched
from lowcap.small.search.trial import trial


@dataclass(frozen=True, eq=False)
class Refitted:
    """A network of one size that was trained on all rows."""

    network: Network
    """Takes the task's inputs and answers on its scale by itself."""
    learning_rate: float
    epochs: int
    inner_loss: float


def refit(
    task: Task,
    hidden: int,
    searched: Searched,
    standardise: Bool[np.ndarray, " inputs"] | None = None,
) -> Refitted:
    """Train networks of one size on all rows and keep one, just as the search did in each fold.

    What was scored is this way of training, so that its score is what to expect of the network.

    Args:
        task: of the search.
        hidden: the size.
        searched: how.
        standardise: as in the search.
    """
    starts = searched.settings.starts
    settings = replace(searched.settings, seeds=starts, sizes=(hidden,))
    division = divided(task, np.arange(len(task.y)), searched.settings.repeats, 0)
    one = trial(task, division, settings, searched.metric, standardise)
    own = one.networks[one.networks["hidden"] == hidden]
    place = int(own["inner_loss"].to_numpy().argmin()) + int(own.index[0])
    chosen: Any = own.loc[place, ["learning_rate", "epochs", "inner_loss"]]
    rate, epochs, loss = chosen
    return Refitted(
        one.scaling.folded(one.population[place]),
        float(rate),
        int(epochs),
        float(loss),
    )
