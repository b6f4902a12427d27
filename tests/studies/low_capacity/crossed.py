"""Tables of a whole run, made by hand: every combination of protocol, task, size and seed."""

from itertools import product

import numpy as np
import pandas as pd

from lowcap.studies.low_capacity.claims.factors import FACTORS
from lowcap.studies.low_capacity.figures import misclassified
from lowcap.studies.low_capacity.protocols import PROTOCOLS, PRUNING_RULES, RELEASED

ALL = tuple(PROTOCOLS)
SIDE = 14
RNG = np.random.default_rng(0)


def crossed(**columns) -> pd.DataFrame:
    """One row for every combination of the columns' values."""
    names = list(columns)
    return pd.DataFrame(list(product(*columns.values())), columns=names)


def scored(table: pd.DataFrame, **ranges) -> pd.DataFrame:
    """The table with more columns of random numbers between two limits."""
    drawn = {name: RNG.uniform(*limits, len(table)) for name, limits in ranges.items()}
    return table.assign(**drawn)


def made(protocols=ALL, tasks=("0-1", "4-9"), hidden=(1, 2, 24, 64), seeds=2,
         dataset="mnist-5k") -> dict[str, pd.DataFrame]:  # fmt: skip
    """The tables of a run, each number random but its keys as in a real one."""
    keys = {"study": ["low-capacity"], "protocol": list(protocols), "dataset": [dataset]}
    of_task = keys | {"task": list(tasks)}
    member = of_task | {"hidden": list(hidden), "learning_rate": [0.03], "seed": list(range(seeds))}
    heavy = [name for name in protocols if name != "replicated"]
    scores = dict.fromkeys(("train_f1_best", "val_f1", "test_f1", "val_auc", "test_auc"), (0.8, 1))
    tables = {
        "capacity": scored(crossed(**member), **scores, val_loss_fall=(-0.01, 0.02)).assign(
            epochs=100, constant_f1=2 / 3
        ),
        "difficulty": scored(crossed(**of_task), linear_error=(0.005, 0.07), linear_f1=(0.9, 1)),
        "pruning": _pruning(member),
    }
    if heavy:
        rows = member | {"protocol": heavy}
        tables["history"] = scored(
            crossed(**rows, epoch=range(1, 9), split=["train", "val"]), loss=(0, 1), f1=(0.5, 1)
        )
        tables["history"]["step"] = tables["history"]["epoch"] * 20
        tables["neurons"] = scored(
            crossed(**rows, state=["dense", "pruned"], neuron=range(2)),
            information=(0, 1), null_information=(0, 0.1), p_value=(0, 1), specialisation=(0, 1),
        )  # fmt: skip
    if "corrected" in protocols:
        rows = member | {"protocol": ["corrected"]}
        batches = crossed(**rows, epoch=range(1, 5), split=["val"], batch=["1024", "32"])
        tables["batch_size"] = scored(batches, loss=(0, 1), f1=(0.5, 1))
        tables["batch_size"]["step"] = tables["batch_size"]["epoch"]
    tables["robustness"] = _robustness(member, heavy)
    if "4-9" in tasks:
        tables |= _of_4_9(member, scores, heavy)
    return tables


def _pruning(member) -> pd.DataFrame:
    rules = [rule.name for rule in (*PRUNING_RULES, RELEASED)]
    table = crossed(
        **member, rule=rules, requested_sparsity=[0.0, 0.5, 0.95, 0.99], split=["val", "test"]
    )
    table = table[(table["requested_sparsity"] > 0) | (table["rule"] == rules[0])]
    table = table[(table["split"] == "val") | (table["protocol"] == "corrected")]
    table = scored(table, achieved_sparsity=(0, 1), f1=(0, 1), auc=(0.5, 1), f1_rethreshold=(0, 1))
    return table.assign(
        connected=RNG.random(len(table)) > 0.2, dead_neurons=0, live_units=table["hidden"] // 2
    )


def _robustness(member, heavy) -> pd.DataFrame:
    papers = [("none", 0.0), ("gaussian noise", 0.3), ("gaussian noise", 0.5), ("occlusion", 7.0)]
    parts = []
    for kinds, levels, protocols in (
        (papers, [0.0], member["protocol"]),
        (papers, [0.5, 0.9], heavy),
        ([("blur", 1.5), ("stripe", 4.0)], [0.0], heavy),
    ):
        some = member | {"protocol": protocols, "kind": kinds, "draw": [0]}
        rows = crossed(**some, requested_sparsity=levels)
        names, severities = zip(*rows["kind"], strict=True) if len(rows) else ((), ())
        parts.append(rows.assign(corruption=names, severity=severities))
    return scored(pd.concat(parts, ignore_index=True).drop(columns="kind"), f1=(0.4, 1))


def _of_4_9(member, scores, heavy) -> dict[str, pd.DataFrame]:
    """The tables that only the paper's picture of a task has."""
    member = member | {"task": ["4-9"]}
    tables = {}
    rates = [name for name in member["protocol"] if name != "published" or len(heavy) < 2]
    rows = member | {"protocol": rates, "learning_rate": [0.01, 0.03, 0.1]}
    tables["learning_rate"] = scored(crossed(**rows), **scores)
    if {"published", "corrected"} <= set(member["protocol"]):
        rows = member | {"protocol": ["factorial"]}
        sides = dict.fromkeys(FACTORS, ("published", "corrected"))
        pruned = {f"pruned_f1_{name}": (0.2, 0.9) for name in ("listing C.1", "global")}
        tables["factors"] = scored(
            crossed(**rows, **sides), **scores, **pruned, noisy_f1=(0.3, 0.9)
        )
    if 24 not in member["hidden"]:
        return tables
    seen = member | {"hidden": [24]}
    states = ["dense", "untrained", "pruned: listing C.1", "pruned: global", "another seed",
              "shuffled labels"]  # fmt: skip
    tables["geometry"] = scored(
        crossed(**seen, state=states), cka=(0, 1), knn=(0.5, 1), probe=(0.5, 1), silhouette=(0, 1)
    )
    methods = ["finite differences", "gradient x input"]
    per_method = crossed(**seen, state=states, method=methods, block=range(2)).assign(images=5)
    tables["saliency"] = scored(per_method, on_strokes=(0, 8), on_region=(0, 8))
    tables["saliency_agreement"] = scored(
        per_method[per_method["state"] != "dense"],
        rank_correlation=(0, 1), top_overlap=(0, 0.5), attainable=(0.5, 1), empty=(0, 1),
    )  # fmt: skip
    images = crossed(**seen, image=range(6))
    images["correct"] = (images["image"] + images["seed"]) % 2 > 0
    tables["misclassified"] = scored(images, **dict.fromkeys(misclassified.MAPS, (0, 3)))
    first = seen | {"seed": [0], "protocol": heavy}
    if heavy:
        tables["embedding"] = scored(
            crossed(**first, state=["dense", "pruned"], perplexity=[5, 30], image=range(9)),
            x=(-9, 9), y=(-9, 9),
        )  # fmt: skip
        tables["embedding"]["label"] = tables["embedding"]["image"] % 2
        shown = [("image", ""), *product(("untrained", "trained", "pruned"), methods)]
        maps = crossed(**first, shown=shown, image=[3, 7, 8], pixel=range(SIDE * SIDE))
        names, by = zip(*maps["shown"], strict=True)
        maps = maps.assign(state=names, method=by)
        tables["saliency_maps"] = scored(maps.drop(columns="shown"), value=(-1, 1))
    kinds = crossed(study=["low-capacity"], protocol=member["protocol"], dataset=member["dataset"],
                    task=["4-9"], corruption=["none", "blur"], severity=[0.0], label=[0, 1],
                    pixel=range(SIDE * SIDE))  # fmt: skip
    tables["corrupted_examples"] = scored(kinds, value=(0, 1))
    return tables
