"""Magnitude pruning of every member at once, and what it costs (2507.16278, sec. 3.3 and 4.3)."""

from collections.abc import Callable, Sequence

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pandas as pd

from lowcap.data import Split
from lowcap.measures.scoring import dead_neurons, respond, tidy
from lowcap.networks import Scope, Wide, removed
from lowcap.training import Fitted, auc, f1, narrow, to_device


def prune(
    fitted: Fitted,
    split: Split,
    sparsity: Sequence[float],
    *,
    scope: Scope = "layer",
    count: Callable[[int, float], int] = removed,
) -> pd.DataFrame:
    """Prune every member once at each sparsity, without retraining, and score what is left.

    Exactly k of a layer's n weights are set to 0, those of smallest magnitude; weights of pixels
    that never act count like any other; biases stay.

    Args:
        fitted: the trained population.
        split: the task's data; validation and test rows are scored.
        sparsity: fractions of the weights to remove; 0 gives the dense network's row.
        scope: each layer by itself, or both layers of a network together.
        count: k as a function of n and the sparsity: the nearest whole number of n x sparsity
            unless a study replays another rule.

    Returns:
        One row a member, sparsity and split (val, test): `scope, requested_sparsity,
        achieved_sparsity` (fraction of all weights that were removed), `split, f1, auc,
        dead_neurons` (hidden units that put out 0 on every image of that split).
    """
    layout, ranks = fitted.wide.layout, fitted.ranks(scope)
    rows = {
        "val": (to_device(split.validation, split.active), split.validation.labels),
        "test": (to_device(split.test, split.active), split.test.labels),
    }
    weights = np.asarray(layout.hidden) * (fitted.wide.w1.shape[1] + 1)
    seen = []
    for level in sparsity:
        keep1, keep2 = ranks.keep(level, count)
        cut = (~keep1).sum(axis=1) + ~keep2
        achieved = np.bincount(layout.owner, weights=cut, minlength=layout.members) / weights
        pruned = narrow(masked(fitted.wide, keep1, keep2), split.active)
        for name, (data, labels) in rows.items():
            logits, alive = respond(pruned, data)
            seen.append(
                {
                    "scope": scope,
                    "requested_sparsity": level,
                    "achieved_sparsity": achieved,
                    "split": name,
                    "f1": f1(logits, labels),
                    "auc": auc(logits, labels),
                    "dead_neurons": dead_neurons(alive, layout),
                }
            )
    return tidy(fitted.members, seen)


def masked(wide: Wide, keep1: np.ndarray, keep2: np.ndarray) -> Wide:
    """The population with every weight outside the masks set to 0."""
    return eqx.tree_at(
        lambda w: (w.w1, w.w2), wide, (wide.w1 * jnp.asarray(keep1), wide.w2 * jnp.asarray(keep2))
    )
