"""The claims of arXiv 2507.16278, each with the statistic and rule fixed in advance."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from lowcap.claims import (
    Claim,
    Finding,
    Interval,
    NotMeasured,
    Tables,
    Verdict,
    above,
    below,
    bootstrap_interval,
    false_discovery,
    gain_p_value,
    mean_interval,
    spread_ratio_test,
)
from lowcap.measures import Scores, plateau_capacity, scores_by_seed, stable_capacity
from lowcap.studies.low_capacity.protocols import PROTOCOLS

PUBLISHED_CAPACITY = {"0-1": (4, 4), "1-7": (10, 10), "5-6": (10, 10), "4-9": (12, 24)}
"""Section 4.2: the smallest and largest hidden size the paper names (it names none for 3-8)."""

HARD_TASKS = ("3-8", "4-9")
"""The last two pairs of the paper's order from easy to hard."""

REQUESTED, RELEASED = "requested sparsity", "released code's sparsity"
_RULES = {REQUESTED: "exact", RELEASED: "released"}


def in_words(capacity: float) -> str:
    """A minimum capacity in words."""
    return "none of the sizes" if np.isinf(capacity) else f"{capacity:.0f}"


def capacity_scores(table: pd.DataFrame) -> dict[str, Scores]:
    """Each task's score by hidden size and seed: the score that the table's protocol is about."""
    score = PROTOCOLS[table["protocol"].iloc[0]].score
    return {
        str(task): scores_by_seed(rows, score) for task, rows in table.groupby("task", sort=False)
    }


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


def f1_drop(tables: Tables, variant: str) -> pd.DataFrame:
    """Relative F1 lost by pruning each layer: `task, sparsity, hidden, seed, drop` (a fraction)."""
    table = tables["pruning"]
    split = PROTOCOLS[table["protocol"].iloc[0]].pruning_split
    mine = table[
        (table["split"] == split) & (table["scope"] == "layer") & (table["rule"] == _RULES[variant])
    ]
    if mine.empty:
        raise NotMeasured(f"it pruned no network at the {variant}")
    dense = mine[mine["requested_sparsity"] == 0].set_index(["task", "hidden", "seed"])["f1"]
    pruned = mine[mine["requested_sparsity"] > 0].join(
        dense.rename("dense"), on=["task", "hidden", "seed"]
    )
    lost = (pruned["dense"] - pruned["f1"]) / pruned["dense"].where(pruned["dense"] > 0)
    return pruned[["task", "hidden", "seed"]].assign(
        sparsity=pruned["requested_sparsity"],
        achieved=pruned["achieved_sparsity"],
        drop=lost.fillna(0.0),
        gain=pruned["f1"] - pruned["dense"],
    )


def change(fraction: float) -> str:
    """A signed relative change in words; what rounds to nothing is said to be nothing."""
    if abs(fraction) < 5e-6:
        return "less than 0.001 %"
    return f"{100 * fraction:+.3g} %".replace("-", "−")


def percent(fraction: float) -> str:
    """A share in words, three digits."""
    return f"{100 * fraction:.3g} %"


def _place(key: Any) -> str:
    task, hidden, sparsity = key
    return f"task {task}, hidden size {hidden}, asked for {percent(sparsity)}"


def _achieved(rows: pd.DataFrame) -> str:
    return f"{percent(rows['achieved'].mean())} of all weights really removed"


def mean_drop(tables: Tables, variant: str, *, task: str, sparsity: float, bound: float) -> Finding:
    """The mean relative F1 loss of one task at one sparsity, against a bound."""
    drops = f1_drop(tables, variant)
    rows = drops[(drops["task"] == task) & np.isclose(drops["sparsity"], sparsity)]
    if rows.empty:
        raise NotMeasured(f"it pruned no network of task {task} at {percent(sparsity)}")
    interval = mean_interval(rows.groupby("seed")["drop"].mean().to_numpy())
    by_size = rows.groupby("hidden")["drop"].mean()
    most = int(by_size.abs().to_numpy().argmax())
    sentence = (
        f"Asked for {percent(sparsity)} ({_achieved(rows)}), F1 on {task} changes by "
        f"{change(-interval.estimate)} on average over sizes; most at hidden size "
        f"{by_size.index[most]}: {change(-by_size.iloc[most])}."
    )
    return Finding(*interval, below(interval, bound), sentence)


def pruning_regularises(tables: Tables, variant: str) -> Finding:
    """Whether pruning raises F1 anywhere on the hard tasks, false discoveries controlled."""
    drops = f1_drop(tables, variant)
    rows = drops[drops["task"].isin(HARD_TASKS) & drops["sparsity"].between(0.5, 0.95)]
    if rows.empty:
        raise NotMeasured(f"it pruned no network of {' or '.join(HARD_TASKS)}")
    if rows["seed"].nunique() < 2:
        raise NotMeasured("a paired test needs at least two seeds")
    cases = [
        (key, group["gain"].to_numpy())
        for key, group in rows.groupby(["task", "hidden", "sparsity"], sort=False)
    ]
    adjusted = false_discovery([gain_p_value(gains) for _, gains in cases])
    significant = int((adjusted < 0.05).sum())
    # The clearest case, or failing one, the largest mean gain.
    means = [gains.mean() for _, gains in cases]
    best = int(np.argmin(adjusted)) if significant else int(np.argmax(means))
    place, gains = cases[best]
    interval = mean_interval(gains)
    verdict = Verdict.HOLDS if significant else Verdict.FAILS
    described = "clearest" if significant else "largest mean"
    sentence = (
        f"{significant} of {len(cases)} combinations of task, size and sparsity gain F1 "
        f"significantly (false-discovery rate 5 %); the {described} gain is "
        f"{interval.estimate:+.2g} ({_place(place)})."
    )
    return Finding(*interval, verdict, sentence)


def graceful(tables: Tables, variant: str) -> Finding:
    """The largest mean loss up to 95 % among sizes above minimum capacity."""
    capacities = {
        task: stable_capacity(scores)
        for task, scores in capacity_scores(tables["capacity"]).items()
    }
    drops = f1_drop(tables, variant)
    minimum = drops["task"].map(capacities)
    rows = drops[(drops["hidden"] > minimum) & (drops["sparsity"] <= 0.95)]
    if rows.empty:
        raise NotMeasured("no size lies above the minimum capacity of its task")
    means = rows.groupby(["task", "hidden", "sparsity"])["drop"].mean()
    task, hidden, sparsity = means.index[int(means.to_numpy().argmax())]
    worst = rows[
        (rows["task"] == task) & (rows["hidden"] == hidden) & (rows["sparsity"] == sparsity)
    ]
    interval = mean_interval(worst["drop"].to_numpy())
    over = int((means >= 0.01).sum())
    sentence = (
        f"{over} of {len(means)} combinations above minimum capacity lose 1 % of F1 or more at up "
        f"to 95 %; the largest loss is {percent(interval.estimate)} "
        f"({_place((task, hidden, sparsity))}; {_achieved(worst)})."
    )
    return Finding(*interval, below(interval, 0.01), sentence)


CLAIMS = (
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
    Claim(
        "easy-task-pruning",
        "4.3",
        "The easy task 0-1 loses about nothing when 99 % of the weights are pruned.",
        "mean relative F1 drop at 99 % over sizes, t interval over seeds",
        "holds when the interval lies below 0.1 %",
        ("pruning",),
        partial(mean_drop, task="0-1", sparsity=0.99, bound=0.001),
        variants=(REQUESTED, RELEASED),
        figure="pruning-{protocol}",
    ),
    Claim(
        "hard-task-pruning",
        "4.3",
        "The hard task 4-9 loses little when 95 % of the weights are pruned.",
        "mean relative F1 drop at 95 % over sizes, t interval over seeds",
        "holds when the interval lies below 1 %",
        ("pruning",),
        partial(mean_drop, task="4-9", sparsity=0.95, bound=0.01),
        variants=(REQUESTED, RELEASED),
        figure="pruning-{protocol}",
    ),
    Claim(
        "pruning-regularises",
        "4.3",
        "On hard tasks pruning sometimes raises F1.",
        "paired F1 gain over seeds at 50 to 95 % for every size of 3-8 and 4-9, one-sided t-tests "
        "with Benjamini-Hochberg control",
        "holds when at least one gain is significant at a false-discovery rate of 5 %",
        ("pruning",),
        pruning_regularises,
        variants=(REQUESTED, RELEASED),
        figure="pruning-{protocol}",
    ),
    Claim(
        "graceful",
        "4.3",
        "Loss appears only beyond 95 % sparsity, and only at critical capacity.",
        "largest mean relative F1 drop at up to 95 % among sizes above their task's minimum "
        "capacity (published rule), t interval over seeds",
        "holds when its interval lies below 1 %",
        ("capacity", "pruning"),
        graceful,
        variants=(REQUESTED, RELEASED),
        figure="pruning-{protocol}",
    ),
)
