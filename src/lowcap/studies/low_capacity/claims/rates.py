"""The claim on the learning rate (section 4.1)."""

from collections.abc import Sequence

import numpy as np

from lowcap.claims import (
    Above,
    Claim,
    Cube,
    Every,
    Evidence,
    NotMeasured,
    Reading,
    Simulator,
    Tables,
    World,
    cube,
    of_seeds,
)
from lowcap.studies.low_capacity.claims.scores import DIGIT_PAIRS
from lowcap.studies.low_capacity.settings import (
    LEARNING_RATE,
    LEARNING_RATES,
    MORE_RATES,
    PAPER_HIDDEN,
    RATE_TASK,
)


def rate_score(protocol: str) -> str:
    """The column that a learning rate is chosen by: validation data, where there is a choice."""
    return "val_f1" if protocol == "corrected" else "train_f1_best"


def _rate_cube(tables: Tables) -> Cube:
    table = tables["learning_rate"]
    table = table[table["hidden"].isin(PAPER_HIDDEN)].round({"learning_rate": 9})
    score = rate_score(table["protocol"].iloc[0])
    return cube(table, ["hidden", "learning_rate"], score)


def learning_rate(tables: Tables) -> Evidence:
    """How far 0.03 leads each other rate of the paper's grid, at every hidden size."""
    scores = _rate_cube(tables)
    means = scores.means
    place = {case: i for i, case in enumerate(scores.cases)}
    rates = scores.cases.get_level_values("learning_rate")
    estimates = {}
    for hidden, rate in scores.cases:
        if not np.isclose(rate, LEARNING_RATE) and np.isclose(rate, LEARNING_RATES).any():
            pair = scores.only(_places(scores, [place[hidden, LEARNING_RATE], place[hidden, rate]]))
            own = 0 if pair.cases[0][1] == LEARNING_RATE else 1
            estimates[f"{hidden} units, {rate:g}"] = pair.estimate(
                lambda m, own=own: float(m[own] - m[1 - own])
            )
    if not estimates:
        raise NotMeasured("networks were trained at no other learning rate of the paper's grid")
    led = sum(estimate.value > 0 for estimate in estimates.values())
    sentence = (
        f"At {led} of {len(estimates)} combinations of hidden size and another rate of the paper's "
        f"grid, {LEARNING_RATE:g} has the larger mean F1."
    )
    for above in (rate for rate in MORE_RATES if np.isclose(rates, rate).any()):
        better = [means[h, above] > means[h, LEARNING_RATE] for h in means.index.unique("hidden")]
        sentence += (
            f" It is the grid's largest: {above:g}, above the grid, is better still at "
            f"{sum(better)} of {len(better)} sizes."
        )
    return Evidence(estimates, sentence)


def _places(scores: Cube, places: Sequence[int]) -> np.ndarray:
    kept = np.zeros(len(scores.cases), bool)
    kept[list(places)] = True
    return kept


def _rate_worlds(tables: Tables) -> list[World]:
    table = tables["learning_rate"].round({"learning_rate": 9})
    table = table[table["hidden"].isin(PAPER_HIDDEN)]
    score = rate_score(table["protocol"].iloc[0])
    simulator = Simulator("learning_rate", table, ["task", "hidden", "learning_rate"], [score])
    frame = simulator.frame
    own = np.isclose(frame["learning_rate"], LEARNING_RATE)

    def make(lead: float, first: float | None = None):
        means = np.where(own, 0.9, 0.9 - lead)
        if first is not None:
            smallest = frame["hidden"] == frame["hidden"].min()
            means[smallest & np.isclose(frame["learning_rate"], 0.01)] = 0.9 - first

        return lambda g: simulator.draw(g, means)

    return [
        of_seeds("no rate better than another", None, make(0.0)),
        of_seeds("one size without a lead, the others clear", None, make(0.2, 0.0)),
        of_seeds("0.03 clearly best", True, make(0.3)),
        of_seeds("0.03 clearly worst", False, make(-0.3)),
    ]


CLAIMS = (
    Claim(
        "learning-rate",
        "4.1",
        "A learning rate of 0.03 is the best of six at every hidden size on 4-9.",
        (
            Reading(
                "every rate, every size",
                "mean F1 at 0.03 less that at each other rate of the grid, for every hidden size "
                "of 4-9, paired by seed, all after as many steps (validation F1 under the "
                "corrected protocol), t intervals over seeds",
                Every(Above(0)),
                learning_rate,
                ("learning_rate",),
                primary=("*",),
                tasks=(RATE_TASK,),
                grows=False,
                worlds=_rate_worlds,
            ),
        ),
        figure="learning-rate",
        subject=DIGIT_PAIRS,
    ),
)
