"""Tables of a run that was never made: the planned networks with measurements by formula."""

from dataclasses import replace

import numpy as np
import pandas as pd

from lowcap.measures.sensitivity import KINDS
from lowcap.studies.sensitivity.plan import RATES, configurations
from lowcap.studies.sensitivity.settings import SCALES

SMALL = replace(SCALES["quick"], samples=5)


def nothing(keys):
    """No effect of anything."""
    return {}


def networks(effect=nothing, scale=SMALL, noise=0.02, seed=0):
    """One row a planned network.

    `effect` maps a network's keys to what is added to `gap`, and to the factors of
    `jacobian_norm` and `transitions`, and to other columns as they are.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for config in configurations(scale, "d"):
        for rate in RATES[config.optimizer][: config.rates]:
            keys = {
                "dataset": "d", "width": config.width, "depth": config.depth,
                "activation": config.activation, "optimizer": config.optimizer,
                "batch": str(config.batch), "labels": config.labels, "shift": config.shift,
                "length": config.length, "learning_rate": rate, "sample": config.sample, "seed": 0,
            }  # fmt: skip
            own = {"gap": 0.0, "jacobian_norm": 1.0, "transitions": 1.0} | effect(keys)
            wobble = noise * rng.normal(size=9)
            rows.append(
                keys
                | {
                    "parameters": 784 * config.width + (config.depth - 1) * config.width**2,
                    "train_accuracy": own.get("train_accuracy", 1.0),
                    "gap": 0.2 + own["gap"] + 0.3 * wobble[0],
                    "jacobian_norm": own["jacobian_norm"] * np.exp(wobble[1]),
                    "transitions": 90 * own["transitions"] * np.exp(wobble[2]),
                    "untrained_norm": np.exp(wobble[3]),
                    "error_auc": own.get("error_auc", 0.8) + wobble[4],
                    "doubt_auc": 0.85 + wobble[5],
                    "untrained_auc": 0.5 + wobble[6],
                    "loss_correlation": own.get("loss_correlation", 0.9) + wobble[7],
                    "peak_norm": 2.0,
                    "tail_norm": own.get("tail_norm", 0.8) * np.exp(wobble[8]),
                }
            )
    return pd.DataFrame(rows)


def ellipses(near=0.2, same=0.5, random=1.0, samples=5, noise=0.05, seed=0):
    """Two kinds of network on each sample and four ellipses, by their ratios after training."""
    rng = np.random.default_rng(seed)
    rows = []
    for sample in range(samples):
        for rate in (0.1, 0.2):
            for kind in KINDS:
                for state in ("trained", "untrained"):
                    ratio = dict(zip(KINDS, (random, near, near), strict=True))[kind]
                    level = same if kind == "same class" else 1.0
                    if state == "untrained":
                        ratio, level = 1.0, 1.0
                    for number in range(4):
                        a, b, c = np.exp(noise * rng.normal(size=3))
                        keys = {"dataset": "d", "width": 100, "depth": 3, "activation": "relu",
                                "optimizer": "adam", "batch": "100", "labels": "true", "shift": 0,
                                "length": "until fit", "learning_rate": rate, "sample": sample,
                                "seed": 0}  # fmt: skip
                        values = {
                            f"{quantity}{place}": size
                            for quantity in ("norm", "transitions")
                            for place, size in (("", level * a), ("_near", ratio * b), ("_far", c))
                        }
                        rows.append(
                            keys | {"ellipse": kind, "state": state, "replicate": number} | values
                        )
    return pd.DataFrame(rows)
