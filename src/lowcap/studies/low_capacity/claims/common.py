"""What the judges share: words for numbers, and the paper's own values."""

import numpy as np
import pandas as pd

from lowcap.measures import Scores, scores_by_seed
from lowcap.studies.low_capacity.protocols import PROTOCOLS

REQUESTED, RELEASED = "requested sparsity", "released code's sparsity"
RULES = {REQUESTED: "exact", RELEASED: "released"}
"""The pruning table's rule for each reading of a sparsity."""


def in_words(capacity: float) -> str:
    """A minimum capacity in words."""
    return "none of the sizes" if np.isinf(capacity) else f"{capacity:.0f}"


def change(fraction: float) -> str:
    """A signed relative change in words; what rounds to nothing is said to be nothing."""
    if abs(fraction) < 5e-6:
        return "less than 0.001 %"
    return f"{100 * fraction:+.3g} %"


def percent(fraction: float) -> str:
    """A share in words, three digits."""
    return f"{100 * fraction:.3g} %"


def capacity_scores(table: pd.DataFrame) -> dict[str, Scores]:
    """Each task's score by hidden size and seed: the score that the table's protocol is about."""
    score = PROTOCOLS[table["protocol"].iloc[0]].score
    return {
        str(task): scores_by_seed(rows, score) for task, rows in table.groupby("task", sort=False)
    }
