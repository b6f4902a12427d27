"""Each member's outputs from its own hidden units, for members of several hidden sizes at once."""

from collections.abc import Sequence
from functools import partial
from math import gcd
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int

_BLOCKS_EACH = 16
"""Blocks of a member, on average, up to which their products are faster than those of sizes..."""

_IN_CACHE = 3 * 2**14
"""...if their outputs are not more numbers than this. Measured for 3, 10 and 26 outputs."""


_FEW_MEMBERS = 16
"""Members up to which one product adds up their units faster than a sum for each size does."""


class Alike(NamedTuple):
    """Members of one hidden size, which stand side by side."""

    size: int
    count: int


def sum_units(
    alike: Sequence[Alike], values: Float[Array, "units rows"]
) -> Float[Array, "members rows"]:
    """The sum over each member's units.

    Args:
        alike: hidden sizes, each with its number of members, in the order of the units.
        values: of all units of all members.
    """
    if sum(count for _, count in alike) <= _FEW_MEMBERS:
        return _by_product(tuple(alike), values)
    parts = lax.split(values, [size * count for size, count in alike])
    sums = [
        part.reshape(count, size, -1).sum(axis=1)
        for (size, count), part in zip(alike, parts, strict=True)
    ]
    return jnp.concatenate(sums)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _by_product(
    alike: tuple[Alike, ...], values: Float[Array, "units rows"]
) -> Float[Array, "members rows"]:
    """A product with a flat matrix of 0 and 1; its gradient, which only spreads, without one."""
    members = np.arange(sum(count for _, count in alike))
    return (members[:, None] == _owners(alike, 1)).astype(values.dtype) @ values


_by_product.defvjp(
    lambda alike, values: (_by_product(alike, values), None),
    lambda alike, _, slope: (slope.at[_owners(alike, 1)].get(mode="promise_in_bounds"),),
)


def mix(
    alike: Sequence[Alike],
    values: Float[Array, "units rows"],
    weights: Float[Array, "units outputs"],
) -> Float[Array, "members outputs rows"]:
    """The sum over each member's units of value times weight, for every output.

    A product for each hidden size costs little where members are many, but a step of a few small
    networks waits for the number of its products. Those take one, of blocks of as many units as
    divide all sizes, whose outputs are summed up.

    Args:
        alike: hidden sizes, each with its number of members, in the order of the units.
        values: of all units of all members.
        weights: from these units to the outputs of their member.
    """
    block = gcd(*(size for size, _ in alike))
    blocks = len(values) // block
    numbers = blocks * weights.shape[1] * values.shape[1]
    members = sum(count for _, count in alike)
    if len(alike) > 1 and blocks <= _BLOCKS_EACH * members and numbers <= _IN_CACHE:
        return _by_blocks(tuple(alike), block, weights, values)
    ends = [size * count for size, count in alike]
    parts = zip(alike, lax.split(values, ends), lax.split(weights, ends), strict=True)
    mixed = [
        _mixed(weight.reshape(count, size, -1), value.reshape(count, size, -1))
        for (size, count), value, weight in parts
    ]
    return mixed[0] if len(mixed) == 1 else jnp.concatenate(mixed)


@jax.custom_vjp
def _mixed(
    weights: Float[Array, "members units outputs"], values: Float[Array, "members units rows"]
) -> Float[Array, "members outputs rows"]:
    """Outputs of members of one size, written out with its gradient.

    XLA's small products are five times slower if their left factor has to be transposed on the
    way in, so the weights are transposed in memory first; the barrier keeps XLA from undoing that.
    """
    upright = lax.optimization_barrier(weights.transpose(0, 2, 1))
    return jnp.einsum("mou,mur->mor", upright, values)


def _forward(weights, values):
    return _mixed(weights, values), (weights, values)


def _backward(kept, slope):
    weights, values = kept
    return jnp.einsum("mur,mor->muo", values, slope), jnp.einsum("muo,mor->mur", weights, slope)


_mixed.defvjp(_forward, _backward)


@partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def _by_blocks(
    alike: tuple[Alike, ...],
    block: int,
    weights: Float[Array, "units outputs"],
    values: Float[Array, "units rows"],
) -> Float[Array, "members outputs rows"]:
    outputs = _mixed(*_in_blocks(block, weights, values))
    parts = lax.split(outputs, [count * size // block for size, count in alike])
    # Added up one by one: XLA makes one kernel of that, where each of its sums is one by itself.
    sums = [
        sum(part.reshape(count, size // block, *part.shape[1:]).transpose(1, 0, 2, 3))
        for (size, count), part in zip(alike, parts, strict=True)
    ]
    return jnp.concatenate(sums)


def _blocks_forward(alike, block, weights, values):
    return _by_blocks(alike, block, weights, values), (weights, values)


def _blocks_backward(alike, block, kept, slope):
    parts = _in_blocks(block, *kept)
    of_block = slope.at[_owners(alike, block)].get(mode="promise_in_bounds")
    return tuple(
        part.reshape(whole.shape)
        for part, whole in zip(_backward(parts, of_block), kept, strict=True)
    )


_by_blocks.defvjp(_blocks_forward, _blocks_backward)


def _in_blocks(block: int, *arrays: Float[Array, "units _"]) -> list[Float[Array, "blocks _ _"]]:
    return [array.reshape(-1, block, array.shape[1]) for array in arrays]


def _owners(alike: Sequence[Alike], block: int) -> Int[np.ndarray, " blocks"]:
    """The member that each block belongs to."""
    sizes = [size for size, count in alike for _ in range(count)]
    return np.repeat(np.arange(len(sizes)), np.asarray(sizes) // block)
