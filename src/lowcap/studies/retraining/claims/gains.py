"""Whether pruning helps: against the dense network, a small one, and other starts."""

from functools import partial
from typing import Any

import numpy as np

from lowcap.claims import (
    Above,
    Best,
    Claim,
    Cube,
    Evidence,
    NotMeasured,
    Reading,
    Tables,
    World,
    every_case,
)
from lowcap.studies.low_capacity.claims.grace import WORTH
from lowcap.studies.low_capacity.claims.scores import percent
from lowcap.studies.retraining.claims.common import (
    HARD_TASKS,
    HIGH_SPARSITY,
    SCORES,
    Case,
    differences,
    less_dense,
    mean_by,
    of_cases,
    scores_of,
    simulator,
    worlds_of,
)
from lowcap.studies.retraining.settings import HIDDEN, SPARSITY, units_left

CONTROLS = tuple(sorted({units_left(h, s) for h in HIDDEN for s in SPARSITY} - {0}))
"""Sizes of dense networks that hold as many weights as pruned ones."""


def regularises(tables: Tables, *, method: str) -> Evidence:
    """The largest gain of F1 over dense networks of as many steps, of hard tasks."""
    present = set(tables["retraining"]["task"].unique())
    tasks = [task for task in HARD_TASKS if task in present]
    if not tasks:
        raise NotMeasured(f"it pruned no network of {' or '.join(HARD_TASKS)}")
    wanted = {"method": method, "levels": HIGH_SPARSITY, "tasks": tasks}
    gains = less_dense(scores_of(tables, **wanted))
    cases, seeds = every_case(gains), len(gains.by_seed)
    if seeds < 3:
        raise NotMeasured("one seed to select a combination and two to measure it are needed")
    # Other seeds and other images select the combination.
    tested = np.arange(seeds) % 3 > 0
    selecting = less_dense(scores_of(tables, value="val_f1", **wanted)).by_seed
    selected = int(selecting[~tested].mean(axis=0).argmax())
    kept = np.arange(len(gains.cases)) == selected
    assert gains.without is not None
    picked = Cube(
        gains.cases[kept], gains.by_seed[tested][:, kept], gains.without[:, kept]
    ).estimate(lambda means: float(means[0]))
    best: Any = gains.cases.to_frame(index=False).iloc[int(cases.values.argmax())]
    sentence = (
        f"Of {len(cases.values)} combinations of task, size and sparsity (50 to 95 %), {method}, "
        f"the largest mean gain over a dense network of as many steps is "
        f"{cases.values.max():+.4f} of F1 ({best['task']}, {best['hidden']} units, "
        f"{percent(best['requested_sparsity'])}); one selected on a third of the seeds gains "
        f"{picked.value:+.4f} on the others."
    )
    return Evidence(Best(picked, cases), sentence)


def _regularises_worlds(tables: Tables, *, method: str) -> list[World]:
    wanted = {"method": method, "levels": HIGH_SPARSITY, "tasks": HARD_TASKS}
    testing, selecting = (simulator(tables, value, **wanted) for value in ("test_f1", "val_f1"))
    frame = testing.frame
    pruned = (frame["method"] == method).to_numpy()
    best = pruned & ((frame["hidden"] == 32) & (frame["requested_sparsity"] == 0.5)).to_numpy()
    keys = ["task", "hidden", "steps"]
    dense = {tuple(row): place for place, row in frame.loc[~pruned, keys].iterrows()}
    partner = np.array([dense[tuple(row)] for row in frame[keys].itertuples(index=False)])

    def world(name: str, truth: bool | None, of_best: float, of_others: float) -> World:
        gain = np.where(best, of_best, np.where(pruned, of_others, 0.0))

        def make(generator: np.random.Generator) -> Tables:
            found = testing.draw(generator, testing.means[partner] + gain)
            other = selecting.draw(generator, selecting.means[partner] + gain)
            values = other["retraining"]["val_f1"].to_numpy()
            return {**found, "retraining": found["retraining"].assign(val_f1=values)}

        return World(name, truth, make)

    return [
        world("every combination at the bound", None, WORTH, WORTH),
        world("one at the bound, the others below", None, WORTH, -0.02),
        world("one clearly gains", True, 0.06, -0.02),
        world("all clearly lose", False, -0.1, -0.1),
    ]


LONE = 1
"""Units of a small network that often dies at the start, which would be no fair opponent."""


def _with_as_many_weights(case: Case) -> int:
    size = units_left(case.hidden, case.requested_sparsity)
    return size if size > LONE else 0


def beats_small(tables: Tables, *, method: str, scope: str = "global") -> Evidence:
    """F1 of pruned networks less that of small ones with as many weights, trained as long."""
    scores = scores_of(tables, method=method, levels=SPARSITY, scope=scope, controls=CONTROLS)
    gained = differences(scores, _with_as_many_weights)
    estimate = gained.estimate(lambda means: float(means.mean()))
    sizes, levels = (of_cases(gained, name).tolist() for name in ("hidden", "requested_sparsity"))
    left = np.array([units_left(*case) for case in zip(sizes, levels, strict=True)])
    means = gained.means.to_numpy()
    by_size = [f"{means[left == one].mean():+.4f} where {one} are left" for one in (2, 4, 16)
               if (left == one).any()]  # fmt: skip
    by_task = mean_by(gained, "task")
    most = max(by_task, key=lambda task: by_task[task])
    sentence = (
        f"Pruned networks ({method}) have {estimate.value:+.4f} of F1 against dense ones with as "
        f"many weights, trained as long: mean over {len(means)} cases; in units' worth of "
        f"weights, {', '.join(by_size)}; most on {most}, {by_task[most]:+.4f}."
    )
    return Evidence(estimate, sentence)


def _small_reading(method: str, scope: str, primary: tuple[str, ...]) -> Reading:
    judge = partial(beats_small, method=method, scope=scope)

    def worlds(tables: Tables) -> list[World]:
        return worlds_of(judge, tables, 0.0, 0.05, method=method, levels=SPARSITY, scope=scope,
                         controls=CONTROLS)  # fmt: skip

    chosen = f" by {scope}" if method == "units" else ""
    return Reading(
        f"{method}{chosen}",
        f"F1 of networks pruned and {method}{chosen} less that of dense networks from scratch "
        "with at least as many weights, at least two hidden units (a limit set after a first look "
        "at the data, since lone units die) and as many steps; mean over tasks, sizes and "
        "sparsities; jackknife over seeds and test images",
        Above(0),
        judge,
        SCORES,
        primary,
        worlds=worlds,
    )


def beats_method(tables: Tables, *, method: str, other: str, level: float) -> Evidence:
    """F1 of one way to retrain less that of another from the same number of weights."""
    one = less_dense(scores_of(tables, method=method, levels=[level]))
    two = less_dense(scores_of(tables, method=other, levels=[level]))
    assert one.without is not None
    assert two.without is not None
    gained = Cube(one.cases, one.by_seed - two.by_seed, one.without - two.without)
    estimate = gained.estimate(lambda means: float(means.mean()))
    by_size = mean_by(gained, "hidden")
    sizes = ", ".join(f"{value:+.4f} with {size}" for size, value in by_size.items())
    sentence = (
        f"At {percent(level)} sparsity networks {method} have {estimate.value:+.4f} of F1 against "
        f"{other} ones, mean over tasks and sizes: {sizes} units."
    )
    return Evidence(estimate, sentence)


def versus(
    name: str, method: str, other: str, level: float, primary: tuple[str, ...], words: str
) -> Reading:
    """A reading that holds one way to retrain against another."""
    judge = partial(beats_method, method=method, other=other, level=level)

    def worlds(tables: Tables) -> list[World]:
        return worlds_of(judge, tables, 0.0, 0.05, method=(method, other), levels=[level])

    statistic = f"{words} at {percent(level)} sparsity; mean over tasks and sizes; jackknife over "
    return Reading(
        name, statistic + "seeds and test images", Above(0), judge, SCORES, primary, worlds=worlds
    )


CLAIMS = (
    Claim(
        "pruning-regularises-retrained",
        "4.3",
        "On hard tasks pruning sometimes raises F1, also against dense networks trained as long.",
        tuple(
            Reading(
                method,
                f"F1 gained over dense networks of as many steps, {method}, by the best of all "
                "sizes of 3-8 and 4-9 and sparsities of 50 to 95 %: the lower limit is that of the "
                "combination selected on a third of the seeds by validation images, measured on "
                "the others; the upper limit the largest of all combinations; jackknife over seeds "
                "and test images",
                Above(WORTH, ours=True),
                partial(regularises, method=method),
                SCORES,
                ("*",) if method == "fine-tuned" else (),
                worlds=partial(_regularises_worlds, method=method),
            )
            for method in ("fine-tuned", "iterative", "gradual")
        ),
        figure="gains-{condition}",
    ),
    Claim(
        "over-parameterise-then-prune",
        "open question",
        "A large network that is pruned does better than a small one with as many weights.",
        (
            _small_reading("fine-tuned", "global", ("*",)),
            _small_reading("gradual", "global", ()),
            _small_reading("units", "norm", ()),
            _small_reading("units", "contribution", ()),
        ),
        figure="weights-{condition}",
    ),
    Claim(
        "initial-weights-matter",
        "open question",
        "Networks that are left after pruning train better from their own initial weights.",
        (
            versus("rewound", "rewound", "fresh", 0.95, ("*",),
                   "F1 from the initial weights less that from fresh ones on the same mask"),
            versus("rewound early", "rewound-early", "fresh", 0.95, (),
                   "F1 from weights of early training less that from fresh ones on the same mask"),
        ),
        figure="methods-{condition}",
    ),
)  # fmt: skip
