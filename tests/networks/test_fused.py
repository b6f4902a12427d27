"""The form that computes: gradients, packing, and rows on the device."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lowcap.networks.packed import columns_for, pack, unpack
from lowcap.networks.rows import as_floats, plain, with_ones
from tests.networks.made import fused

EVERYTHING = np.ones(10, bool)


@pytest.mark.parametrize(("precision", "error"), [("float32", 1e-4), ("bfloat16", 0.05)])
def test_gradients_are_finite_differences(precision, error):
    population = fused((1, 1, 3, 3, 7))
    packed = pack(population.arrays, population.layout, EVERYTHING)
    x = jnp.asarray(with_ones(np.random.default_rng(1).normal(size=(5, 10)), EVERYTHING).x)[:5]

    def total(network):
        return jnp.sin(network.logits(x.astype(precision)) / 4).sum()

    def exact(w1):
        hidden = np.maximum(w1 @ np.asarray(x, float).T, 0) * np.asarray(packed.w2, float)
        sums = np.add.reduceat(hidden, packed.layout.starts)
        return np.sin((sums + np.asarray(packed.b2, float)) / 4).sum()

    slopes = np.asarray(jax.grad(total)(packed).w1)
    w1, scale = np.asarray(packed.w1, float), np.abs(slopes).max()
    for place in [(0, 0), (4, 3), (8, 10), (14, 7)]:
        step = np.zeros_like(w1)
        step[place] = 1e-6
        slope = (exact(w1 + step) - exact(w1 - step)) / 2e-6
        assert abs(slopes[place] - slope) < error * scale


@pytest.mark.parametrize("kind", ["binary", "classes"])
def test_unpack_undoes_pack(kind):
    population = fused((0, 2, 3, 5), kind=kind)
    used = np.arange(10) % 3 == 0
    parts = [
        (some, pack(population.arrays, population.layout, used, some))
        for some in (np.array([1]), np.array([0, 2, 3]))
    ]
    blank = {name: np.zeros_like(a) for name, a in population.arrays.items()}
    blank["w1"][:, ~used] = population.w1[:, ~used]
    for some, packed in parts:
        unpack(some, packed, blank, population.layout, used)
    for name, values in population.arrays.items():
        np.testing.assert_array_equal(blank[name], values)


def test_bytes_stay_bytes_and_come_back_within_a_rounding():
    images = np.arange(256, dtype=np.uint8).astype(np.float32).reshape(32, 8) / 255
    rows = with_ones(images, np.ones(8, bool))
    assert rows.x.dtype == np.uint8
    np.testing.assert_allclose(jax.jit(as_floats)(rows.x)[:32, :8], images, rtol=2e-7)
    np.testing.assert_allclose(jax.jit(as_floats)(rows.x)[:32, 8], 1, rtol=2e-7)


def test_other_floats_are_kept_as_they_are():
    images = np.random.default_rng(0).random((32, 8), np.float32)
    used = np.arange(8) % 2 == 0
    rows = with_ones(images, used)
    np.testing.assert_array_equal(as_floats(rows.x)[:32, :4], images[:, used])
    np.testing.assert_array_equal(rows.x[:32, 4], 1)
    assert rows.x.shape[1] == columns_for(4)
    assert not np.any(rows.x[:, 5:])
    assert not np.any(as_floats(rows.x)[32:])
    assert rows.count == 32
    whole = plain(images)
    np.testing.assert_array_equal(whole.x[:32], images)
    assert not np.any(whole.x[32:])
