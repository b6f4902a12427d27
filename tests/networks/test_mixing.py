from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcap.networks import mixing
from lowcap.networks.mixing import Alike, mix, sum_units
from lowcap.streams import stream

SIZES = st.dictionaries(st.integers(1, 12), st.integers(1, 3), min_size=1, max_size=4)


def _given(sizes, outputs, rows):
    alike = [Alike(size, count) for size, count in sorted(sizes.items())]
    units = sum(size * count for size, count in alike)
    numbers = stream("mixing", outputs, rows)
    values, weights = numbers.normal(size=(units, rows)), numbers.normal(size=(units, outputs))
    return alike, jnp.asarray(values, jnp.float32), jnp.asarray(weights, jnp.float32)


def _one_by_one(alike, values, weights):
    """Outputs of each member from its own units."""
    sizes = [size for size, count in alike for _ in range(count)]
    ends = np.cumsum(sizes)
    return np.stack([
        np.asarray(weights[end - size : end]).T @ np.asarray(values[end - size : end])
        for size, end in zip(sizes, ends, strict=True)
    ])  # fmt: skip


@pytest.mark.parametrize("count", [1, 3, 9])  # few members are added up by a product
def test_sums_and_their_gradients_are_each_members_own(count):
    alike, values, _ = _given({1: count, 4: count, 6: count}, 1, 5)
    sizes = [size for size, count in alike for _ in range(count)]
    ends = np.cumsum(sizes)
    made, back = jax.vjp(partial(sum_units, alike), values)
    expected = [np.asarray(values[e - s : e]).sum(0) for s, e in zip(sizes, ends, strict=True)]
    np.testing.assert_allclose(made, expected, rtol=1e-5, atol=1e-6)
    slope = stream("sum slope").normal(size=made.shape).astype(np.float32)
    np.testing.assert_array_equal(back(jnp.asarray(slope))[0], np.repeat(slope, sizes, axis=0))


@settings(max_examples=5)  # every combination of sizes is a program of its own
@given(SIZES, st.integers(2, 5), st.integers(1, 9))
def test_every_member_mixes_its_own_units(sizes, outputs, rows):
    alike, values, weights = _given(sizes, outputs, rows)
    expected = _one_by_one(alike, values, weights)
    mixed = jax.jit(partial(mix, alike))(values, weights)
    np.testing.assert_allclose(mixed, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("sizes", [{8: 2}, {4: 2, 6: 1, 12: 3}, {1: 3, 2: 1, 5: 2}])
def test_blocks_and_sizes_mix_and_learn_alike(sizes, monkeypatch):
    alike, values, weights = _given(sizes, 3, 7)
    slope = stream("mixing slope").normal(size=(sum(sizes.values()), 3, 7)).astype(np.float32)

    def both():
        @jax.jit
        def made(*factors):
            mixed, back = jax.vjp(partial(mix, alike), *factors)
            return mixed, *back(jnp.asarray(slope))

        return made(values, weights)

    by_blocks = both()
    monkeypatch.setattr(mixing, "_IN_CACHE", 0)
    for one, other in zip(by_blocks, both(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_a_step_of_several_sizes_takes_one_product():
    alike, values, weights = _given({4: 2, 6: 1, 12: 3}, 3, 7)
    program = str(jax.make_jaxpr(lambda *factors: mix(alike, *factors))(values, weights))
    assert program.count("dot_general") == 1
