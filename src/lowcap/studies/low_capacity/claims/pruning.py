"""What one-shot pruning costs on an easy and on a hard task (section 4.3)."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from lowcap.claims import (
    Below,
    Bound,
    Claim,
    Cube,
    Evidence,
    NotMeasured,
    Reading,
    Simulator,
    Tables,
    World,
    mean_worlds,
)
from lowcap.networks import FIRST_LAYER, ROUNDED
from lowcap.studies.low_capacity.claims.scores import (
    DIGIT_PAIRS,
    critical_sizes,
    level_in_words,
    percent,
    protocol_of,
    pruning_cube,
)
from lowcap.studies.low_capacity.protocols import PRUNING_RULES
from lowcap.studies.low_capacity.settings import PAPER_HIDDEN

EASY_LOSS, HARD_LOSS = 0.001, 0.015
"""F1. The paper puts the loss on 0-1 at 99 % at about 1e-5, on 4-9 at 95 to 99 % at about 1e-2:
what still rounds to 0.0 % and to 1e-2. Ours."""

LEADING = {"listing C.1": ("published", "replicated"), "global": ("corrected",)}
"""The protocols under which a rule of pruning is the primary reading."""


def loss_cube(tables: Tables, rule: str, tasks: Sequence[str], sparsities: Sequence[float],
              value: str = "f1") -> Cube:  # fmt: skip
    """Score lost by pruning (dense less pruned) of the sizes above critical capacity, as a cube."""
    return losses(tables, pruning_cube(tables, rule, tasks, sparsities, value))


def losses(tables: Tables, cube: Cube) -> Cube:
    """From dense and pruned scores what is lost, case by case, above critical capacity."""
    critical = critical_sizes(tables)
    task, hidden = (cube.cases.get_level_values(name) for name in ("task", "hidden"))
    above = np.array([h > critical.get(t, np.inf) for t, h in zip(task, hidden, strict=True)])
    if not above.any():
        raise NotMeasured(
            "no hidden size lies above the critical capacity of its task (mean F1 above "
            f"{level_in_words(tables['capacity'])}); --hidden with larger ones may tell"
        )
    cube = cube.only(above)
    level = cube.cases.get_level_values("requested_sparsity").to_numpy()
    dense, pruned = cube.only(level == 0), cube.only(level > 0)
    networks = {(t, h): place for place, (t, h, _) in enumerate(dense.cases)}
    place = [networks[t, h] for t, h, _ in pruned.cases]
    without = None
    if dense.without is not None and pruned.without is not None:
        without = dense.without[:, place] - pruned.without
    return Cube(pruned.cases, dense.by_seed[:, place] - pruned.by_seed, without)


def _disconnected(tables: Tables, rule: str, task: str, sparsity: float) -> str:
    table = tables["pruning"]
    rows = table[
        (table["rule"] == rule)
        & (table["task"] == task)
        & (table["requested_sparsity"].round(4) == sparsity)
        & (table["split"] == protocol_of(table).scored_split)
        & table["hidden"].isin(PAPER_HIDDEN)
    ]
    if "connected" not in rows or rows.empty:
        return ""
    cut = int((~rows["connected"].astype(bool)).sum())
    return f"; {cut} of {len(rows)} networks are cut in two" if cut else ""


def mean_loss(
    tables: Tables, *, rule: str, task: str, sparsity: float, value: str = "f1"
) -> Evidence:
    """The mean score lost at one sparsity, over sizes above critical capacity.

    Not the median over sizes: a few networks break and most do not, so that a median of few seeds
    lies below the truth, and its judge says "holds" wrongly too often.
    """
    whole = pruning_cube(tables, rule, [task], [sparsity], value)
    cube = losses(tables, whole)
    estimate = cube.estimate(lambda means: float(means.mean()))
    means = cube.means
    worst = means.index.get_level_values("hidden")[int(means.to_numpy().argmax())]
    level = whole.cases.get_level_values("requested_sparsity").to_numpy()
    overall = whole.by_seed[:, level == 0].mean() - whole.by_seed[:, level > 0].mean()
    over = f"mean over {len(means)} sizes; " if len(means) > 1 else "one size only; "
    sentence = (
        f"Without {percent(sparsity)} of their weights, networks on {task} above critical capacity "
        f"lose {estimate.value:.4f} of {_name(value)} ({over}most, {means.max():.4f}, with {worst} "
        f"units); all {_sizes(whole)} sizes lose {overall:.4f} on "
        f"average{_disconnected(tables, rule, task, sparsity)}."
    )
    return Evidence(estimate, sentence)


def _name(value: str) -> str:
    return {"f1": "F1", "auc": "AUC", "f1_rethreshold": "F1 at a threshold chosen again"}[value]


def _sizes(cube: Cube) -> int:
    return cube.cases.get_level_values("hidden").nunique()


def _loss_worlds(
    tables: Tables, *, judge, rule: str, tasks: Sequence[str], sparsities: Sequence[float],
    limit: float, clear: float, value: str = "f1",
) -> list[World]:  # fmt: skip
    simulator = pruning_simulator(tables, rule, tasks, sparsities, value)
    moved = simulator.where(requested_sparsity=list(sparsities))
    rest = {name: table for name, table in tables.items() if not name.startswith("pruning")}
    return mean_worlds(judge, simulator, rest, {"": moved}, {"": limit}, {"": -clear})


def pruning_simulator(
    tables: Tables,
    rule: str,
    tasks: Sequence[str],
    sparsities: Sequence[float],
    value: str = "f1",
    split: str = "",
) -> Simulator:
    """Of the pruning table's rows that a judge of one rule reads; see `pruning_cube`."""
    level = [0.0, *np.round(sparsities, 4)]

    def needed(table: pd.DataFrame) -> pd.DataFrame:
        rounded = table["requested_sparsity"].round(4)
        rows = table[
            ((table["rule"] == rule) | (rounded == 0))
            & rounded.isin(level)
            & table["task"].isin(tasks)
            & table["hidden"].isin(PAPER_HIDDEN)
        ]
        return rows.assign(rule=rule, requested_sparsity=rounded[rows.index])

    table = tables["pruning"]
    reported = protocol_of(table).scored_split
    split = split or ("test" if value == "f1_rethreshold" else reported)
    rows = needed(table[table["split"] == split])
    blocks = None
    if "pruning_blocks" in tables and value == "f1" and split == reported:
        blocks = ("pruning_blocks", needed(tables["pruning_blocks"]))
    return Simulator("pruning", rows, ["task", "hidden", "requested_sparsity"], [value], blocks)


def _loss_readings(task: str, sparsity: float, limit: float) -> tuple[Reading, ...]:
    readings = []
    kinds = [(rule.name, "f1") for rule in PRUNING_RULES]
    if task == "4-9":
        kinds += [("listing C.1", "auc"), ("global", "auc"), ("global", "f1_rethreshold")]
    for rule, value in kinds:
        judge = partial(mean_loss, rule=rule, task=task, sparsity=sparsity, value=value)
        needs = ("capacity", "pruning", "pruning_blocks?")
        readings.append(
            Reading(
                rule if value == "f1" else f"{rule}, {_name(value)}",
                f"{_name(value)} lost at {percent(sparsity)} sparsity by the rule “{rule}”, dense "
                "less pruned, mean over sizes above critical capacity; "
                "jackknife over seeds and, where one test set is scored, blocks of its images",
                Below(limit, ours=True),
                judge,
                needs,
                primary=LEADING.get(rule, ()) if value == "f1" else (),
                conditions=("corrected",) if value == "f1_rethreshold" else ("*",),
                # Fresh seeds are measured under these two rules at 95 % only.
                unsuited=("replicated",)
                if sparsity == 0.99 and rule in (FIRST_LAYER.name, ROUNDED.name)
                else (),
                tasks=(task,),
                worlds=partial(
                    _loss_worlds, judge=judge, rule=rule, tasks=[task], sparsities=[sparsity],
                    limit=limit, clear=0.3, value=value,
                ),
            )
        )  # fmt: skip
    return tuple(readings)


def readings_by_rule(
    statistic: str,
    bound: Bound,
    judge: Callable[..., Evidence],
    make_worlds: Callable[..., list[World]],
    needs: tuple[str, ...],
    tasks: tuple[str, ...] = (),
) -> tuple[Reading, ...]:
    """One reading per rule of pruning, the protocol's own being primary."""
    return tuple(
        Reading(
            rule,
            statistic.format(rule=rule),
            bound,
            partial(judge, rule=rule),
            needs,
            primary=primary,
            worlds=partial(make_worlds, rule=rule),
            tasks=tasks,
        )
        for rule, primary in LEADING.items()
    )


CLAIMS = (
    Claim(
        "easy-task-pruning",
        "4.3",
        "The easy task 0-1 loses about nothing when 99 % of the weights are pruned.",
        _loss_readings("0-1", 0.99, EASY_LOSS),
        figure="pruning-rules-{condition}",
        subject=DIGIT_PAIRS,
    ),
    Claim(
        "hard-task-pruning",
        "4.3",
        "The hard task 4-9 loses little, about 0.01 of F1, when 95 % of the weights are pruned.",
        _loss_readings("4-9", 0.95, HARD_LOSS),
        figure="pruning-rules-{condition}",
        subject=DIGIT_PAIRS,
    ),
)
