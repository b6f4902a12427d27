"""The form that computes, against single networks in NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lowcap.networks import from_arrays, grid, initialise, take, to_arrays
from lowcap.training import narrow
from tests import reference

MEMBERS = grid([1, 3, 3, 7], seed=[0, 1])


@pytest.fixture
def wide():
    rng = np.random.default_rng(0)
    start = initialise(MEMBERS, 10)
    weights = {n: rng.normal(size=a.shape).astype(np.float32) for n, a in to_arrays(start).items()}
    return from_arrays(weights, start.layout)


def with_ones(x, columns):
    padded = np.zeros((len(x), columns), np.float32)
    padded[:, : x.shape[1]], padded[:, x.shape[1]] = x, 1
    return jnp.asarray(padded)


def test_logits_are_those_of_the_members_by_themselves(wide):
    x = np.random.default_rng(1).random((5, 10), np.float32)
    fused = narrow(wide, np.ones(10, bool))
    logits = np.asarray(fused.logits(with_ones(x, fused.w1.shape[1])))
    for index in range(len(MEMBERS)):
        net = take(wide, index)
        expected = reference.logits(reference.Net(net.w1, net.b1, net.w2, net.b2), x)
        np.testing.assert_allclose(logits[index], expected, atol=1e-5)
        np.testing.assert_allclose(net(x), 1 / (1 + np.exp(-logits[index])), atol=1e-6)
        assert net.parameters == net.w1.size + 2 * len(net.w2) + 1


@pytest.mark.parametrize(("precision", "error"), [("float32", 1e-4), ("bfloat16", 0.05)])
def test_gradients_are_finite_differences(wide, precision, error):
    fused = narrow(wide, np.ones(10, bool))
    x = with_ones(np.random.default_rng(1).random((5, 10), np.float32), fused.w1.shape[1])

    def total(network):
        return jnp.sin(network.logits(x.astype(precision)) / 4).sum()

    def exact(w1):
        hidden = np.maximum(w1 @ np.asarray(x, float).T, 0) * np.asarray(fused.w2, float)[:, None]
        sums = np.add.reduceat(hidden, fused.layout.starts)
        return np.sin((sums + np.asarray(fused.b2, float)[:, None]) / 4).sum()

    slopes = np.asarray(jax.grad(total)(fused).w1)
    w1, scale = np.asarray(fused.w1, float), np.abs(slopes).max()
    for place in [(0, 0), (4, 3), (8, 10), (27, 7)]:
        step = np.zeros_like(w1)
        step[place] = 1e-6
        slope = (exact(w1 + step) - exact(w1 - step)) / 2e-6
        assert abs(slopes[place] - slope) < error * scale
