"""Magnitude pruning of every member at once, and what it costs (2507.16278, sec. 3.3 and 4.3)."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int

from lowcap.data import Split
from lowcap.errors import SettingsError
from lowcap.given import several
from lowcap.measures.blocks import f1_blocks
from lowcap.measures.scoring import check_kind, scores, tidy
from lowcap.networks import GLOBAL, Convolutional, Population, PruningRule, Stacked
from lowcap.training import best_threshold, f1


def prune(
    population: Population,
    split: Split,
    sparsity: float | Iterable[float],
    rule: PruningRule = GLOBAL,
) -> pd.DataFrame:
    """Prune every member once at each sparsity, without retraining, and score what is left.

    Exactly k of n weights are set to 0, those of smallest magnitude; weights of inputs that are
    0 in every row count like any other; biases stay.

    Args:
        population: trained networks.
        split: the task's data; validation and test rows are scored.
        sparsity: one fraction of the weights to remove, or several; 0 gives the row of the
            dense network.
        rule: which weights are compared with one another, and how many go.

    Returns:
        One row per member, sparsity and split (val, test); see `pruned_scores`.

    Example:
        >>> table = prune(population, split, [0.0, 0.95])
        >>> table.query("split == 'test' and connected").groupby("hidden")["f1"].mean()
    """
    parts = []
    for level in several(sparsity):
        found = pruned_scores(population.pruned(level, rule), split, dense=population)
        parts.append(found.assign(rule=rule.name, requested_sparsity=level))
    return pd.concat(parts, ignore_index=True)


def pruned_scores(
    population: Population,
    split: Split,
    *,
    dense: Population,
    splits: Iterable[str] = ("val", "test"),
) -> pd.DataFrame:
    """What is left of networks that were pruned.

    Args:
        population: the pruned networks.
        split: the task's data.
        dense: the networks before pruning.
        splits: which rows to score: "val", "test" or both; parts without rows are left out.

    Returns:
        One row per member and split: `achieved_sparsity` (fraction of all weights that were
        removed), `split`; binary: `f1, auc`, and `f1_rethreshold`, F1 at the threshold that is
        best on validation data (NaN on validation data themselves); else `accuracy` or `r2`;
        `connected`, whether any path leads from an input that is used to an output;
        `dead_neurons`, hidden units that put out 0 on every row of that split; `live_units`, those
        that are not dead and lie on such a path. A hidden unit of a convolutional network is a
        pooled feature, one filter in one window, so a window that is always black has dead units
        and no dead filter: such networks also have `dead_filters`, filters all of whose features
        are dead, and `live_filters`, those with a live unit.
    """
    linked = linked_units(population, split.active)
    connected = np.array([network.connected(split.active) for network in population])
    gone = (population.zeros_each() - dense.zeros_each()) / dense.weights_each
    parts, threshold, observations = {"val": split.validation, "test": split.test}, None, []
    for name, data in parts.items():
        if not len(data.y):
            continue
        logits, peaks = population.respond(population.prepare(data.x, split.active))
        found = scores(population.kind, logits, data.y)
        del found["loss"]
        if population.kind == "binary":
            unknown = np.full(len(population), np.nan)
            found["f1_rethreshold"] = (
                unknown if threshold is None else f1(logits[..., 0] - threshold, data.y)
            )
            if name == "val":
                threshold = best_threshold(logits[..., 0], data.y)[:, None]
        if name in splits:
            common = {"achieved_sparsity": gone, "split": name, **found, "connected": connected}
            units = {
                "dead_neurons": count_units(peaks == 0, population),
                "live_units": count_units((peaks > 0) & linked, population),
            }
            observations.append(common | units | _filters(population, peaks > 0, linked))
    if not observations:
        raise SettingsError(f"task {split.target.id}: no rows to score pruned networks on")
    return tidy(population.keys, observations)


def pruned_blocks(population: Population, split: Split) -> pd.DataFrame:
    """F1 without each block of test rows, from which a jackknife finds what a choice of rows owes.

    Returns:
        One row per member and block: `block, f1`.

    Raises:
        SettingsError: the networks do not tell two classes apart.
    """
    check_kind(population, "pruned_blocks", "binary")
    logits = population.logits(population.prepare(split.test.x, split.active))[..., 0]
    return tidy(population.keys, f1_blocks(logits, split.test.y))


def linked_units(
    population: Population, used: Bool[np.ndarray, " inputs"]
) -> Bool[np.ndarray, " units"]:
    """Hidden units that lie on a path of weights from a used input to an output."""
    layers = [
        layer for member in range(len(population)) for layer in population[member].linked(used)
    ]
    return np.concatenate([*layers, np.zeros(0, bool)])


def _filters(
    population: Population,
    answering: Bool[np.ndarray, " units"],
    linked: Bool[np.ndarray, " units"],
) -> dict[str, Int[np.ndarray, " members"]]:
    """How many filters of each member are dead and live; nothing where there are none."""
    architecture = population.architecture if isinstance(population, Stacked) else None
    if not isinstance(architecture, Convolutional):
        return {}
    answers, lives = (
        marked.reshape(len(population), -1, architecture.channels).any(axis=1)
        for marked in (answering, answering & linked)
    )
    return {"dead_filters": (~answers).sum(axis=1), "live_filters": lives.sum(axis=1)}


def count_units(
    of_unit: Bool[np.ndarray, " units"], population: Population
) -> Int[np.ndarray, " members"]:
    """How many of each member's hidden units are marked."""
    counts = np.bincount(population.owner, weights=of_unit, minlength=len(population))
    return counts.astype(np.int64)
