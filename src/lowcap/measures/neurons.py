"""What single hidden neurons know of the label (the open questions of 2507.16278)."""

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from lowcap.data import Labelled
from lowcap.measures.geometry import activations, balanced
from lowcap.measures.scoring import keys
from lowcap.networks import GLOBAL, PruningRule, take
from lowcap.streams import stream
from lowcap.training import Fitted

BINS = 8
PERMUTATIONS = 20


def binned(
    values: Float[np.ndarray, "rows units"], bins: int = BINS
) -> Int[np.ndarray, "rows units"]:
    """Each unit's activation as the number of its quantile bin; equal values share a bin."""
    edges = np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1], axis=0)
    return (values[None] > edges[:, None]).sum(axis=0)


def mutual_information(
    codes: Int[np.ndarray, "rows units"], labels: Int[np.ndarray, " rows"], bins: int = BINS
) -> Float[np.ndarray, " units"]:
    """Plug-in mutual information in bits of each unit's bin with a label of 0 or 1."""
    units = codes.shape[1]
    cell = (np.arange(units) * bins + codes) * 2 + labels[:, None]
    joint = np.bincount(cell.ravel(), minlength=units * bins * 2).reshape(units, bins, 2)
    joint = joint / len(labels)
    apart = joint.sum(axis=2, keepdims=True) * joint.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(joint > 0, joint * np.log2(joint / apart), 0.0)
    return terms.sum(axis=(1, 2))


def specialisation(
    values: Float[np.ndarray, "rows units"], labels: Int[np.ndarray, " rows"]
) -> Float[np.ndarray, " units"]:
    """How one-sided each unit is: |a1 - a0| / (a1 + a0), a0 and a1 its mean output by class.

    0 for a unit that answers to both classes alike, 1 for one that answers to one class only; 0
    for a dead unit.
    """
    ones, zeros = values[labels == 1].mean(axis=0), values[labels == 0].mean(axis=0)
    total = ones + zeros
    return np.abs(ones - zeros) / np.where(total > 0, total, 1)


def neurons(
    fitted: Fitted,
    data: Labelled,
    sparsity: float,
    *,
    rule: PruningRule = GLOBAL,
    rows: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """What each hidden neuron knows of the label, dense and after pruning.

    Args:
        fitted: the trained population.
        data: the images looked at, at most `rows`, half of each class.
        sparsity: fraction of the weights to prune.
        rule: how to prune.
        rows: how many images at most.
        seed: seed of the permutations.

    Returns:
        One row a neuron and state: `state` (dense, pruned), `neuron`, `information` (bits, of 8
        quantile bins with the label), `null_information` (its mean over 20 permutations of the
        labels: what chance gives), `p_value` (of the permutation test), `specialisation`.
    """
    data = balanced(data, rows)
    labels = data.y.astype(np.int64)
    rng = stream("neuron permutations", seed)
    shuffled = [rng.permutation(labels) for _ in range(PERMUTATIONS)]
    members = keys(fitted.members)
    parts = []
    populations = {"dense": fitted.wide, "pruned": fitted.pruned(sparsity, rule)}
    for index in range(len(fitted.members)):
        for state, wide in populations.items():
            network = take(wide, index)
            values = activations(network, data.x)
            codes = binned(values)
            information = mutual_information(codes, labels)
            null = np.stack([mutual_information(codes, mixed) for mixed in shuffled])
            table = pd.DataFrame(
                {
                    "state": state,
                    "neuron": np.arange(values.shape[1]),
                    "information": information,
                    "null_information": null.mean(axis=0),
                    "p_value": (1 + (null >= information).sum(axis=0)) / (1 + PERMUTATIONS),
                    "specialisation": specialisation(values, labels),
                }
            )
            parts.append(members.iloc[[index]].merge(table, "cross"))
    return pd.concat(parts, ignore_index=True)
