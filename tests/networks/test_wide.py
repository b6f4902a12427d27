import numpy as np

from lowcap.networks import grid, initialise, take


def test_probability_does_not_overflow():
    net = take(initialise(grid([2]), 3), 0)
    with np.errstate(all="raise"):
        assert np.isfinite(net(np.full((2, 3), 1e4, np.float32))).all()
