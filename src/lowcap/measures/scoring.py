"""What every measure starts from: the answers of all members to a set of images."""

import jax
import numpy as np
import pandas as pd
from jaxtyping import Array, Bool, Float, Int, UInt8

from lowcap.networks import Layout, Member, Wide
from lowcap.training import Rows, as_floats


@jax.jit
def _respond(
    wide: Wide, x: Float[Array, "rows pixels"] | UInt8[Array, "rows pixels"], count: Int[Array, ""]
) -> tuple[Float[Array, "rows members"], Float[Array, " units"]]:
    hidden = wide.hidden(as_floats(x))
    real = jax.numpy.arange(len(x))[:, None] < count
    return wide.readout(hidden), jax.numpy.where(real, hidden, 0).max(axis=0)


def respond(
    wide: Wide, rows: Rows
) -> tuple[Float[np.ndarray, "members images"], Bool[np.ndarray, " units"]]:
    """Every member's logit for every image, and which hidden units answer to any of them."""
    logits, largest = jax.device_get(_respond(wide, rows.x, rows.count))
    return logits[: rows.count].T, largest > 0


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
