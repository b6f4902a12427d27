"""What each factor between the two pure protocols does to the quantities of claims."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from lowcap.claims import Tables
from lowcap.studies.low_capacity.claims.difficulty import MARGIN
from lowcap.studies.low_capacity.claims.tolerances import laid_out, smallest_within
from lowcap.studies.low_capacity.protocols import GLOBAL, LISTING, PROTOCOLS

FACTORS = {
    "initialiser": "initial weights",
    "balancing": "balancing, split",
    "batch": "batch and steps",
}
"""Columns of the table, and what they are."""

SIDES = ("published", "corrected")
SCORES = ("train_f1_best", "test_f1")
"""The score is the fourth factor: what the released code logs, and test data at the end."""

SCORE = "score (training, test)"

SMALL = 8
"""Networks of at most so many units are small."""

NOISE = 0.3
_PRUNED = {rule.name: f"pruned_f1_{rule.name}" for rule in (LISTING, GLOBAL)}

Corner = pd.DataFrame
"""Of one mixture, one row a network: `hidden, seed`, scores, `lost` by rule, `noisy_f1`."""


class Quantity(NamedTuple):
    """What a claim is about, as one number of a mixture."""

    name: str
    unit: str
    of: Callable[[Corner, str], float]
    """From a mixture's networks and the score."""
    scored: bool
    """Whether it can be read on the training score too."""


def _small_f1(corner: Corner, score: str) -> float:
    small = corner[corner["hidden"] <= max(SMALL, corner["hidden"].min())]
    return float(small.groupby("hidden")[score].mean().mean())


def _capacity(corner: Corner, score: str) -> float:
    chooses = "val_f1" if score == "test_f1" else score
    choice = laid_out(corner, chooses, score)
    return float(np.log2(smallest_within(choice, np.array([MARGIN]))[0]))


def _spread(corner: Corner, score: str) -> float:
    variances = corner.groupby("hidden")[score].var()
    return float(np.sqrt(variances.mean()))


def _median_of(column: str) -> Callable[[Corner, str], float]:
    return lambda corner, _: float(corner.groupby("hidden")[column].mean().median())


QUANTITIES = (
    Quantity(f"F1 of networks of {SMALL} units or fewer", "F1", _small_f1, True),
    Quantity(f"minimum capacity (within {MARGIN:g} of the best)", "doublings", _capacity, True),
    Quantity("spread over seeds, all sizes", "s.d. of F1", _spread, True),
    Quantity("F1 lost at 95 %, listing C.1", "F1", _median_of(f"lost {LISTING.name}"), False),
    Quantity("F1 lost at 95 %, global", "F1", _median_of(f"lost {GLOBAL.name}"), False),
    Quantity(f"F1 under noise {NOISE:g}", "F1", _median_of("noisy_f1"), False),
)


def all_mixtures(tables: Tables) -> bool:
    """Whether all mixtures are there."""
    table = tables.get("factors")
    return table is not None and len(table.drop_duplicates(list(FACTORS))) == 2 ** len(FACTORS)


def corners(tables: Tables) -> dict[tuple[str, ...], Corner]:
    """The networks of all eight mixtures, the two pure protocols among them."""
    return {
        tuple(map(str, sides)): _with_losses(rows)  # pyright: ignore[reportArgumentType]
        for sides, rows in tables["factors"].groupby(list(FACTORS), sort=False)
    }


def _with_losses(corner: Corner) -> Corner:
    lost = {f"lost {rule}": corner["val_f1"] - corner[name] for rule, name in _PRUNED.items()}
    noisy = {} if "noisy_f1" in corner else {"noisy_f1": np.nan}
    return corner.assign(**lost, **noisy)


def effects(quantity: Quantity, found: Mapping[tuple[str, ...], Corner]) -> dict[str, np.ndarray]:
    """What each factor changes, corrected less published, for every setting of the others.

    The mean of such differences is the factor's main effect.
    """
    scores = SCORES if quantity.scored else SCORES[1:]
    value: dict[tuple[str, ...], float] = {
        (*sides, score): quantity.of(rows, score)
        for sides, rows in found.items()
        for score in scores
    }
    changes = {}
    for place, words in enumerate(FACTORS.values()):
        others = product(SIDES, repeat=len(FACTORS) - 1)
        changes[words] = np.array(
            [
                value[(*o[:place], SIDES[1], *o[place:], score)]
                - value[(*o[:place], SIDES[0], *o[place:], score)]
                for o in others
                for score in scores
            ]
        )
    if quantity.scored:
        changes[SCORE] = np.array(
            [value[(*sides, SCORES[1])] - value[(*sides, SCORES[0])] for sides in found]
        )
    return changes


def pure_ends(quantity: Quantity, found: Mapping[tuple[str, ...], Corner]) -> str:
    """The quantity under the pure protocols, each by its own score."""
    values = {}
    for side in SIDES:
        score = PROTOCOLS[side].score if quantity.scored else SCORES[1]
        value = quantity.of(found[(side,) * len(FACTORS)], score)
        values[side] = _units(2**value) if quantity.unit == "doublings" else f"{value:.3f}"
    return f"published {values['published']} → corrected {values['corrected']}"


def _units(size: float) -> str:
    return "1 unit" if round(size) == 1 else f"{size:.0f} units"
