"""Magnitude pruning of every member at once, and what it costs (2507.16278, sec. 3.3 and 4.3)."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from lowcap.data import Split
from lowcap.measures.blocks import f1_without, image_blocks
from lowcap.measures.scoring import keys, respond, tidy
from lowcap.networks import GLOBAL, PruningRule, Wide
from lowcap.training import Fitted, auc, best_threshold, f1, narrow, to_device


class Pruned(NamedTuple):
    """What `prune_by` gives."""

    table: pd.DataFrame
    blocks: pd.DataFrame
    """The F1 of each row of the table when a block of test images is left out; see `prune_by`."""


def prune(
    fitted: Fitted, split: Split, sparsity: Iterable[float], rule: PruningRule = GLOBAL
) -> pd.DataFrame:
    """Prune every member once at each sparsity, without retraining, and score what is left.

    Exactly k of n weights are set to 0, those of smallest magnitude; weights of pixels that are
    0 in every image count like any other; biases stay.

    Args:
        fitted: the trained population.
        split: the task's data; validation and test rows are scored.
        sparsity: fractions of the weights to remove; 0 gives the dense network's row.
        rule: which weights are compared with one another, and how many go.

    Returns:
        One row per member, sparsity and split (val, test): `rule, requested_sparsity,
        achieved_sparsity` (fraction of all weights that were removed), `split, f1, auc`;
        `f1_rethreshold`, F1 at the threshold that is best on validation data (NaN on validation
        data themselves); `connected`, whether any path leads from a pixel that is used to the
        output; `dead_neurons`, hidden units that put out 0 on every image of that split;
        `live_units`, those that are not dead and still hang between pixels and output.

    Example:
        >>> table = prune(fitted, split, [0.0, 0.95])
        >>> table.query("split == 'test' and connected").groupby("hidden")["f1"].mean()
    """
    return prune_by(fitted, split, {rule: tuple(sparsity)}).table


def prune_by(
    fitted: Fitted,
    split: Split,
    levels: Mapping[PruningRule, Iterable[float]],
    *,
    splits: Iterable[str] = ("val", "test"),
    blocks: Iterable[float] = (),
) -> Pruned:
    """As `prune`, by several rules, each at its own sparsities.

    Args:
        fitted: the trained population.
        split: the task's data.
        levels: sparsities by rule.
        splits: which rows to score: "val", "test" or both.
        blocks: sparsities at which the test images are looked at block by block: a second table
            has `rule, requested_sparsity, block, f1`, the F1 without that twentieth of the images,
            from which a jackknife finds how much of a score is owed to the choice of images.
    """
    splits, blocks = tuple(splits), tuple(blocks)
    parts = {"val": split.validation, "test": split.test}
    rows = {name: (to_device(parts[name], split.active), parts[name].y) for name in splits}
    if "test" in splits and "val" not in splits:
        rows = {"val": (to_device(split.validation, split.active), split.validation.y), **rows}
    owners = image_blocks(split.test.y)
    seen, left_out = [], []
    for rule, chosen in levels.items():
        for level in chosen:
            pruned = fitted.pruned(level, rule)
            state = _structure(pruned, fitted.wide, split.active)
            common = {"rule": rule.name, "requested_sparsity": level}
            threshold = np.full(len(fitted.members), np.nan)
            for name, (data, labels) in rows.items():
                logits, alive = respond(narrow(pruned, split.active), data)
                if name == "val":
                    threshold = best_threshold(logits, labels)
                if name in splits:
                    again = f1(logits - threshold[:, None], labels)
                    seen.append(
                        {
                            **common,
                            "achieved_sparsity": state.achieved,
                            "split": name,
                            "f1": f1(logits, labels),
                            "auc": auc(logits, labels),
                            "f1_rethreshold": again if name == "test" else np.nan,
                            "connected": state.connected > 0,
                            "dead_neurons": _count(~alive, pruned),
                            "live_units": _count(alive & state.linked, pruned),
                        }
                    )
                if name == "test" and level in blocks:
                    without = f1_without(logits, labels, owners)
                    left_out += [
                        {**common, "block": b, "f1": scores} for b, scores in enumerate(without.T)
                    ]
    members = fitted.members
    empty = keys(()).assign(rule=[], requested_sparsity=[], block=[], f1=[])
    return Pruned(tidy(members, seen), tidy(members, left_out) if left_out else empty)


class _Structure(NamedTuple):
    achieved: Float[np.ndarray, " members"]
    linked: Bool[np.ndarray, " units"]
    """Units with a weight from some pixel that is used, and a weight to the output."""
    connected: Int[np.ndarray, " members"]
    """How many such units each member has."""


def _structure(pruned: Wide, dense: Wide, active: Bool[np.ndarray, " pixels"]) -> _Structure:
    w1, w2 = np.asarray(pruned.w1), np.asarray(pruned.w2)
    gone1 = (w1 == 0) & (np.asarray(dense.w1) != 0)
    gone2 = (w2 == 0) & (np.asarray(dense.w2) != 0)
    weights = np.asarray(dense.layout.hidden) * (w1.shape[1] + 1)
    linked = (w1[:, active] != 0).any(axis=1) & (w2 != 0)
    achieved = _sum(gone1.sum(axis=1) + gone2, pruned) / weights
    return _Structure(achieved, linked, _count(linked, pruned))


def _sum(of_unit: np.ndarray, wide: Wide) -> np.ndarray:
    layout = wide.layout
    return np.bincount(layout.owner, weights=of_unit, minlength=layout.members)


def _count(of_unit: Bool[np.ndarray, " units"], wide: Wide) -> Int[np.ndarray, " members"]:
    return _sum(of_unit, wide).astype(np.int64)
