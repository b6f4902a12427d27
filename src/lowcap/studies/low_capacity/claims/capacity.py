"""Claims on learning rate, capacity and its limits (sections 4.1 and 4.2)."""

from functools import partial

import numpy as np
import pandas as pd

from lowcap.claims import Interval, NotMeasured, Tables, Verdict
from lowcap.claims.legacy import Finding
from lowcap.claims.legacy import claim as Claim
from lowcap.claims.statistics import (
    above,
    below,
    bootstrap_interval,
    mean_interval,
    rank_correlation,
    spread_ratio_test,
)
from lowcap.measures import Scores, plateau_capacity, stable_capacity
from lowcap.studies.low_capacity.claims.common import capacity_scores, in_words
from lowcap.studies.low_capacity.protocols import PROTOCOLS
from lowcap.studies.low_capacity.settings import LEARNING_RATE, RATE_TASK

PUBLISHED_CAPACITY = {"0-1": (4, 4), "1-7": (10, 10), "5-6": (10, 10), "4-9": (12, 24)}
"""Section 4.2: the smallest and largest hidden size the paper names (it names none for 3-8)."""


def _only(scores: Scores, seeds: np.ndarray) -> Scores:
    return Scores(scores.hidden, scores.values[:, seeds])


def minimum_capacity(tables: Tables, variant: str) -> Finding:
    """How many of the published thresholds come out."""
    scores = capacity_scores(tables["capacity"])
    judged = [task for task in scores if task in PUBLISHED_CAPACITY]
    if not judged:
        raise NotMeasured("it trained none of the pairs whose threshold the paper names")

    def matches(seeds: np.ndarray) -> float:
        found = {task: stable_capacity(_only(scores[task], seeds)) for task in judged}
        return sum(
            PUBLISHED_CAPACITY[task][0] <= found[task] <= PUBLISHED_CAPACITY[task][1]
            for task in judged
        )

    interval = bootstrap_interval(matches, scores[judged[0]].values.shape[1])
    verdict = above(interval, len(judged) - 0.5)
    found = "; ".join(
        f"{task}: {in_words(stable_capacity(scores[task]))} (paper {_range(task)})"
        for task in judged
    )
    sentence = (
        f"{interval.estimate:.0f} of {len(judged)} published thresholds come out. "
        f"Smallest stable size with F1 above 0.90: {found}."
    )
    return Finding(*interval, verdict, sentence)


def _range(task: str) -> str:
    low, high = PUBLISHED_CAPACITY[task]
    return str(low) if low == high else f"{low} to {high}"


def critical_instability(tables: Tables, variant: str) -> Finding:
    """Whether seeds disagree more below minimum capacity than from it on.

    Capacity is judged by mean F1 alone here, since a rule that asks for a small spread would
    decide the comparison beforehand.
    """
    scores = capacity_scores(tables["capacity"])
    if next(iter(scores.values())).values.shape[1] < 2:
        raise NotMeasured("a spread over seeds needs at least two seeds")
    rules = {
        "mean F1 above 0.90": partial(stable_capacity, spread=np.inf),
        "mean F1 within 0.01 of the best size's": plateau_capacity,
    }
    for name, rule in rules.items():  # noqa: B007 - the last one tried is used below
        spread_below, spread_above = [], []
        for task in scores.values():
            spreads = task.values.std(axis=1, ddof=1)
            small = task.hidden < rule(task)
            spread_below.append(spreads[small])
            spread_above.append(spreads[~small])
        first, second = np.concatenate(spread_below), np.concatenate(spread_above)
        if min(len(first), len(second)) >= 2:
            break
    else:
        raise NotMeasured("too few sizes lie on one side of minimum capacity by either rule")
    test = spread_ratio_test(first, second)

    def ratio(seeds: np.ndarray) -> float:
        lower, upper = [], []
        for task in scores.values():
            if len(set(seeds)) < 2:
                return np.nan
            spreads = task.values[:, seeds].std(axis=1, ddof=1)
            small = task.hidden < rule(task)
            lower.append(spreads[small])
            upper.append(spreads[~small])
        return float(np.concatenate(lower).mean() / np.concatenate(upper).mean())

    interval = _finite_bootstrap(ratio, next(iter(scores.values())).values.shape[1])
    if test.p_value < 0.05:
        verdict = Verdict.HOLDS
    else:
        verdict = Verdict.FAILS if test.ratio <= 1 else Verdict.UNDECIDED
    sentence = (
        f"Below minimum capacity ({name}) the spread over seeds is {test.ratio:.1f} times that "
        f"from it on ({len(first)} against {len(second)} task-size pairs, "
        f"permutation p = {test.p_value:.3g})."
    )
    return Finding(test.ratio, interval.low, interval.high, verdict, sentence)


def _finite_bootstrap(statistic, seeds: int) -> Interval:
    """A bootstrap whose resamples of one seed only, which have no spread, count for nothing."""
    whole = statistic(np.arange(seeds))

    def finite(chosen: np.ndarray) -> float:
        value = statistic(chosen)
        return value if np.isfinite(value) else whole

    return bootstrap_interval(finite, seeds)


def learning_rates(tables: Tables) -> pd.DataFrame:
    """Every network of the task on which learning rates are compared, the paper's rate included.

    Only seeds that ran at every rate count.
    """
    others, main = tables["learning_rate"], tables["capacity"]
    seeds = others["seed"].unique()
    mine = main[(main["task"] == RATE_TASK) & main["seed"].isin(seeds)]
    return pd.concat([others, mine], ignore_index=True)


def rate_score(protocol: str) -> str:
    """The column that a learning rate is chosen by: validation data, where there is a choice."""
    score = PROTOCOLS[protocol].score
    return "val_f1" if score == "test_f1" else score


def learning_rate(tables: Tables, variant: str) -> Finding:
    """At how many sizes the paper's learning rate is the best of the grid."""
    table = learning_rates(tables)
    score = rate_score(table["protocol"].iloc[0])
    cube = table.pivot_table(index=["hidden", "learning_rate"], columns="seed", values=score)
    sizes = cube.index.get_level_values("hidden").unique()
    values = np.stack([cube.loc[h].sort_index().to_numpy() for h in sizes])
    rates = np.sort(table["learning_rate"].unique())
    chosen = int(np.argmin(np.abs(rates - LEARNING_RATE)))

    def wins(seeds: np.ndarray) -> float:
        return float((values[:, :, seeds].mean(axis=2).argmax(axis=1) == chosen).sum())

    interval = bootstrap_interval(wins, values.shape[2])
    second = np.delete(values.mean(axis=2), chosen, axis=1).max(axis=1)
    lead = values.mean(axis=2)[:, chosen] - second
    sentence = (
        f"{LEARNING_RATE:g} is the best of {len(rates)} learning rates at {interval.estimate:.0f} "
        f"of {len(sizes)} sizes; its mean F1 leads the next rate's by {lead.min():+.3f} to "
        f"{lead.max():+.3f}. It is also the largest rate of the grid."
    )
    return Finding(*interval, above(interval, len(sizes) - 0.5), sentence)


def diminishing_returns(tables: Tables, variant: str) -> Finding:
    """What the step from 32 to 64 units still gains on the hardest task."""
    scores = capacity_scores(tables["capacity"]).get(RATE_TASK)
    if scores is None or not {32, 64} <= set(scores.hidden.tolist()):
        raise NotMeasured(f"it has no networks of 32 and 64 units on {RATE_TASK}")
    of_size = {int(h): values for h, values in zip(scores.hidden, scores.values, strict=True)}
    interval = mean_interval(of_size[64] - of_size[32])
    sentence = (
        f"From 32 to 64 units, F1 on {RATE_TASK} changes by {interval.estimate:+.4f} "
        f"(95 % interval {interval.low:+.4f} to {interval.high:+.4f}, paired by seed)."
    )
    return Finding(*interval, below(interval, 0.02), sentence)


def capacity_and_difficulty(tables: Tables) -> pd.DataFrame:
    """One row a task: `difficulty` (test error of a linear classifier) and `capacity`.

    Capacity by the published rule, or under the corrected protocol, where that rule no longer
    separates the tasks, by the plateau.
    """
    capacity_table = tables["capacity"]
    published = capacity_table["protocol"].iloc[0] == "published"
    rule = stable_capacity if published else plateau_capacity
    capacities = {t: rule(scores) for t, scores in capacity_scores(capacity_table).items()}
    difficulty = tables["difficulty"].groupby("task", sort=False)["linear_error"].mean()
    return pd.DataFrame({"difficulty": difficulty, "capacity": pd.Series(capacities)}).dropna()


def capacity_tracks_difficulty(tables: Tables, variant: str) -> Finding:
    """Whether harder tasks need more units, over tasks."""
    table = capacity_and_difficulty(tables)
    if len(table) < 4:
        raise NotMeasured("a rank correlation needs at least four tasks")
    if len(set(table["capacity"])) == 1:
        raise NotMeasured(
            f"every task has the same minimum capacity, {in_words(table['capacity'].iloc[0])}"
        )
    interval = rank_correlation(table["difficulty"].to_numpy(), table["capacity"].to_numpy())
    sentence = (
        f"Over {len(table)} tasks, minimum capacity and the error of a linear classifier have a "
        f"rank correlation of {interval.estimate:+.2f} (95 % interval over tasks "
        f"{interval.low:+.2f} to {interval.high:+.2f})."
    )
    return Finding(*interval, above(interval, 0), sentence)


CLAIMS = (
    Claim(
        "learning-rate",
        "4.1",
        "A learning rate of 0.03 is the best of six at every hidden size on 4-9.",
        "number of hidden sizes at which 0.03 has the largest mean F1 over seeds (validation F1 "
        "under the corrected protocol)",
        "holds when it wins at every size (bootstrap over seeds)",
        ("capacity", "learning_rate"),
        learning_rate,
        figure="learning-rate",
    ),
    Claim(
        "diminishing-returns",
        "4.1",
        "Past 32 units, gains are marginal.",
        "F1 at 64 units less F1 at 32 units on 4-9, paired by seed, t interval",
        "holds when the interval lies below 0.02",
        ("capacity",),
        diminishing_returns,
        figure="capacity",
    ),
    Claim(
        "minimum-capacity",
        "4.2",
        "The minimum hidden size is 4 for 0-1, 10 for 1-7 and 5-6, and 12 to 24 for 4-9.",
        "number of these pairs whose minimum capacity equals the published one: the smallest "
        "size from which mean F1 > 0.90 and seed s.d. < 0.02 hold for it and all larger sizes",
        "holds when all are equal (bootstrap over seeds)",
        ("capacity",),
        minimum_capacity,
        figure="capacity",
    ),
    Claim(
        "capacity-tracks-difficulty",
        "abstract",
        "Harder pairs need more hidden units.",
        "Spearman rank correlation over tasks between minimum capacity (published rule; under the "
        "corrected protocol the plateau) and the test error of a linear least-squares classifier",
        "holds when the bootstrap interval over tasks lies above 0",
        ("capacity", "difficulty"),
        capacity_tracks_difficulty,
        figure="difficulty",
    ),
    Claim(
        "critical-instability",
        "4.2",
        "Below minimum capacity, results vary more from seed to seed than above it.",
        "mean seed s.d. of F1 below minimum capacity over that from it on, over tasks and sizes; "
        "capacity by mean F1 > 0.90 alone, or where every size passes, by the plateau "
        "(within 0.01 of the best size)",
        "holds when the ratio exceeds 1 with permutation p < 0.05; fails when it does not exceed 1",
        ("capacity",),
        critical_instability,
        figure="capacity",
    ),
)
