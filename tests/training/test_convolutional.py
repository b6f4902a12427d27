from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.signal import correlate2d

from lowcap.errors import SettingsError
from lowcap.networks.convolutional import ConvShape, fresh
from lowcap.training.convolutional import error_rate, fit_convolutional

SHAPE = ConvShape(3, filter=3, pool=2, stride=2, side=14, classes=2)
RNG = np.random.default_rng(0)


def test_logits_are_scipys_correlation_pooled():
    network = fresh(SHAPE, 0)
    images = RNG.normal(size=(4, 196)).astype(np.float32)
    expected = []
    for image in images:
        features = []
        for kernel in np.asarray(network.filters).reshape(3, 3, 3):
            full = correlate2d(image.reshape(14, 14), kernel, mode="valid")[::2, ::2]
            full = full[: SHAPE.cells * 2, : SHAPE.cells * 2]
            pooled = full.reshape(SHAPE.cells, 2, SHAPE.cells, 2).max(axis=(1, 3))
            features.append(np.maximum(pooled, 0))
        expected.append(np.stack(features, axis=-1).ravel() @ np.asarray(network.dense))
    np.testing.assert_allclose(network.logits(jnp.asarray(images)), expected, rtol=1e-4, atol=1e-4)


def test_it_learns_where_a_bar_points():
    images = RNG.normal(0, 0.2, (240, 14, 14))
    labels = np.arange(240) % 2
    for image, label in zip(images, labels, strict=True):
        place = RNG.integers(2, 11)
        image[(place, slice(2, 12)) if label else (slice(2, 12), place)] += 2
    flat = images.reshape(240, -1).astype(np.float32)
    start = fresh(replace(SHAPE, channels=8), 0)
    trained = fit_convolutional(start, flat[:200], labels[:200], epochs=60, batch_size=20)
    assert error_rate(trained, flat[200:], labels[200:]) <= 0.1
    again = fit_convolutional(start, flat[:200], labels[:200], epochs=60, batch_size=20)
    for one, other in zip(jax.tree.leaves(trained), jax.tree.leaves(again), strict=True):
        np.testing.assert_array_equal(one, other)


def test_given_filters_are_used_and_sizes_checked():
    filters = RNG.normal(size=(3, 9)).astype(np.float32)
    np.testing.assert_array_equal(fresh(SHAPE, 0, filters).filters, filters)
    np.testing.assert_array_equal(fresh(SHAPE, 0, filters).dense, fresh(SHAPE, 0).dense)
    with pytest.raises(SettingsError, match="leave nothing to pool"):
        ConvShape(4, filter=5, pool=8, side=14)
