"""The open question whether more classes need larger networks."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from lowcap.claims import (
    Above,
    BlockSimulator,
    Claim,
    Cube,
    Evidence,
    NotMeasured,
    Reading,
    Tables,
    World,
    block_cube,
    of_means,
)
from lowcap.studies.transfer.claims.common import SHOWN, sizes_of

KEYS = ["classes", "hidden"]

ENOUGH = 0.95
"""The share of what the largest size gains over chance that a sufficient size gains. Ours."""


LEAST = 0.01
"""Accuracy over guessing that the largest networks must reach for anything to be compared."""


def capacity_of(
    sizes: Float[np.ndarray, " sizes"], shares: Float[np.ndarray, " sizes"], level: float = ENOUGH
) -> float:
    """The base-2 logarithm of the smallest sufficient size, between sizes by a straight line.

    Args:
        sizes: hidden units or filters, ascending.
        shares: of what the largest size gains over chance, by size; the last is 1.
        level: the share that is sufficient from there on.

    Returns:
        That of the smallest size where all are sufficient.
    """
    logs = np.log2(sizes)
    below = np.flatnonzero(shares < level)
    if not len(below):
        return float(logs[0])
    last = int(below[-1])
    if last + 1 == len(sizes):
        return float(logs[-1])
    part = (level - shares[last]) / (shares[last + 1] - shares[last])
    return float(logs[last] + part * (logs[last + 1] - logs[last]))


def _scores(tables: Tables) -> Cube:
    table = tables["classes"]
    if table["classes"].nunique() < 2:
        raise NotMeasured("tasks of two numbers of classes at least are needed")
    sizes_of(table)
    return block_cube(table, KEYS, "accuracy")


def doublings_of(sizes: Float[np.ndarray, " sizes"], shares: Float[np.ndarray, " sizes"]) -> float:
    """Where a rising curve of shares stands, as the base-2 logarithm of a size.

    The area above the curve from the smallest size on, by trapezoids: of a step from 0 to 1 it is
    the logarithm of the size at which it rises. Unlike the place where the curve crosses a level,
    it moves smoothly with every mean, so that a jackknife tells its error.

    Args:
        sizes: hidden units or filters, ascending.
        shares: of what the largest size gains over chance, by size.
    """
    logs = np.log2(sizes)
    return float(logs[0] + np.trapezoid(1 - shares, logs))


def capacities(
    scores: Cube,
    means: Float[np.ndarray, " cases"],
    measure: Callable[[np.ndarray, np.ndarray], float] = doublings_of,
) -> dict[int, float]:
    """By number of classes, the base-2 logarithm of the size that is needed, by a measure of it."""
    classes, hidden = (scores.cases.get_level_values(name).to_numpy(float) for name in KEYS)
    found = {}
    for count in np.unique(classes):
        own = classes == count
        gain = means[own] - 1 / count
        found[int(count)] = measure(hidden[own], gain / max(gain[-1], 1e-9))
    return found


def _slope(found: dict[int, float]) -> float:
    """Doublings of the size for each doubling of the number of classes, by least squares."""
    x = np.log2(list(found))
    centred = x - x.mean()
    return float(centred @ np.array(list(found.values())) / (centred @ centred))


def more_classes_need_more(tables: Tables) -> Evidence:
    """How minimum capacity grows with the number of classes."""
    scores = _scores(tables)
    estimate = scores.estimate(lambda means: _slope(capacities(scores, means)))
    means = scores.means
    largest = means[scores.where(hidden=sizes_of(tables["classes"])[-1])]
    guessed = 1 / largest.index.get_level_values("classes").to_numpy(float)
    if (largest.to_numpy() < guessed + LEAST).any():
        raise NotMeasured("networks of the largest size do no better than guessing")
    found = capacities(scores, means.to_numpy())
    enough = capacities(scores, means.to_numpy(), capacity_of)
    listed = ", ".join(
        f"{count} classes {2**value:.1f} ({2 ** enough[count]:.1f})"
        for count, value in found.items()
    )
    sentence = (
        "Size about which accuracy rises from chance to that of the largest (and size that gains "
        f"95 % of it): {listed}. For each doubling of the number of classes the first doubles "
        f"{estimate.value:.2f} times."
    )
    return Evidence(estimate, sentence)


def _worlds(tables: Tables) -> list[World]:
    """Accuracy that rises with the size alike for every number of classes, or later for more."""
    scores = _scores(tables)
    simulated = BlockSimulator("classes", tables["classes"], KEYS, ["accuracy"])
    frame = simulated.frame
    classes, hidden = (frame[name].to_numpy(float) for name in KEYS)
    means = scores.means.to_numpy()
    largest = {count: means[scores.where(classes=count)][-1] for count in frame["classes"].unique()}
    top = np.array([largest[count] for count in frame["classes"]])
    usual = 2 ** float(np.median(list(capacities(scores, means, capacity_of).values())))

    def make(power: float) -> np.ndarray:
        # The share gained is 1 - 0.05 ^ (size / capacity), which is 95 % at the capacity.
        needed = usual * (classes / np.sqrt(classes.min() * classes.max())) ** power
        share = (1 - 0.05 ** (hidden / needed)) / (1 - 0.05 ** (hidden.max() / needed))
        return 1 / classes + (top - 1 / classes) * share

    return [
        of_means("capacity does not grow", None, simulated, make(0.0)),
        of_means("capacity grows with the number", True, simulated, make(1.0)),
        of_means("capacity falls with it", False, simulated, make(-1.0)),
    ]


CLAIMS = (
    Claim(
        "classes-need-more",
        "open question",
        "The more classes a task has, the larger a network it needs.",
        (
            Reading(
                "share of the gain over chance",
                "doublings, for each doubling of the number of classes, of the size about which "
                "test accuracy rises from chance to that of the largest size (the area above the "
                "curve over doublings of the size; where it crosses 95 % was tried first, and "
                "erred in 16 % of simulated runs); all classes of the data set are dealt out to "
                f"tasks anew by each seed, with equally many training images of each; {SHOWN}",
                Above(0),
                more_classes_need_more,
                ("classes",),
                ("*",),
                worlds=_worlds,
            ),
        ),
        figure="classes-{dataset}",
    ),
)
