"""What every measure starts from: tidy rows, and the scores of each kind of task."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from lowcap.data import Kind
from lowcap.errors import SettingsError
from lowcap.networks import Population
from lowcap.training import auc, f1, loss


def tidy(keys: pd.DataFrame, observations: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One row per member for each observation, whose values are scalars or arrays over members.

    Made in one go: hundreds of small frames cost more than the networks they speak of.

    Args:
        keys: the members' key columns, one row per member.
        observations: values by column name.
    """
    count = len(keys)
    columns = {
        name: np.concatenate([np.broadcast_to(one[name], count) for one in observations])
        for name in observations[0]
    }
    repeated = np.tile(np.arange(count), len(observations))
    return keys.iloc[repeated].reset_index(drop=True).assign(**columns)


def check_kind(population: Population, measure: str, *kinds: Kind) -> None:
    """Refuse networks of a kind that a measure means nothing for.

    Raises:
        SettingsError: the population is of another kind.
    """
    if population.kind not in kinds:
        raise SettingsError(
            f"{measure}: for networks of kind {' or '.join(kinds)}, not {population.kind}"
        )


def check_reference(population: Population, reference: Population) -> None:
    """Refuse a reference that is not one network for each member.

    Raises:
        SettingsError: there are more or fewer.
    """
    if len(reference) != len(population):
        raise SettingsError(f"{len(reference)} reference networks for {len(population)} members")


def scores(
    kind: Kind,
    logits: Float[np.ndarray, "members rows outputs"],
    y: Shaped[np.ndarray, " rows"],
) -> dict[str, Float[np.ndarray, " members"]]:
    """Loss and scores of every member on some rows, by name.

    Binary: `loss` (nats), `f1`, `auc`. Classes: `loss`, `accuracy`. Regression: `loss` (half the
    mean squared error) and `r2`.
    """
    if kind == "binary":
        one = logits[..., 0]
        return {"loss": loss(one, y), "f1": f1(one, y), "auc": auc(one, y)}
    if kind == "regression":
        squared = ((logits[..., 0].astype(np.float64) - y) ** 2).mean(axis=1)
        return {"loss": squared / 2, "r2": 1 - squared / np.var(y, dtype=np.float64)}
    shifted = logits.astype(np.float64) - logits.max(axis=2, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    own = np.take_along_axis(log_p, y[None, :, None].astype(np.int64), axis=2)[..., 0]
    return {"loss": -own.mean(axis=1), "accuracy": (logits.argmax(axis=2) == y).mean(axis=1)}
