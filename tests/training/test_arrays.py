import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from lowcap.data import Labelled
from lowcap.networks import grid, initialise
from lowcap.training import as_floats, narrow, to_device
from lowcap.training.arrays import widen


def test_bytes_stay_bytes_and_come_back_within_a_rounding():
    images = np.arange(256, dtype=np.uint8).astype(np.float32).reshape(32, 8) / 255
    rows = to_device(Labelled(images, np.zeros(32, np.float32)), np.ones(8, bool))
    assert rows.x.dtype == np.uint8
    np.testing.assert_allclose(jax.jit(as_floats)(rows.x)[:32, :8], images, rtol=2e-7)
    np.testing.assert_allclose(jax.jit(as_floats)(rows.x)[:32, 8], 1, rtol=2e-7)


def test_other_floats_are_kept_as_they_are():
    images = np.random.default_rng(0).random((32, 8), np.float32)
    active = np.arange(8) % 2 == 0
    rows = to_device(Labelled(images, np.ones(32, np.float32)), active)
    np.testing.assert_array_equal(as_floats(rows.x)[:32, :4], images[:, active])
    np.testing.assert_array_equal(rows.x[:32, 4], 1)
    assert not np.any(rows.x[:, 5:])
    assert not np.any(as_floats(rows.x)[32:])
    assert not np.any(rows.y[32:])
    assert rows.count == 32


def test_widen_undoes_narrow():
    wide = initialise(grid([2, 3, 5]), 10)
    wide = eqx.tree_at(lambda w: (w.b1, w.b2), wide, (jnp.arange(10.0), jnp.arange(3.0)))
    active = np.arange(10) % 3 == 0
    parts = [(chosen, narrow(wide, active, chosen)) for chosen in (np.array([1]), np.array([0, 2]))]
    for ours, theirs in zip(
        jax.tree.leaves(widen(parts, wide, active)), jax.tree.leaves(wide), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
