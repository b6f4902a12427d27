"""What pruning costs once networks are trained on: the paper's claims of section 4.3, retried."""

from functools import partial

from lowcap.claims import Below, Claim, Evidence, Reading, Tables
from lowcap.studies.low_capacity.claims.pruning import EASY_LOSS, HARD_LOSS
from lowcap.studies.low_capacity.claims.scores import percent
from lowcap.studies.retraining.claims.common import (
    EASY,
    HARD,
    SCORES,
    less_dense,
    mean_by,
    scores_of,
    worlds_of,
)

METHODS = {"fine-tuned": ("*",), "iterative": (), "gradual": (), "rewound": ()}
"""Ways to retrain, and the conditions under which each is the primary reading."""


def loss(tables: Tables, *, method: str, task: str, level: float) -> Evidence:
    """F1 lost at one sparsity on one task, against dense networks of as many steps."""
    gained = less_dense(scores_of(tables, method=method, levels=[level], tasks=[task]))
    estimate = gained.estimate(lambda means: -float(means.mean()))
    by_size = mean_by(gained, "hidden")
    worst = min(by_size, key=lambda size: by_size[size])
    sentence = (
        f"Without {percent(level)} of their weights and {method}, networks on {task} lose "
        f"{estimate.value:.4f} of F1 against dense ones trained for as many steps (mean over "
        f"{len(by_size)} sizes; most, {-by_size[worst]:.4f}, with {worst} units)."
    )
    return Evidence(estimate, sentence)


def _readings(task: str, level: float, limit: float) -> tuple[Reading, ...]:
    found = []
    for method, primary in METHODS.items():
        judge = partial(loss, method=method, task=task, level=level)
        statistic = (
            f"F1 lost at {percent(level)} sparsity, {method}, against dense networks of as many "
            "steps; mean over sizes; jackknife over seeds and test images"
        )
        worlds = partial(
            _worlds, judge=judge, limit=limit, method=method, levels=[level], tasks=[task]
        )
        found.append(
            Reading(
                method, statistic, Below(limit, ours=True), judge, SCORES, primary, worlds=worlds
            )
        )
    return tuple(found)


def _worlds(tables: Tables, *, judge, limit: float, **wanted):
    return worlds_of(judge, tables, limit, -0.1, **wanted)


CLAIMS = (
    Claim(
        "easy-task-pruning-retrained",
        "4.3",
        "The easy task 0-1 loses about nothing when 99 % of the weights are pruned.",
        _readings(EASY, 0.99, EASY_LOSS),
        figure="methods-{condition}",
    ),
    Claim(
        "hard-task-pruning-retrained",
        "4.3",
        "The hard task 4-9 loses little, about 0.01 of F1, when 95 % of the weights are pruned.",
        _readings(HARD, 0.95, HARD_LOSS),
        figure="methods-{condition}",
    ),
)
