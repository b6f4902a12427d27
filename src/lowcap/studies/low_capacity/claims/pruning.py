"""Claims on pruning and dead neurons (sections 4.3 and 4.4)."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from lowcap.claims import NotMeasured, Tables, Verdict
from lowcap.claims.legacy import Finding
from lowcap.claims.legacy import claim as Claim
from lowcap.claims.statistics import below, false_discovery, gain_p_value, mean_interval
from lowcap.measures import stable_capacity
from lowcap.studies.low_capacity.claims.common import (
    RELEASED,
    REQUESTED,
    RULES,
    capacity_scores,
    change,
    percent,
)
from lowcap.studies.low_capacity.protocols import PROTOCOLS

HARD_TASKS = ("3-8", "4-9")
"""The last two pairs of the paper's order from easy to hard."""


def f1_drop(tables: Tables, variant: str) -> pd.DataFrame:
    """Relative F1 lost by pruning each layer: `task, sparsity, hidden, seed, drop` (a fraction)."""
    table = tables["pruning"]
    split = PROTOCOLS[table["protocol"].iloc[0]].pruning_split
    mine = table[
        (table["split"] == split) & (table["scope"] == "layer") & (table["rule"] == RULES[variant])
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


DEAD_NETWORKS = (("0-1", 12), ("3-8", 16), ("4-9", 24))
"""Table 1's networks: task and hidden size."""


def no_dead_neurons(tables: Tables, variant: str) -> Finding:
    """How many units of the paper's three networks are dead, dense and at 95 %."""
    table = tables["pruning"]
    mine = table[
        (table["split"] == "val")
        & (table["scope"] == "layer")
        & (table["rule"] == RULES[variant])
        & table["requested_sparsity"].round(4).isin([0.0, 0.95])
    ]
    keys = pd.MultiIndex.from_frame(mine[["task", "hidden"]])
    rows = mine[keys.isin(DEAD_NETWORKS)]
    if rows.empty:
        raise NotMeasured("it pruned none of the three networks of the paper's Table 1")
    of_seed = rows.groupby("seed")["dead_neurons"].sum()
    dense = rows[rows["requested_sparsity"] == 0]["dead_neurons"].sum()
    pruned = rows[rows["requested_sparsity"] > 0]
    units = int(pruned["hidden"].sum())
    sentence = (
        f"Of the {units} hidden units of {len(pruned)} networks (0-1 with 12 units, 3-8 with 16, "
        f"4-9 with 24), {dense} are dead when dense and {pruned['dead_neurons'].sum()} after "
        f"asking for 95 % sparsity."
    )
    none = int(of_seed.sum()) == 0
    verdict = Verdict.HOLDS if none else Verdict.FAILS
    low, high = float(of_seed.min()), float(of_seed.max())
    return Finding(float(of_seed.mean()), low, high, verdict, sentence)


CLAIMS = (
    Claim(
        "easy-task-pruning",
        "4.3",
        "The easy task 0-1 loses about nothing when 99 % of the weights are pruned.",
        "mean relative F1 drop at 99 % over sizes, t interval over seeds",
        "holds when the interval lies below 0.1 %",
        ("pruning",),
        partial(mean_drop, task="0-1", sparsity=0.99, bound=0.001),
        variants=(REQUESTED, RELEASED),
        figure="pruning-{condition}",
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
        figure="pruning-{condition}",
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
        figure="pruning-{condition}",
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
        figure="pruning-{condition}",
    ),
    Claim(
        "no-dead-neurons",
        "4.4",
        "No hidden neuron is dead before pruning, and none after 95 %.",
        "dead units a seed (output 0 on every validation image) of the three networks of Table 1, "
        "dense and pruned together; the interval is the range over seeds",
        "holds when every count is 0",
        ("pruning",),
        no_dead_neurons,
        variants=(REQUESTED, RELEASED),
        figure="dead-neurons",
    ),
)
