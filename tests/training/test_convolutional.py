from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.signal import correlate2d

from lowcap.errors import SettingsError
from lowcap.networks.convolutional import ConvShape, fresh
from lowcap.training.convolutional import fit_convolutional, mistakes

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


def bars(count):
    """Images with a bar that lies (0) or stands (1)."""
    images = RNG.normal(0, 0.2, (count, 14, 14))
    labels = np.arange(count) % 2
    for image, label in zip(images, labels, strict=True):
        place = RNG.integers(2, 11)
        image[(place, slice(2, 12)) if label else (slice(2, 12), place)] += 2
    return images.reshape(count, -1).astype(np.float32), labels


def test_it_learns_where_a_bar_points():
    flat, labels = bars(240)
    start = fresh(replace(SHAPE, channels=8), 0)
    (trained,) = fit_convolutional([start], flat[:200], labels[:200], epochs=60, batch_size=20)
    assert mistakes(trained, flat[200:], labels[200:]).mean() <= 0.1
    (again,) = fit_convolutional([start], flat[:200], labels[:200], epochs=60, batch_size=20)
    for one, other in zip(jax.tree.leaves(trained), jax.tree.leaves(again), strict=True):
        np.testing.assert_array_equal(one, other)


def test_side_by_side_networks_become_what_they_become_alone():
    flat, labels = bars(60)
    starts = [fresh(SHAPE, seed) for seed in range(3)]
    together = fit_convolutional(starts, flat, labels, epochs=3, batch_size=20)
    for start, beside in zip(starts, together, strict=True):
        (alone,) = fit_convolutional([start], flat, labels, epochs=3, batch_size=20)
        np.testing.assert_allclose(alone.filters, beside.filters, atol=1e-4)
        np.testing.assert_allclose(alone.dense, beside.dense, atol=1e-4)


def test_until_fit_each_network_rests_once_it_makes_no_error():
    flat, labels = bars(60)
    starts = [fresh(SHAPE, seed) for seed in range(2)]
    options = {"epochs": 100, "batch_size": 20, "rate": 5e-3}
    fitted = fit_convolutional(starts, flat, labels, until_fit=True, **options)
    assert not any(mistakes(network, flat, labels).any() for network in fitted)
    (alone,) = fit_convolutional(starts[:1], flat, labels, until_fit=True, **options)
    (longer,) = fit_convolutional(starts[:1], flat, labels, **options)
    np.testing.assert_allclose(alone.filters, fitted[0].filters, atol=1e-3)
    assert np.abs(longer.filters - alone.filters).max() > 1e-2


def test_given_filters_are_used_and_sizes_checked():
    filters = RNG.normal(size=(3, 9)).astype(np.float32)
    np.testing.assert_array_equal(fresh(SHAPE, 0, filters).filters, filters)
    np.testing.assert_array_equal(fresh(SHAPE, 0, filters).dense, fresh(SHAPE, 0).dense)
    with pytest.raises(SettingsError, match="leave nothing to pool"):
        ConvShape(4, filter=5, pool=8, side=14)
