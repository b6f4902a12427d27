"""Linear regions: how often units change their piece along a closed path (1802.08760, sec. 3.2)."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int

from lowcap.networks import Dense, Network, Population, dense_of, stacks_of
from lowcap.networks.architectures import Params


def codes(
    dense: Dense, params: Params, x: Float[Array, "points inputs"]
) -> Int[Array, "points units"]:
    """Of one member: the linear piece that each hidden unit of every layer is in."""
    before, _ = dense.responses(params, x)
    pieces = [dense.nonlinearity.piece(z) for z in before]
    return jnp.concatenate([*pieces, jnp.zeros((len(x), 0), jnp.int8)], axis=1)


def transitions(
    population: Population, paths: Float[np.ndarray, "paths steps inputs"]
) -> Int[np.ndarray, "members paths steps"]:
    """Changes of piece, summed over all hidden units, from each step of a closed path to the next.

    The last step leads back to the first. The sum over steps is the t of the paper. All zero for
    a smooth activation, which has no pieces.

    Raises:
        SettingsError: the networks are not fully connected.
    """
    changes = np.empty((len(population), *paths.shape[:2]), np.int32)
    for some, stacked in stacks_of(population):
        params = {name: jnp.asarray(values) for name, values in stacked.stacks.items()}
        crossed = _transitions(params, jnp.asarray(paths), dense_of(stacked.architecture))
        changes[some] = np.moveaxis(np.asarray(crossed), 0, 1)
    return changes


@partial(jax.jit, static_argnames="dense")
def _transitions(params, paths, dense):
    def of_member(one, path):
        here = codes(dense, one, path).astype(jnp.int32)
        return jnp.abs(jnp.roll(here, -1, axis=0) - here).sum(axis=1)

    return lax.map(lambda path: jax.vmap(of_member, in_axes=(0, None))(params, path), paths)


def region_map(
    network: Network, corners: Float[np.ndarray, "3 inputs"], side: int, reach: float = 0.5
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
    dense = network.dense

    @jax.jit
    def look(params, points):
        logits = dense.responses(params, points)[1]
        return codes(dense, params, points), logits.argmax(axis=1)

    pieces, predicted = jax.device_get(look(dict(network.params), flat))
    _, number = np.unique(pieces, axis=0, return_inverse=True)
    return number.reshape(side, side), predicted.reshape(side, side)


def picture_axes(side: int, reach: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Horizontal and vertical coordinates of a region map."""
    x = np.linspace(-reach, 1 + reach, side)
    return x, np.linspace(-reach, np.sin(np.pi / 3) + reach, side)
