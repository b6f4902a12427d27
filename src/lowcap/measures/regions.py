"""Linear regions: how often units change their piece along a closed path (1802.08760, sec. 3.2)."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int

from lowcap.networks.stacked import Stacked


def codes(network: Stacked, x: Float[Array, "points inputs"]) -> Int[Array, "points units"]:
    """Of one member: the linear piece that each hidden unit of every layer is in."""
    before, _ = network.responses(x)
    return jnp.concatenate([network.activation.piece(z) for z in before], axis=1)


def transitions(
    stacked: Stacked, paths: Float[np.ndarray, "paths steps inputs"]
) -> Int[np.ndarray, "members paths steps"]:
    """Changes of piece, summed over all hidden units, from each step of a closed path to the next.

    The last step leads back to the first. The sum over steps is the t of the paper. All zero for
    a smooth activation, which has no pieces.
    """
    return np.moveaxis(np.asarray(_transitions(stacked, jnp.asarray(paths))), 0, 1)


@jax.jit
def _transitions(stacked, paths):
    def of_member(network, path):
        here = codes(network, path).astype(jnp.int32)
        return jnp.abs(jnp.roll(here, -1, axis=0) - here).sum(axis=1)

    return lax.map(lambda path: jax.vmap(of_member, in_axes=(0, None))(stacked, path), paths)


def region_map(
    network: Stacked, corners: Float[np.ndarray, "3 inputs"], side: int, reach: float = 0.5
) -> tuple[Int[np.ndarray, "side side"], Int[np.ndarray, "side side"]]:
    """Linear regions and predicted classes of one member on the plane through three points.

    The points are an equilateral triangle of side 1 in the picture's coordinates, whatever their
    distances are; the picture shows `reach` around it.

    Returns:
        The region of each place, numbered from 0; the class predicted there.
    """
    x, y = picture_axes(side, reach)
    base, first, second = corners[0], corners[1] - corners[0], corners[2] - corners[0]
    second_share = y[:, None] / np.sin(np.pi / 3) * np.ones(side)
    first_share = x[None, :] - second_share / 2
    places = base + first_share[..., None] * first + second_share[..., None] * second
    flat = jnp.asarray(places.reshape(side * side, -1), jnp.float32)
    pieces, predicted = jax.device_get(
        jax.jit(lambda n, p: (codes(n, p), n.logits(p).argmax(axis=1)))(network, flat)
    )
    _, number = np.unique(pieces, axis=0, return_inverse=True)
    return number.reshape(side, side), predicted.reshape(side, side)


def picture_axes(side: int, reach: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Horizontal and vertical coordinates of a region map."""
    x = np.linspace(-reach, 1 + reach, side)
    return x, np.linspace(-reach, np.sin(np.pi / 3) + reach, side)
