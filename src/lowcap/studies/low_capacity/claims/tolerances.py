"""The smallest size that is good enough, as a function of how much of the score one would lose."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from lowcap.studies.low_capacity.claims.scores import protocol_of


class Choice(NamedTuple):
    """One task's scores twice: those that choose the best size, and those that are reported.

    Resamples of the seeds stand before them as further axes.
    """

    hidden: np.ndarray
    choosing: Float[np.ndarray, "*resamples seeds sizes"]
    reported: Float[np.ndarray, "*resamples seeds sizes"]

    @property
    def best(self) -> Float[np.ndarray, "*resamples"]:
        """The mean reported score of the size with the best mean of the scores that choose."""
        chosen = self.choosing.mean(axis=-2).argmax(axis=-1, keepdims=True)
        return np.take_along_axis(self.reported.mean(axis=-2), chosen, axis=-1)[..., 0]


def choice_of(table: pd.DataFrame) -> Choice:
    """One task's scores under one protocol, the seeds that have every size.

    Validation data choose and test data report where the protocol scores test data; where it
    scores training data, they do both.
    """
    score = protocol_of(table).score
    chooses = "val_f1" if score == "test_f1" else score
    return laid_out(table, chooses, score)


def laid_out(table: pd.DataFrame, chooses: str, score: str) -> Choice:
    """One task's scores by seed and size, of the column that chooses and of that reported."""
    both = list(dict.fromkeys([chooses, score]))
    means = table.groupby(["seed", "hidden"])[both].mean().dropna(how="all")
    square = means.unstack().dropna()  # noqa: PD010 - several times faster than a pivot
    sizes = square[score].columns.to_numpy()
    return Choice(sizes, square[chooses].to_numpy(), square[score].to_numpy())


def choices(table: pd.DataFrame) -> dict[str, Choice]:
    """The choice of each task under one protocol; tasks of which no seed has every size are out."""
    found = {str(task): choice_of(rows) for task, rows in table.groupby("task", sort=False)}
    return {task: choice for task, choice in found.items() if len(choice.reported)}


def smallest_within(
    choice: Choice, tolerances: Float[np.ndarray, " levels"]
) -> Float[np.ndarray, "*resamples levels"]:
    """The smallest size whose mean reported score is within each tolerance of the best size's."""
    means = choice.reported.mean(axis=-2)[..., None, :]  # [..., levels, sizes]
    enough = means >= choice.best[..., None, None] - tolerances[:, None] - 1e-12
    return choice.hidden[enough.argmax(axis=-1)].astype(float)
