"""The tables of a run that never was, with means that are set and seeds that differ a little."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd

from lowcap.studies.retraining.settings import units_left
from lowcap.studies.retraining.training import STRANGER

TASKS = ("0-1", "1-7", "5-6", "3-8", "4-9")
METHODS = ("fine-tuned", "iterative", "gradual", "rewound", "rewound-early", "fresh", "random",
           "one-shot", "units")  # fmt: skip
HIDDEN = (8, 16, 32, 64)
LEVELS = (0.5, 0.9, 0.95, 0.99)
SIZES = sorted({*HIDDEN, *(units_left(h, s) for h in HIDDEN for s in LEVELS)} - {0})
BLOCKS = 5


def made(
    loss: Callable[[int, float], float] = lambda number, level: (
        -0.003 * (2 + number) * np.log10(1 - level)
    ),
    relation: Callable[[float], float] = lambda value: value,
    seeds: int = 6,
) -> dict[str, pd.DataFrame]:
    """A run in which pruning costs `loss(number of the task, level)` on every size.

    Args:
        loss: F1 lost by every method; unless given the more, the later the task.
        relation: what becomes of a unit, or of a network under noise, by what the units know.
        seeds: how many.
    """
    generator = np.random.default_rng(0)
    tables = _scores(loss or _rising, seeds, generator) | _units(relation, seeds, generator)
    return {name: table.assign(dataset="d") for name, table in tables.items()}


def _rising(number: int, level: float) -> float:
    return float(-0.003 * (2 + number) * np.log10(1 - level))


def _scores(loss, seeds: int, generator) -> dict[str, pd.DataFrame]:
    kinds = [("dense", "", 0.0, hidden) for hidden in SIZES]
    for method, level, hidden in product(METHODS, LEVELS, HIDDEN):
        for scope in ("norm", "contribution") if method == "units" else ("global",):
            if method != "units" or units_left(hidden, level):
                kinds.append((method, scope, level, hidden))
    rows, blocks, others = [], [], {"dense": [], "removed": [], "removed_blocks": []}
    for (number, task), seed in product(enumerate(TASKS), range(seeds)):
        common = {"task": task, "seed": seed}
        for method, scope, level, hidden in kinds:
            f1 = 0.95 - (loss(number, level) if level else 0) + 0.001 * generator.normal()
            key = {"method": method, "scope": scope, "requested_sparsity": level,
                   "hidden": hidden, "steps": 100}  # fmt: skip
            rows.append(common | key | {"test_f1": f1, "val_f1": f1 + 0.001 * generator.normal()})
            blocks += _blocks(common | key, f1, generator)
        for hidden in HIDDEN:
            f1 = 0.95 + 0.001 * generator.normal()
            key = common | {"hidden": hidden}
            others["dense"].append(key | {"train_f1": 0.99, "test_f1": f1})
            for share in (0.0, 0.25, 0.5, 0.75):
                less = f1 - share / hidden + 0.001 * generator.normal()
                others["removed"].append(key | {"share": share, "draw": 0, "f1": less})
                others["removed_blocks"] += _blocks(key | {"share": share}, less, generator)
    hard = pd.DataFrame({"task": TASKS, "linear_error": np.arange(5) / 100})
    found = {"retraining": rows, "retraining_blocks": blocks, **others}
    return {name: pd.DataFrame(part) for name, part in found.items()} | {"difficulty": hard}


def _blocks(key: dict, f1: float, generator) -> list[dict]:
    return [key | {"block": n, "f1": f1 + 0.0003 * generator.normal()} for n in range(BLOCKS)]


def _units(relation, seeds: int, generator) -> dict[str, pd.DataFrame]:
    units, noise, survivors, attention = [], [], [], []
    for task, hidden, seed in product(TASKS, (8, 16), range(seeds)):
        common = {"task": task, "hidden": hidden, "seed": seed}
        known = generator.random() + 0.1 * generator.random(hidden)
        units += [common | {"neuron": n, "information": value, "null_information": 0.0,
                            "specialisation": value, "norm": 1.0,
                            "left_one-shot": relation(value), "left_iterative": relation(value)}
                  for n, value in enumerate(known)]  # fmt: skip
        kept = {"none": 0.9, "gaussian noise": 0.5 + 0.1 * relation(float(known.mean()))}
        noise += [common | {"corruption": kind, "f1": f1} for kind, f1 in kept.items()]
        for method in ("fine-tuned", "iterative", "random"):
            on_region = 2 + 0.1 * generator.normal()
            survivors.append(common | {"method": method, "on_region": on_region})
    states = [(STRANGER, 0.0), *product(("fine-tuned", "iterative", "rewound"), (0.95, 0.99))]
    for task, seed, (method, level) in product(TASKS, range(seeds), states):
        for block in range(BLOCKS):
            agreement = {name: 0.7 + 0.02 * generator.normal()
                         for name in ("top_overlap", "rank_correlation")}  # fmt: skip
            key = {"task": task, "seed": seed, "method": method, "requested_sparsity": level}
            attention.append(key | {"hidden": 32, "block": block, **agreement})
    found = {"units": units, "noise": noise, "survivors": survivors, "attention": attention}
    return {name: pd.DataFrame(part) for name, part in found.items()}
