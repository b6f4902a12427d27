"""Trained populations that the tests of measures look at."""

import pytest

from lowcap.networks import Convolutional, Dense, Fused, Population, Stacked, grid, stack
from lowcap.training import fit


@pytest.fixture(scope="session")
def fused(split) -> Fused:
    members = grid([2, 5], seed=[0, 1], learning_rate=[0.3])
    trained = fit(members, split, epochs=15, batch_size=16).population
    assert isinstance(trained, Fused)
    return trained


@pytest.fixture(scope="session")
def deep(split) -> Stacked:
    """Networks of two hidden layers on the same task."""
    start = stack(Dense(36, (5, 4), 1), [0, 1], [0.1, 0.1], "binary")
    trained = fit(start, split, epochs=15, batch_size=16).population
    assert isinstance(trained, Stacked)
    return trained


@pytest.fixture(scope="session")
def convolutional(split) -> Stacked:
    """Networks of pooled filters on the same task."""
    sizes = Convolutional(3, 3, 2, 1, side=6, outputs=1, filter_bias=True)
    start = stack(sizes, [0, 1], [0.1, 0.1], "binary")
    trained = fit(start, split, epochs=15, batch_size=16).population
    assert isinstance(trained, Stacked)
    return trained


@pytest.fixture(scope="session", params=["fused", "deep"])
def population(request) -> Population:
    return request.getfixturevalue(request.param)
