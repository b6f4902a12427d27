"""What single hidden neurons know of the label (the open questions of 2507.16278)."""

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from lowcap.data import Labelled
from lowcap.measures.geometry import balanced
from lowcap.measures.scoring import check_kind
from lowcap.networks import Population
from lowcap.streams import stream

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
    """Plug-in mutual information in bits of each unit's bin with the label, 0, 1, ..."""
    units, classes = codes.shape[1], int(labels.max()) + 1
    cell = (np.arange(units) * bins + codes) * classes + labels[:, None]
    count = units * bins * classes
    joint = np.bincount(cell.ravel(), minlength=count).reshape(units, bins, classes)
    joint = joint / len(labels)
    apart = joint.sum(axis=2, keepdims=True) * joint.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(joint > 0, joint * np.log2(joint / apart), 0.0)
    return terms.sum(axis=(1, 2))


def specialisation(
    values: Float[np.ndarray, "rows units"], labels: Int[np.ndarray, " rows"]
) -> Float[np.ndarray, " units"]:
    """How one-sided each unit is: (a - b) / (a + b), with a and b its largest and smallest mean.

    The means are those of its outputs on the rows of each class.

    0 for a unit that answers to all classes alike, 1 for one that does not answer to some class; 0
    for a dead unit.
    """
    means = np.stack([values[labels == label].mean(axis=0) for label in np.unique(labels)])
    high, low = means.max(axis=0), means.min(axis=0)
    total = high + low
    return (high - low) / np.where(total > 0, total, 1)


def neurons(
    population: Population, data: Labelled, *, rows: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """What each hidden neuron of the last layer knows of the label.

    Args:
        population: trained networks.
        data: the rows looked at, at most `rows`, as many of each class.
        rows: how many rows at most.
        seed: seed of the permutations.

    Returns:
        One row per member and neuron: `neuron`, `information` (bits, of 8 quantile bins with the
        label), `null_information` (its mean over 20 permutations of the labels: what chance
        gives), `p_value` (of the permutation test), `specialisation`.

    Raises:
        SettingsError: the networks predict numbers.
    """
    check_kind(population, "neurons", "binary", "classes")
    data = balanced(data, rows)
    labels = data.y.astype(np.int64)
    rng = stream("neuron permutations", seed)
    shuffled = [rng.permutation(labels) for _ in range(PERMUTATIONS)]
    parts = []
    for member in range(len(population)):
        values = population[member].hidden(data.x)
        codes = binned(values)
        information = mutual_information(codes, labels)
        null = np.stack([mutual_information(codes, mixed) for mixed in shuffled])
        table = pd.DataFrame(
            {
                "neuron": np.arange(values.shape[1]),
                "information": information,
                "null_information": null.mean(axis=0),
                "p_value": (1 + (null >= information).sum(axis=0)) / (1 + PERMUTATIONS),
                "specialisation": specialisation(values, labels),
            }
        )
        parts.append(population.keys.iloc[[member]].merge(table, "cross"))
    return pd.concat(parts, ignore_index=True)
