import jax.numpy as jnp
import numpy as np

from lowcap.networks import from_arrays, grid, initialise, take, to_arrays
from tests import reference


def test_wide_is_its_members_side_by_side():
    rng = np.random.default_rng(0)
    members = grid([1, 3, 3, 7], seed=[0, 1])
    wide = initialise(members, 10)
    wide = from_arrays(
        {name: rng.normal(size=a.shape).astype(np.float32) for name, a in to_arrays(wide).items()},
        wide.layout,
    )
    x = rng.random((5, 10), np.float32)
    logits = np.asarray(wide.logits(jnp.asarray(x)))
    for index in range(len(members)):
        net = take(wide, index)
        np.testing.assert_allclose(
            logits[:, index], reference.logits(reference.Net(*_weights(net)), x), atol=1e-5
        )
        np.testing.assert_allclose(net(x), 1 / (1 + np.exp(-logits[:, index])), atol=1e-6)
        assert net.parameters == net.w1.size + 2 * len(net.w2) + 1


def _weights(net):
    return net.w1, net.b1, net.w2, net.b2


def test_probability_does_not_overflow():
    net = take(initialise(grid([2]), 3), 0)
    with np.errstate(all="raise"):
        assert np.isfinite(net(np.full((2, 3), 1e4, np.float32))).all()
