"""Tables as a run of the low-capacity study has them, made up: seeds differ, nothing is trained."""

import numpy as np
import pandas as pd

from lowcap.studies.low_capacity.protocols import PROTOCOLS
from lowcap.studies.low_capacity.settings import (
    HIGH_SPARSITY,
    LEARNING_RATES,
    MORE_RATES,
    PAIRS,
    PAPER_HIDDEN,
)

SEEDS, BLOCKS, DIGITS_WRONG = 6, 20, 40
STATES = ("dense", "untrained", "pruned: listing C.1", "pruned: global", "another seed",
          "shuffled labels")  # fmt: skip
RULES = ("listing C.1", "global", "first layer", "each layer, rounded")


def cross(**columns) -> pd.DataFrame:
    """Every combination of the values, one row each."""
    return pd.MultiIndex.from_product(columns.values(), names=columns).to_frame(index=False)


def made(protocol: str, seed: int = 0, dataset: str = "mnist-5k") -> dict[str, pd.DataFrame]:
    """All tables that claims read, of one protocol; scores near 0.95, s.d. over seeds 0.01."""
    g = np.random.default_rng(seed)
    seeds = PROTOCOLS[protocol].seeds(SEEDS)
    blocks = PROTOCOLS[protocol].scored_split == "test"
    tables = _scores(g, seeds, blocks) | _looks(g, seeds, blocks)
    tables["difficulty"] = pd.DataFrame(
        {"task": PAIRS, "linear_error": [0.002, 0.008, 0.03, 0.04, 0.05], "test_images": 2000}
    )
    common = {"study": "low-capacity", "protocol": protocol, "dataset": dataset}
    return {name: table.assign(**common) for name, table in tables.items()}


def _scores(g, seeds, blocks: bool) -> dict[str, pd.DataFrame]:
    capacity = cross(task=PAIRS, hidden=(1, *PAPER_HIDDEN), learning_rate=[0.03], seed=seeds)
    for name in ("train_f1_best", "val_f1", "test_f1"):
        size = np.log2(capacity["hidden"])
        below = capacity["hidden"] < 4 + 4 * capacity["task"].map(PAIRS.index)
        spread = np.where(below, 0.02, 0.005)
        level = np.where(below, 0.88, 0.95) + 0.003 * size
        capacity[name] = level + spread * g.normal(size=len(capacity))
    rates = cross(task=["4-9"], hidden=PAPER_HIDDEN, learning_rate=LEARNING_RATES + MORE_RATES,
                  seed=seeds)  # fmt: skip
    for name in ("train_f1_best", "val_f1", "test_f1"):
        rates[name] = 0.8 + 0.01 * g.normal(size=len(rates))
    pruning = cross(task=PAIRS, hidden=(1, *PAPER_HIDDEN), seed=seeds, rule=RULES,
                    requested_sparsity=[0.0, *HIGH_SPARSITY, 0.99],
                    split=["val", "test"])  # fmt: skip
    pruning = pruning[(pruning["requested_sparsity"] > 0) | (pruning["rule"] == "listing C.1")]
    lost = np.where(pruning["requested_sparsity"] == 0.99, 0.1, 0.004)
    pruning["f1"] = 0.95 - lost * (pruning["requested_sparsity"] > 0)
    for name in ("f1", "auc", "f1_rethreshold"):
        pruning[name] = pruning["f1"] + 0.001 * g.normal(size=len(pruning))
    pruning["achieved_sparsity"] = pruning["requested_sparsity"]
    pruning["connected"], pruning["dead_neurons"] = True, 0
    gone = (pruning["requested_sparsity"] > 0) * g.integers(0, 2, len(pruning))
    pruning["live_units"] = pruning["hidden"] - gone * (pruning["hidden"] // 2)
    noise = [("none", 0.0), ("occlusion", 7.0)]
    noise += [("gaussian noise", s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)]
    robustness = cross(task=["4-9"], hidden=(24, 48, 64), seed=seeds, kind=range(len(noise)))
    robustness["corruption"] = [noise[k][0] for k in robustness["kind"]]
    robustness["severity"] = [noise[k][1] for k in robustness.pop("kind")]
    robustness = robustness.assign(requested_sparsity=0.0)
    robustness["f1"] = 0.9 + 0.01 * g.normal(size=len(robustness))
    tables = {"capacity": capacity, "learning_rate": rates, "pruning": pruning,
              "robustness": robustness}  # fmt: skip
    if blocks:
        tested = pruning[pruning["split"] == "test"]
        columns = ["task", "hidden", "seed", "rule", "requested_sparsity", "f1"]
        tables["pruning_blocks"] = _left_out(g, tested[columns])
        tables["robustness_blocks"] = _left_out(g, robustness.drop(columns="requested_sparsity"))
    return tables


def _left_out(g, table: pd.DataFrame) -> pd.DataFrame:
    """The scores without each block of images: the same images for all networks."""
    effect = pd.Series(0.0003 * g.normal(size=BLOCKS))
    rows = table.merge(pd.DataFrame({"block": range(BLOCKS)}), "cross")
    f1 = rows["f1"] + rows["block"].map(effect) + 1e-4 * g.normal(size=len(rows))
    return rows.assign(f1=f1)


def _looks(g, seeds, blocks: bool) -> dict[str, pd.DataFrame]:
    network = {"task": ["4-9"], "hidden": [24], "seed": seeds}
    geometry = cross(**network, state=STATES)
    for name in ("cka", "knn", "probe"):
        geometry[name] = 0.95 + 0.003 * g.normal(size=len(geometry))
    maps = cross(**network, state=STATES, method=["finite differences", "gradient x input"],
                 block=range(BLOCKS))  # fmt: skip
    for name in ("on_strokes", "on_region", "top_overlap"):
        maps[name] = 0.6 + 0.05 * g.normal(size=len(maps))
    maps["attainable"], maps["empty"] = 0.9 + 0.02 * g.normal(size=len(maps)), 0.0
    images = cross(**network, image=range(200))
    hard = images["image"] < DIGITS_WRONG
    images["correct"] = ~hard | (g.random(len(images)) < 0.5)
    for name in ("published map", "gradient x input"):
        images[name] = 1.5 + 0.3 * g.normal(size=len(images))
    agreement = maps[maps["state"] != "dense"]
    tables = {"geometry": geometry, "saliency": maps, "saliency_agreement": agreement,
              "misclassified": images}  # fmt: skip
    if blocks:
        rows = geometry.merge(pd.DataFrame({"block": range(BLOCKS)}), "cross")
        for name in ("cka", "knn", "probe"):
            rows[name] += 0.0003 * g.normal(size=len(rows))
        tables["geometry_blocks"] = rows
    return tables
