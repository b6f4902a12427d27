"""What every measure starts from: the answers of all members to a set of images."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jax import lax
from jaxtyping import Array, Bool, Float

from lowcap.networks import Fused, Layout, Member
from lowcap.training import ROW_CHUNK, Rows, as_floats


@jax.jit
def _respond(
    network: Fused, rows: Rows
) -> tuple[Float[Array, "members rows"], Float[Array, " units"]]:
    """Logits, and each unit's largest activation; a chunk at a time, padding left out."""

    def add(chunk, carry):
        logits, largest = carry
        start = chunk * ROW_CHUNK
        hidden = network.hidden(as_floats(lax.dynamic_slice_in_dim(rows.x, start, ROW_CHUNK)))
        real = start + jnp.arange(ROW_CHUNK) < rows.count
        largest = jnp.maximum(largest, jnp.where(real, hidden, 0).max(axis=1))
        answers = network.readout(hidden)
        return lax.dynamic_update_slice_in_dim(logits, answers, start, axis=1), largest

    layout = network.layout
    nothing = jnp.zeros((layout.members, len(rows.y))), jnp.zeros(layout.units)
    return lax.fori_loop(0, -(-rows.count // ROW_CHUNK), add, nothing)


def respond(
    network: Fused, rows: Rows
) -> tuple[Float[np.ndarray, "members images"], Bool[np.ndarray, " units"]]:
    """Every member's logit for every image, and which hidden units answer to any of them."""
    logits, largest = jax.device_get(_respond(network, rows))
    return logits[:, : rows.count], largest > 0


def dead_neurons(alive: Bool[np.ndarray, " units"], layout: Layout) -> np.ndarray:
    """How many hidden units of each member put out 0 on every image (2507.16278, sec. 4.4)."""
    return np.bincount(layout.owner, weights=~alive, minlength=layout.members).astype(np.int64)


def keys(members: tuple[Member, ...]) -> pd.DataFrame:
    """The columns that tell the members apart in every table."""
    return pd.DataFrame(
        {
            "hidden": [member.hidden for member in members],
            "learning_rate": [member.learning_rate for member in members],
            "seed": [member.seed for member in members],
        }
    )


def tidy(members: tuple[Member, ...], observations: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One row a member for each observation, whose values are scalars or arrays over members.

    Made in one go: hundreds of small frames cost more than the networks they speak of.
    """
    count = len(members)
    columns = {
        name: np.concatenate([np.broadcast_to(seen[name], count) for seen in observations])
        for name in observations[0]
    }
    repeated = np.tile(np.arange(count), len(observations))
    return keys(members).iloc[repeated].reset_index(drop=True).assign(**columns)
