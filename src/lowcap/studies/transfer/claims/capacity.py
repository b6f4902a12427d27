"""Claims on how large networks must be: difficulty, diminishing returns, instability."""

from functools import partial

import numpy as np
import pandas as pd

from lowcap.claims import (
    Above,
    Below,
    Claim,
    Cube,
    Evidence,
    NotMeasured,
    Reading,
    Simulator,
    Tables,
    World,
    cube,
    leave_one_out,
    mean_worlds,
    of_seeds,
)
from lowcap.studies.low_capacity.claims.capacity import MARGINAL
from lowcap.studies.low_capacity.claims.ranks import correlation, hardness, relabelled
from lowcap.studies.transfer.claims.common import (
    FEW,
    FIRST,
    KEYS,
    SHOWN,
    check_learned,
    dense_scores,
    hardest,
    named,
    sizes_of,
)

CAPACITY = ("capacity", "capacity_blocks")

# Difficulty --------------------------------------------------------------------------------------


def shortfalls(tables: Tables) -> pd.Series:
    """By task, how much less F1 the smallest networks have on average than the largest."""
    sizes, means = sizes_of(tables["capacity"]), dense_scores(tables).means
    hidden = means.index.get_level_values("hidden")
    large = means[hidden == sizes[-1]].groupby(level="task", sort=False).mean()
    small = means[hidden.isin(sizes[:FIRST])].groupby(level="task", sort=False).mean()
    found = large - small
    found.index = found.index.astype(str)
    return found


def harder_need_more(tables: Tables) -> Evidence:
    """Whether small networks fall further behind on tasks that are harder for a linear one."""
    missing, sizes = shortfalls(tables), sizes_of(tables["capacity"])
    hard = hardness(tables, missing.index)
    estimate = correlation(hard, missing)
    listed = ", ".join(
        f"{named(tables['capacity'], task)}: {missing[task]:.4f}"
        for task in hard.sort_values().index
    )
    sentence = (
        f"F1 by which networks of {sizes[0]} to {sizes[FIRST - 1]} fall behind those of "
        f"{sizes[-1]}, the task that is easiest for a linear classifier first: {listed}. Rank "
        f"correlation {estimate.value:+.2f} over {len(hard)} tasks."
    )
    return Evidence(estimate, sentence)


# Diminishing returns -----------------------------------------------------------------------------


def last_gain(tables: Tables) -> Evidence:
    """What the last doubling of the size gains on the hardest task."""
    task, sizes = hardest(tables["capacity"]), sizes_of(tables["capacity"])
    check_learned(tables["capacity"], task, sizes[-2:])
    scores = dense_scores(tables)
    scores = scores.only(scores.where(task=task))
    first, before, last = (
        int(np.flatnonzero(scores.where(hidden=size))[0]) for size in (sizes[0], *sizes[-2:])
    )
    gain = scores.estimate(lambda m: float(m[last] - m[before]))
    doublings = np.log2(sizes[-2] / sizes[0])
    earlier = float(np.diff(scores.means.to_numpy()[[first, before]])[0] / doublings)
    sentence = (
        f"On {named(tables['capacity'], task)}, going from size {sizes[-2]} to {sizes[-1]} changes "
        f"F1 by {gain.value:+.4f}; each doubling from {sizes[0]} to {sizes[-2]} gained "
        f"{earlier:+.4f}."
    )
    return Evidence(gain, sentence)


def _gain_worlds(tables: Tables) -> list[World]:
    task, sizes = hardest(tables["capacity"]), sizes_of(tables["capacity"])
    rows, blocks = (tables[name][tables[name]["task"] == task] for name in CAPACITY)
    simulated = Simulator("capacity", rows, [*KEYS], ["test_f1"], ("capacity_blocks", blocks))
    moved = {"": simulated.where(hidden=sizes[-1])}
    return mean_worlds(last_gain, simulated, {}, moved, {"": MARGINAL}, {"": -0.06})


# Instability -------------------------------------------------------------------------------------


CEILING = 0.999
"""F1 above which a few hundred test images tell no networks apart."""


def _logits(tables: Tables) -> tuple[Cube, np.ndarray]:
    """F1 on a scale without a ceiling; and the side of each case, 1 small and -1 large.

    Tasks in which all seeds of a size have the same F1, such as 1, have no spread to compare and
    are left out.

    Raises:
        NotMeasured: there is no other task.
    """
    sizes = sizes_of(tables["capacity"])
    scores = cube(tables["capacity"], KEYS, "test_f1")
    f1 = scores.by_seed.clip(1 - CEILING, CEILING)
    scores = scores._replace(by_seed=np.log(f1 / (1 - f1)))
    task, hidden = (scores.cases.get_level_values(name) for name in KEYS)
    side = hidden.isin(sizes[:FIRST]).astype(int) - hidden.isin(sizes[-FEW:]).astype(int)
    same = np.ptp(scores.by_seed, axis=0) < 1e-9
    kept = np.asarray(~task.isin(task[same & (side != 0)].unique()))
    if not kept.any():
        raise NotMeasured("on every task all seeds of some size reach the same F1")
    return scores.only(kept), np.asarray(side)[kept]


def _log_ratio(by_seed: np.ndarray, side: np.ndarray) -> float:
    """Mean log s.d. of the small sizes less that of the large ones; tasks have as many of both."""
    spread = np.log(np.maximum(by_seed.std(axis=0, ddof=1), 0.02))
    return float(spread[side == 1].mean() - spread[side == -1].mean())


def small_vary_more(tables: Tables) -> Evidence:
    """Whether seeds disagree more about small networks than about large ones."""
    scores, side = _logits(tables)
    seeds = len(scores.by_seed)
    if seeds < 5:
        raise NotMeasured("how spreads vary cannot be told from fewer than five seeds")
    estimate = leave_one_out(lambda rows: _log_ratio(scores.by_seed[rows], side), seeds)
    ratio, sizes = estimate.transformed(np.exp), sizes_of(tables["capacity"])
    sentence = (
        f"The spread over seeds on the logit of F1 of networks of {sizes[0]} to "
        f"{sizes[FIRST - 1]} is {ratio.value:.2f} times that of {sizes[-FEW]} to {sizes[-1]} "
        f"(geometric means over {scores.cases.get_level_values('task').nunique()} tasks; {seeds} "
        "seeds)."
    )
    return Evidence(ratio, sentence)


def _spread_worlds(tables: Tables) -> list[World]:
    """Every case has one spread, that of the small sizes times a factor."""
    scores, side = _logits(tables)
    means, table = scores.by_seed.mean(axis=0), tables["capacity"]
    usual = float(np.median(scores.by_seed.std(axis=0, ddof=1)))
    deviations = scores.by_seed - means
    deviations = deviations / np.maximum(deviations.std(axis=0, ddof=1), 1e-9) * usual
    count, frame = len(deviations), scores.cases.to_frame(index=False)
    places = table.drop_duplicates("task").set_index("task")["place"]

    def make(factor: float):
        scale = np.where(side == 1, factor, 1.0)

        def draw(g: np.random.Generator) -> Tables:
            mix = g.standard_normal((count, count)) / np.sqrt(count - 1)
            values = 1 / (1 + np.exp(-(means.clip(-4, 4) + mix @ deviations * scale)))
            rows = frame.loc[np.tile(np.arange(len(frame)), count)].reset_index(drop=True)
            seeds = np.repeat(np.arange(count), len(frame))
            place = rows["task"].map(places)
            return {"capacity": rows.assign(seed=seeds, place=place, test_f1=values.ravel())}

        return draw

    return [
        of_seeds("equal spreads", None, make(1.0)),
        of_seeds("small sizes vary three times as much", True, make(3.0)),
        of_seeds("small sizes vary a third as much", False, make(1 / 3)),
    ]


CLAIMS = (
    Claim(
        "harder-need-more",
        "abstract",
        "Harder tasks need larger networks.",
        (
            Reading(
                "shortfall of small networks",
                "Spearman rank correlation over tasks of the F1 by which the three smallest sizes "
                "fall behind the largest with the test error of a linear least-squares classifier; "
                "exact permutation test",
                Above(0),
                harder_need_more,
                (*CAPACITY, "difficulty"),
                ("*",),
                grows=False,
                worlds=partial(relabelled, other=shortfalls),
            ),
        ),
        figure="capacity-{dataset}",
    ),
    Claim(
        "returns-diminish",
        "4.1",
        "Returns diminish: the last doubling of the size gains next to nothing.",
        (
            Reading(
                "last doubling",
                "F1 of the largest size less that of the one before it on the hardest task, paired "
                f"by seed; {SHOWN}",
                Below(MARGINAL, ours=True),
                last_gain,
                CAPACITY,
                ("*",),
                worlds=_gain_worlds,
            ),
        ),
        figure="capacity-{dataset}",
    ),
    Claim(
        "small-vary-more",
        "4.2",
        "Small networks vary more from seed to seed than large ones.",
        (
            Reading(
                "on the logit of F1",
                "s.d. over seeds of the logit of test F1 (at most 0.999), the three smallest sizes "
                "over the three largest: geometric means over sizes and tasks, without tasks in "
                "which all seeds of a size reach the same F1 (they were left in at first, and a "
                "ceiling passed for agreement); jackknife over seeds",
                Above(1),
                small_vary_more,
                ("capacity",),
                ("*",),
                worlds=_spread_worlds,
            ),
        ),
        figure="capacity-{dataset}",
    ),
)
