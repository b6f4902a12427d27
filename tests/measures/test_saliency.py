import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import spearmanr

from lowcap.measures.saliency import (
    METHODS,
    Ranked,
    concentration,
    discriminating_region,
    finite_differences,
    gradient,
    gradient_times_input,
    integrated_gradients,
    probability_gradient,
    saliency,
    smooth_gradient,
)
from lowcap.networks import OneHiddenLayer
from tests import reference

RNG = np.random.default_rng(0)
NET = OneHiddenLayer(RNG.normal(size=(7, 12)), RNG.normal(size=7), RNG.normal(size=7), 0.3)
IMAGES = RNG.random((20, 12))


def logit(x):
    return reference.logits(reference.Net(NET.w1, NET.b1, NET.w2, NET.b2), x)


def test_gradients_equal_finite_differences_of_scipy():
    for x, g, p in zip(
        IMAGES, gradient(NET, IMAGES), probability_gradient(NET, IMAGES), strict=True
    ):
        np.testing.assert_allclose(
            g, approx_fprime(x, lambda v: logit(v[None])[0], 1e-7), atol=1e-5
        )
        np.testing.assert_allclose(p, approx_fprime(x, lambda v: NET(v[None])[0], 1e-7), atol=1e-5)


def test_published_map_is_a_loop_over_pixels():
    expected = np.empty_like(IMAGES)
    for pixel in range(12):
        moved = IMAGES.copy()
        moved[:, pixel] += 0.1
        expected[:, pixel] = np.abs(NET(moved) - NET(IMAGES))
    np.testing.assert_allclose(finite_differences(NET, IMAGES), expected, atol=1e-12)


def test_integrated_gradients_are_complete():
    maps = integrated_gradients(NET, IMAGES, steps=2000)
    np.testing.assert_allclose(maps.sum(axis=1), logit(IMAGES) - logit(0 * IMAGES), atol=5e-3)


def test_linear_network_has_one_map():
    """With every unit always on, all methods on the logit agree with the weights."""
    net = OneHiddenLayer(NET.w1, np.full(7, 100.0), NET.w2, 0.0)
    weights = np.broadcast_to(NET.w2 @ NET.w1, IMAGES.shape)
    np.testing.assert_allclose(gradient(net, IMAGES), weights)
    np.testing.assert_allclose(smooth_gradient(net, IMAGES), weights)
    np.testing.assert_allclose(gradient_times_input(net, IMAGES), weights * IMAGES)
    np.testing.assert_allclose(integrated_gradients(net, IMAGES), weights * IMAGES)


def test_concentration_by_hand():
    region = np.array([[True, False, False, False]])
    assert concentration(np.array([[1.0, 1, 1, 1]]), region) == 1
    assert concentration(np.array([[-3.0, 1, 0, 0]]), region) == 3
    assert np.isnan(concentration(np.zeros((1, 4)), region))


def test_agreement_is_spearmans_and_overlap_counts():
    one, other = RNG.normal(size=(2, 5, 40))
    for value, a, b in zip(Ranked(one).agreement(Ranked(other)), one, other, strict=True):
        assert value == pytest.approx(spearmanr(np.abs(a), np.abs(b)).statistic)
    np.testing.assert_allclose(Ranked(one).agreement(Ranked(-2 * one)), 1)
    np.testing.assert_array_equal(Ranked(one).top_overlap(Ranked(one)), 1)
    shifted = Ranked(np.roll(np.eye(5, 40) * 5, 20, axis=1), share=0.025)
    np.testing.assert_array_equal(Ranked(np.eye(5, 40), share=0.025).top_overlap(shifted), 0)
    half = np.zeros((1, 40))
    half[0, [0, 1]] = 1  # of the strongest two, one is shared
    other = np.zeros((1, 40))
    other[0, [1, 2]] = 1
    np.testing.assert_array_equal(Ranked(half).top_overlap(Ranked(other)), 0.5)


def test_region_is_where_the_classes_differ(split):
    region = discriminating_region(split, share=2 / 36).reshape(6, 6)
    assert region[1, 1]
    assert region[2, 2]
    assert region.sum() == 2


def test_tables(split):
    pixels = len(split.active)
    nets = {
        state: OneHiddenLayer(RNG.normal(size=(3, pixels)), np.zeros(3), RNG.normal(size=3), 0.0)
        for state in ("trained", "pruned")
    }
    shares, agreements = saliency(nets, split, rows=8)
    images = shares["image"].nunique()
    assert len(shares) == 2 * len(METHODS) * images
    assert len(agreements) == len(METHODS) * images
    assert set(agreements["state"]) == {"pruned"}
