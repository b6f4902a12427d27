"""Why networks can be pruned, as it is said: where weights sit, spare units, overfitting."""

from functools import partial

import numpy as np
import pandas as pd

from lowcap.claims import (
    Above,
    AllOf,
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
    mean_worlds,
)
from lowcap.studies.low_capacity.claims.scores import percent
from lowcap.studies.retraining.claims.common import mean_by, of_cases
from lowcap.studies.retraining.claims.gains import versus

SURVIVORS = 0.95
"""The sparsity at which it is asked where weights are left."""

SMALL, MIDDLE, LARGE = 8, 16, 64
"""Hidden sizes that are compared."""

HALF = 0.5
"""The share of the hidden units that are removed at random."""

SPARE = 0.01
"""F1 that networks may lose without units that are called redundant. Ours."""


def on_region(tables: Tables, *, method: str) -> Evidence:
    """The density of weights that are left on the most discriminating tenth of the pixels."""
    table = tables["survivors"]
    scores = cube(table[table["method"] == method], ["task", "hidden"], "on_region")
    estimate = scores.estimate(lambda means: float(means.mean()))
    tasks = ", ".join(f"{value:.2f} on {task}" for task, value in mean_by(scores, "task").items())
    random = float(table.loc[table["method"] == "random", "on_region"].mean())
    sentence = (
        f"At {percent(SURVIVORS)} sparsity ({method}) {estimate.value:.2f} times as many weights "
        f"are left on the pixels in which the classes differ most as elsewhere on average: {tasks}."
    )
    return Evidence(estimate, sentence, {"random masks": random})


def _on_region_worlds(tables: Tables, *, method: str) -> list[World]:
    table = tables["survivors"]
    rows = table[table["method"] == method]
    simulated = Simulator("survivors", rows, ["task", "hidden"], ["on_region"])
    moved = simulated.where()
    judge = partial(on_region, method=method)
    return mean_worlds(judge, simulated, {}, {"": moved}, {"": 1.0}, {"": 0.5})


def _removed(tables: Tables, sizes: list[int]) -> Cube:
    """F1 lost without half of the units, by task and size."""
    keys = ["task", "hidden", "share"]
    tested = tables["removed"][tables["removed"]["hidden"].isin(sizes)]
    blocks = tables["removed_blocks"]
    blocks = blocks[blocks["hidden"].isin(sizes) & blocks["share"].isin([0.0, HALF])]
    if set(tested["hidden"]) != set(sizes):
        raise NotMeasured(f"it has no networks of {' and '.join(map(str, sizes))} units")
    tested = tested[tested["share"].isin([0.0, HALF])]
    scores = cube(tested, keys, "f1", blocks)
    level = of_cases(scores, "share")
    whole, half = scores.only(level == 0), scores.only(level == HALF)
    assert whole.without is not None
    assert half.without is not None
    return Cube(half.cases, whole.by_seed - half.by_seed, whole.without - half.without)


LARGE_LOSS, LESS_THAN_SMALL = f"loss with {LARGE} units", f"less than with {SMALL}"


def redundant(tables: Tables) -> Evidence:
    """F1 lost when half of the units go at random, of large networks and against small ones."""
    lost = _removed(tables, [SMALL, LARGE])
    large = of_cases(lost, "hidden") == LARGE
    estimates = {
        LARGE_LOSS: lost.estimate(lambda means: float(means[large].mean())),
        LESS_THAN_SMALL: lost.estimate(
            lambda means: float(means[~large].mean() - means[large].mean())
        ),
    }
    sentence = (
        f"Without half of their hidden units, chosen at random and not trained on, networks of "
        f"{LARGE} units lose {estimates[LARGE_LOSS].value:.4f} of F1, and "
        f"{estimates[LESS_THAN_SMALL].value:.4f} less than networks of {SMALL}."
    )
    return Evidence(estimates, sentence)


def _redundant_worlds(tables: Tables) -> list[World]:
    keys, sizes = ["task", "hidden", "share"], [SMALL, LARGE]
    tested, blocks = (
        tables[name][tables[name]["hidden"].isin(sizes) & tables[name]["share"].isin([0.0, HALF])]
        for name in ("removed", "removed_blocks")
    )
    means = tested.groupby([*keys, "seed"], as_index=False)["f1"].mean()
    means = means.assign(dataset=tested["dataset"].iloc[0])
    simulated = Simulator("removed", means, keys, ["f1"], ("removed_blocks", blocks))
    moved = {
        LARGE_LOSS: simulated.where(hidden=LARGE, share=HALF),
        LESS_THAN_SMALL: simulated.where(hidden=SMALL, share=HALF),
    }
    limits = {LARGE_LOSS: SPARE, LESS_THAN_SMALL: 0.0}
    return mean_worlds(
        redundant, simulated, {}, moved, limits, {LARGE_LOSS: -0.1, LESS_THAN_SMALL: 0.1}
    )


def _dense_cube(tables: Tables, value: str, blocks: bool) -> Cube:
    left_out = None
    if blocks:
        left_out = tables["retraining_blocks"]
        left_out = left_out[(left_out["method"] == "dense")]
        steps = _steps(tables)
        left_out = left_out.merge(steps, on=["task", "steps"])
    return cube(tables["dense"], ["task", "hidden"], value, left_out)


def _steps(tables: Tables) -> pd.DataFrame:
    """Of every task, the steps of the networks in the table `dense`."""
    table = tables["retraining"]
    fine = table[table["method"] == "fine-tuned"]
    return fine[["task", "steps"]].drop_duplicates()


def overfits(tables: Tables) -> Evidence:
    """F1 on test images of the middle size less that of the largest."""
    scores = _of_sizes(_dense_cube(tables, "test_f1", blocks=True))
    large = of_cases(scores, "hidden") == LARGE
    estimate = scores.estimate(lambda means: float(means[~large].mean() - means[large].mean()))
    trained = _of_sizes(_dense_cube(tables, "train_f1", blocks=False))
    fitted = mean_by(trained, "hidden")
    sentence = (
        f"On test images networks of {LARGE} units have {-estimate.value:+.4f} of F1 against those "
        f"of {MIDDLE}; on their training images {fitted[LARGE]:.4f} and {fitted[MIDDLE]:.4f}."
    )
    return Evidence(estimate, sentence)


def _of_sizes(scores: Cube, sizes: tuple[int, ...] = (MIDDLE, LARGE)) -> Cube:
    found = scores.only(scores.where(hidden=list(sizes)))
    if set(of_cases(found, "hidden")) != set(sizes):
        raise NotMeasured(f"it has no networks of {' and '.join(map(str, sizes))} units")
    return found


def gap_grows(tables: Tables) -> Evidence:
    """How much further test F1 lies below training F1 with many units than with few."""
    table = tables["dense"].assign(gap=tables["dense"]["train_f1"] - tables["dense"]["test_f1"])
    scores = _of_sizes(cube(table, ["task", "hidden"], "gap"), (SMALL, LARGE))
    large = of_cases(scores, "hidden") == LARGE
    estimate = scores.estimate(lambda means: float(means[large].mean() - means[~large].mean()))
    gaps = mean_by(scores, "hidden")
    sentence = (
        f"Training F1 lies above test F1 by {gaps[SMALL]:.4f} with {SMALL} units and by "
        f"{gaps[LARGE]:.4f} with {LARGE}."
    )
    return Evidence(estimate, sentence)


def _overfit_worlds(tables: Tables) -> list[World]:
    rows = tables["dense"][tables["dense"]["hidden"].isin([MIDDLE, LARGE])]
    blocks = tables["retraining_blocks"]
    blocks = blocks[(blocks["method"] == "dense") & blocks["hidden"].isin([MIDDLE, LARGE])]
    blocks = blocks.merge(_steps(tables), on=["task", "steps"])
    # Every task has steps of its own, which the judge looks up by task.
    simulated = Simulator(
        "dense", rows, ["task", "hidden"], ["test_f1"], ("retraining_blocks", blocks)
    )
    moved = simulated.where(hidden=LARGE)
    steps = _steps(tables).set_index("task")["steps"]
    fitted = float(rows["train_f1"].mean())

    def judge(found: Tables) -> Evidence:
        left_out = found["retraining_blocks"]
        left_out = left_out.assign(method="dense", steps=left_out["task"].map(steps))
        dense = found["dense"].assign(train_f1=fitted)
        return overfits({**found, "dense": dense, "retraining_blocks": left_out})

    found = mean_worlds(judge, simulated, {"retraining": tables["retraining"]},
                        {"": moved}, {"": 0.0}, {"": 0.05})  # fmt: skip

    def completed(world: World) -> World:
        def make(generator: np.random.Generator) -> Tables:
            tables = dict(world.make(generator))
            left_out = tables["retraining_blocks"]
            tables["retraining_blocks"] = left_out.assign(
                method="dense", steps=left_out["task"].map(steps)
            )
            tables["dense"] = tables["dense"].assign(train_f1=fitted)
            return tables

        return World(world.name, world.truth, make)

    return [completed(world) for world in found]


def _gap_worlds(tables: Tables) -> list[World]:
    table = tables["dense"].assign(gap=tables["dense"]["train_f1"] - tables["dense"]["test_f1"])
    rows = table[table["hidden"].isin([SMALL, LARGE])]
    simulated = Simulator("dense", rows, ["task", "hidden"], ["gap"])

    def as_scores(found: Tables) -> Tables:
        return {"dense": found["dense"].assign(train_f1=found["dense"]["gap"], test_f1=0.0)}

    found = mean_worlds(lambda t: gap_grows(as_scores(t)), simulated, {},
                        {"": simulated.where(hidden=LARGE)}, {"": 0.0}, {"": 0.05})  # fmt: skip
    return [
        World(one.name, one.truth, lambda generator, one=one: as_scores(one.make(generator)))
        for one in found
    ]


CLAIMS = (
    Claim(
        "important-weights-concentrated",
        "4.3",
        "A few important weights carry a network, and the smallest can go.",
        (
            versus("against random", "fine-tuned", "random", SURVIVORS, ("*",),
                   "F1 after removing the smallest weights less that after removing as many at "
                   "random in the same layers, both trained on,"),
            versus("against random at 99 %", "fine-tuned", "random", 0.99, (),
                   "F1 after removing the smallest weights less that after removing as many at "
                   "random in the same layers, both trained on,"),
            *(
                Reading(
                    f"place, {method}",
                    "density of the weights left on the tenth of the pixels in which the classes' "
                    "means differ most, over that on all pixels in use; mean over tasks and sizes; "
                    "jackknife over seeds",
                    Above(1), partial(on_region, method=method), ("survivors",),
                    worlds=partial(_on_region_worlds, method=method),
                )
                for method in ("fine-tuned", "iterative")
            ),
        ),
        figure="survivors-{condition}",
    ),
    Claim(
        "excess-units-redundant",
        "5",
        "The units that a large network has in excess are redundant pathways.",
        (
            Reading(
                "half at random",
                f"F1 lost when half of the hidden units are removed at random without training on: "
                f"of {LARGE} units, and that of {SMALL} units less that of {LARGE}; means over "
                "tasks and ten draws; jackknife over seeds and test images",
                AllOf({LARGE_LOSS: Below(SPARE, ours=True), LESS_THAN_SMALL: Above(0)}),
                redundant, ("removed", "removed_blocks"), ("*",), worlds=_redundant_worlds,
            ),
        ),
        figure="removed-{condition}",
    ),
    Claim(
        "large-networks-overfit",
        "5",
        "Networks much larger than a task needs overfit it.",
        (
            Reading(
                "worse on test images",
                f"F1 on test images of {MIDDLE} units less that of {LARGE}; mean over tasks; "
                "jackknife over seeds and test images",
                Above(0), overfits, ("dense", "retraining", "retraining_blocks"), ("*",),
                worlds=_overfit_worlds,
            ),
            Reading(
                "gap to training images",
                f"F1 on training images less F1 on test images, of {LARGE} units less that of "
                f"{SMALL}; mean over tasks; jackknife over seeds",
                Above(0), gap_grows, ("dense",), worlds=_gap_worlds,
            ),
        ),
        figure="overfitting-{condition}",
    ),
)  # fmt: skip
