"""The tables of a run that never was, with means that are set and seeds that differ a little."""

from itertools import product

import numpy as np
import pandas as pd

from lowcap.studies.transfer.settings import CHANNELS, HIDDEN
from lowcap.studies.transfer.training import DENSE, PARTNER, SHUFFLED, STRANGER, UNTRAINED

TASKS = ("0-1", "1-7", "5-6", "3-8", "4-9")
LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)
CONV, FULL = "conv 5x5", "fully connected"
STATES = (DENSE, UNTRAINED, STRANGER, SHUFFLED, "pruned")
BLOCKS = 6


def condition(architecture: str) -> str:
    return f"d, {architecture}"


def made(
    architecture: str = CONV,
    *,
    shortfall: float = 0.01,
    loss: float = 0.002,
    power: float = 1.0,
    moved: float = 0.1,
    seeds: int = 6,
) -> dict[str, pd.DataFrame]:
    """A run of one architecture.

    Args:
        architecture: as users write it.
        shortfall: F1 that the smallest networks lack, for each task more by as much again.
        loss: F1 that pruning to 90 % costs, for each task more by as much again.
        power: how capacity grows with the number of classes.
        moved: how much less maps of wrong copies agree with the clean ones.
        seeds: how many.
    """
    generator = np.random.default_rng(0)
    sizes = HIDDEN if architecture == FULL else CHANNELS
    tables = (
        _scores(sizes, shortfall, loss, seeds, generator)
        | {"classes": _classes(sizes, power, seeds, generator)}
        | _inside(sizes, architecture, moved, seeds, generator)
    )
    keys = {"condition": condition(architecture), "dataset": "d", "architecture": architecture}
    return {name: table.assign(**keys) for name, table in tables.items()}


def _noise(generator) -> float:
    return 0.001 * float(generator.normal())


def _scores(sizes, shortfall, loss, seeds, generator) -> dict[str, pd.DataFrame]:
    dense, dense_blocks, pruned, pruned_blocks = [], [], [], []
    for (place, task), seed, hidden in product(enumerate(TASKS), range(seeds), sizes):
        f1 = 0.97 - shortfall * (place + 1) / hidden + _noise(generator) * (1 + 4 / hidden)
        key = {"task": task, "place": place, "hidden": hidden, "seed": seed}
        dense.append(key | {"test_f1": f1})
        dense_blocks += _blocks(key, f1, generator)
        for level in LEVELS:
            less = f1 + loss * (place + 1) * np.log10(1 - level) + _noise(generator)
            own = key | {"requested_sparsity": level}
            counts = {"dead_neurons": 0, "live_units": hidden, "dead_filters": 0,
                      "live_filters": hidden * (0.9 + 10 * _noise(generator))}  # fmt: skip
            pruned += [own | counts | {"split": split, "f1": less} for split in ("val", "test")]
            pruned_blocks += _blocks(own, less, generator)
    hard = pd.DataFrame({"task": TASKS, "place": range(5), "linear_error": np.arange(5) / 100})
    return {
        "capacity": pd.DataFrame(dense),
        "capacity_blocks": pd.DataFrame(dense_blocks),
        "pruning": pd.DataFrame(pruned),
        "pruning_blocks": pd.DataFrame(pruned_blocks),
        "difficulty": hard.assign(seed=0),
    }


def _blocks(key: dict, f1: float, generator) -> list[dict]:
    return [key | {"block": n, "f1": f1 + 0.3 * _noise(generator)} for n in range(BLOCKS)]


def _classes(sizes, power, seeds, generator) -> pd.DataFrame:
    rows = []
    for count, hidden, seed in product((2, 3, 5, 10), sizes, range(seeds)):
        share = 1 - 0.05 ** (hidden / (2 * (count / 2) ** power))
        accuracy = 1 / count + (0.98 - 1 / count) * share
        rows += [
            {"classes": count, "hidden": hidden, "seed": seed, "block": block, "place": 0,
             "task": f"{count} classes", "accuracy": accuracy + _noise(generator)}
            for block in range(BLOCKS)
        ]  # fmt: skip
    return pd.DataFrame(rows)


def _inside(sizes, architecture, moved, seeds, generator) -> dict[str, pd.DataFrame]:
    states = STATES if architecture == FULL else (*STATES, PARTNER)
    found = {name: [] for name in ("robustness", "robustness_blocks", "geometry",
                                   "geometry_blocks", "saliency", "saliency_agreement",
                                   "misclassified", "attention")}  # fmt: skip
    kinds = [("none", 0.0), ("occlusion", 7.0)]
    kinds += [("gaussian noise", sigma) for sigma in (0.1, 0.2, 0.3, 0.4, 0.5)]
    for seed in range(seeds):
        key = {"task": "4-9", "place": 4, "seed": seed, "hidden": 8}
        for hidden, (kind, severity) in product(sizes, kinds):
            f1 = 0.9 + 0.002 * np.log2(hidden) - 0.1 * severity / 7 + _noise(generator)
            own = key | {"hidden": hidden, "corruption": kind, "severity": severity}
            found["robustness"] += [own | {"draw": draw, "f1": f1} for draw in range(2)]
            found["robustness_blocks"] += _blocks(own, f1, generator)
        for state in states:
            one = key | {"state": state}
            trained = state not in (UNTRAINED, SHUFFLED)
            space = {name: 0.7 + 0.25 * trained + _noise(generator) for name in ("knn", "probe")}
            found["geometry"].append(one | space | {"cka": 0.9})
            for block in range(BLOCKS):
                of_block = one | {"block": block}
                space = {name: value + _noise(generator) for name, value in space.items()}
                found["geometry_blocks"].append(of_block | space | {"cka": 0.9})
                on_region = 1 + trained + 10 * _noise(generator)
                found["saliency"].append(of_block | {"on_region": on_region})
                alike = {"pruned": 0.7, STRANGER: 0.4, PARTNER: 0.3}.get(state, 0.1)
                found["saliency_agreement"].append(
                    of_block | {"attainable": 1.0, "top_overlap": alike + 10 * _noise(generator)}
                )
        right = generator.random(200) < np.where(np.arange(200) < 150, 1, 0.6)
        found["misclassified"] += [
            key | {"image": image, "correct": bool(one),
                   "on_region": 1 + 0.2 * one + 0.1 * generator.normal()}
            for image, one in enumerate(right)
        ]  # fmt: skip
        for state, (kind, severity) in product(states, kinds[1:]):
            for block, label, answer in product(range(BLOCKS), (0, 1), ("right", "wrong")):
                own = 0.9 if state == PARTNER else 0.7
                own += 10 * _noise(generator) - moved * (answer == "wrong")
                found["attention"].append(
                    key
                    | {"state": state, "corruption": kind, "severity": severity, "block": block,
                       "label": label, "answer": answer, "before": "right",
                       "images": 30 if answer == "right" else 4, "top_overlap": own,
                       "attainable": 1.0,
                       "stranger_overlap": 0.3 + 10 * _noise(generator)}
                )  # fmt: skip
    return {name: pd.DataFrame(rows) for name, rows in found.items()}
