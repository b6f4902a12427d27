"""Claims on learning rate, capacity and its limits (sections 4.1 and 4.2)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lowcap.claims import (
    Above,
    AllOf,
    Below,
    Claim,
    Every,
    Evidence,
    NotMeasured,
    Reading,
    Share,
    Tables,
    World,
)
from lowcap.studies.low_capacity.claims.scores import (
    F1_LEVEL,
    Cube,
    capacity_cube,
    cube,
    on_digits,
    protocol_of,
)
from lowcap.studies.low_capacity.claims.worlds import (
    Simulator,
    capacity_simulator,
    of_seeds,
    worlds,
)
from lowcap.studies.low_capacity.settings import (
    LEARNING_RATE,
    LEARNING_RATES,
    MORE_RATES,
    PAPER_HIDDEN,
    RATE_TASK,
)

# Learning rate -----------------------------------------------------------------------------------


def rate_score(protocol: str) -> str:
    """The column that a learning rate is chosen by: validation data, where there is a choice."""
    return "val_f1" if protocol == "corrected" else "train_f1_best"


def learning_rates(tables: Tables) -> pd.DataFrame:
    """Every network of the task on which learning rates are compared, the paper's rate included.

    Only seeds that ran at every rate count.
    """
    others, main = tables["learning_rate"], tables["capacity"]
    rows = main[(main["task"] == RATE_TASK) & main["seed"].isin(others["seed"].unique())]
    return pd.concat([others, rows], ignore_index=True)


def _rate_cube(tables: Tables) -> Cube:
    table = learning_rates(tables)
    table = table[table["hidden"].isin(PAPER_HIDDEN)].round({"learning_rate": 9})
    score = rate_score(table["protocol"].iloc[0])
    return cube(table, ["hidden", "learning_rate"], score)


def learning_rate(tables: Tables) -> Evidence:
    """How far 0.03 leads each other rate of the paper's grid, at every hidden size."""
    on_digits(tables)
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
        raise NotMeasured("it trained at no other learning rate of the paper's grid")
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
    table = learning_rates(tables).round({"learning_rate": 9})
    table = table[table["hidden"].isin(PAPER_HIDDEN)]
    score = rate_score(table["protocol"].iloc[0])
    simulator = Simulator("capacity", table, ["task", "hidden", "learning_rate"], [score])
    frame = simulator.frame
    own = np.isclose(frame["learning_rate"], LEARNING_RATE)

    def make(lead: float, first: float | None = None):
        means = np.where(own, 0.9, 0.9 - lead)
        if first is not None:
            smallest = frame["hidden"] == frame["hidden"].min()
            means[smallest & np.isclose(frame["learning_rate"], 0.01)] = 0.9 - first

        def draw(g):
            drawn = simulator.draw(g, means)["capacity"]
            ours = np.isclose(drawn["learning_rate"], LEARNING_RATE)
            return {"capacity": drawn[ours], "learning_rate": drawn[~ours]}

        return draw

    return [
        of_seeds("no rate better than another", None, make(0.0)),
        of_seeds("one size without a lead, the others clear", None, make(0.2, 0.0)),
        of_seeds("0.03 clearly best", True, make(0.3)),
        of_seeds("0.03 clearly worst", False, make(-0.3)),
    ]


# Diminishing returns -----------------------------------------------------------------------------

GAIN, DOUBLING = "gain from 32 to 64 units", "gain per doubling from 2 to 32, less that gain"


def diminishing_returns(tables: Tables) -> Evidence:
    """What doubling the size gains before and after 32 units on the hardest task."""
    on_digits(tables)
    scores = capacity_cube(tables)
    scores = scores.only(scores.where(task=RATE_TASK, hidden=[2, 32, 64]))
    if len(scores.cases) < 3:
        raise NotMeasured(f"it has no networks of 2, 32 and 64 units on {RATE_TASK}")
    gain = scores.estimate(lambda m: float(m[2] - m[1]))
    fall = scores.estimate(lambda m: float((m[1] - m[0]) / 4 - (m[2] - m[1])))
    sentence = (
        f"On {RATE_TASK}, going from 32 to 64 units changes F1 by {gain.value:+.4f}; from 2 to 32 "
        f"units each doubling gained {gain.value + fall.value:+.4f}."
    )
    return Evidence({GAIN: gain, DOUBLING: fall}, sentence)


def _diminishing_worlds(tables: Tables) -> list[World]:
    simulator = capacity_simulator(tables, [RATE_TASK], [2, 32, 64])
    means = simulator.means
    moved = {
        GAIN: simulator.where(hidden=64),
        DOUBLING: simulator.where(hidden=2),
    }
    means[:] = 0.9
    return worlds(
        diminishing_returns, simulator, {}, moved, {GAIN: 0.02, DOUBLING: 0.0},
        {GAIN: -0.05, DOUBLING: 0.05},
    )  # fmt: skip


# Minimum capacity --------------------------------------------------------------------------------

PUBLISHED_CAPACITY: Mapping[str, tuple[int, int]] = {
    "0-1": (4, 4), "1-7": (10, 10), "5-6": (10, 10), "4-9": (12, 24),
}  # fmt: skip
"""Section 4.2: the smallest and largest hidden size the paper names (it names none for 3-8)."""

TOO_SMALL: Mapping[str, int] = {"0-1": 2, "1-7": 6, "5-6": 6, "4-9": 10}
"""The size of the grid that the paper calls too small: the one below what it names; on 1-7 and 5-6
it says "below 8", so that 8 itself may be either."""

SUFFICIENT = 0.5
"""Share of seeds: a size is sufficient when most of its networks pass 0.90."""


def _capacity_parts(judged: Sequence[str]) -> dict[str, tuple[str, int, bool]]:
    """By name of the part: task, hidden size, and whether the paper calls it sufficient."""
    parts = {}
    for task in judged:
        parts[f"{task} with {TOO_SMALL[task]}"] = (task, TOO_SMALL[task], False)
        enough = PUBLISHED_CAPACITY[task][1]
        parts[f"{task} with {enough}"] = (task, enough, True)
    return parts


PARTS = _capacity_parts(tuple(PUBLISHED_CAPACITY))
CAPACITY_BOUND = AllOf(
    {
        name: (Above if sufficient else Below)(SUFFICIENT, percent=True, ours=True)
        for name, (_, _, sufficient) in PARTS.items()
    }
)


def minimum_capacity(tables: Tables) -> Evidence:
    """Whether the sizes the paper calls sufficient are, and those it calls too small are not."""
    on_digits(tables)
    table = tables["capacity"]
    column = protocol_of(table).score
    shares, words = {}, []
    scores = {key: rows.to_numpy() for key, rows in table.groupby(["task", "hidden"])[column]}
    for name, (task, hidden, _) in PARTS.items():
        if (task, hidden) not in scores:
            raise NotMeasured(f"it has no networks of {hidden} units on {task}")
        values = scores[task, hidden]
        passing = int((values > F1_LEVEL).sum())
        shares[name] = Share(passing, len(values), "exact")
        words.append(f"{task} {hidden} units {passing} of {len(values)}")
    sentence = (
        f"Networks with F1 above {F1_LEVEL:g}: {', '.join(words)}. The paper calls the first size "
        "of each pair of digits too small and the second sufficient."
    )
    return Evidence(shares, sentence)


def _capacity_worlds(tables: Tables) -> list[World]:
    table = tables["capacity"]
    column = protocol_of(table).score
    wanted = pd.MultiIndex.from_tuples([part[:2] for part in PARTS.values()])
    rows = table[pd.MultiIndex.from_frame(table[["task", "hidden"]]).isin(wanted)]
    frame = rows[["task", "hidden"]]

    def make(small: float, large: float, first: float | None = None):
        """Probabilities of passing where the paper says too small, and sufficient."""
        chance = np.full(len(frame), np.nan)
        for name, (task, hidden, sufficient) in PARTS.items():
            value = large if sufficient else small
            if first is not None and name == next(iter(PARTS)):
                value = first
            chance[(frame["task"] == task) & (frame["hidden"] == hidden)] = value

        def draw(g):
            passes = g.random(len(rows)) < chance
            return {"capacity": rows.assign(**{column: np.where(passes, 0.95, 0.85)})}

        return draw

    at = SUFFICIENT
    return [
        of_seeds("every size at its bound", None, make(at, at)),
        of_seeds("one size at its bound, the others clear", None, make(0.0, 1.0, at)),
        of_seeds("as the paper says", True, make(0.0, 1.0)),
        of_seeds("no size too small", False, make(1.0, 1.0)),
        of_seeds("one size not too small", False, make(0.0, 1.0, 1.0)),
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
                "of 4-9, paired by seed (validation F1 under the corrected protocol), t intervals "
                "over seeds",
                Every(Above(0)),
                learning_rate,
                ("capacity", "learning_rate"),
                primary=("*",),
                tasks=(RATE_TASK,),
                grows=False,
                worlds=_rate_worlds,
            ),
        ),
        figure="learning-rate",
    ),
    Claim(
        "diminishing-returns",
        "4.1",
        "Returns diminish: past 32 units, gains are marginal.",
        (
            Reading(
                "gains per doubling",
                "F1 gained on 4-9 by going from 32 to 64 units, and by how much less that is than "
                "each doubling from 2 to 32 gained; paired by seed, jackknife over seeds and test "
                "images",
                AllOf({GAIN: Below(0.02, ours=True), DOUBLING: Above(0)}),
                diminishing_returns,
                ("capacity", "pruning_blocks?"),
                primary=("*",),
                tasks=(RATE_TASK,),
                worlds=_diminishing_worlds,
            ),
        ),
        figure="capacity",
    ),
    Claim(
        "minimum-capacity",
        "4.2",
        "The minimum hidden size is 4 for 0-1, 10 for 1-7 and 5-6, and 12 to 24 for 4-9.",
        (
            Reading(
                "share of networks above 0.90",
                "share of networks (seeds) with F1 above the paper's 0.90: at the sizes it calls "
                "sufficient (4; 10; 10; 24 for 4-9) and at those it calls too small (2; 6, since "
                "it says below 8; 6; 10 for 4-9); exact binomial intervals",
                CAPACITY_BOUND,
                minimum_capacity,
                ("capacity",),
                primary=("*",),
                tasks=tuple(PUBLISHED_CAPACITY),
                worlds=_capacity_worlds,
            ),
        ),
        figure="capacity",
    ),
)
