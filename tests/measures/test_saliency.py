import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import spearmanr

from lowcap.measures.geometry import balanced
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
    region_shares,
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


def made_networks(split, *states):
    pixels = len(split.active)
    return {
        state: OneHiddenLayer(RNG.normal(size=(3, pixels)), np.zeros(3), RNG.normal(size=3), 0.0)
        for state in states
    }


def test_tables_are_means_over_the_images_of_each_block(split):
    nets = made_networks(split, "dense", "pruned")
    shares, agreements = saliency(nets, split, rows=44)
    assert set(agreements["state"]) == {"pruned"}
    assert set(shares["method"]) == set(METHODS)
    rows = shares[(shares["state"] == "dense") & (shares["method"] == "gradient")]
    images = balanced(split.test, 44).x
    whole = concentration(gradient(nets["dense"], images), images > 0.5)
    assert rows["images"].sum() == len(images)
    inside = rows["on_strokes"] * rows["images"]  # every image has strokes and a map
    assert inside.sum() / rows["images"].sum() == pytest.approx(np.nanmean(whole))


def test_an_empty_map_agrees_with_nothing_and_can_reach_nothing(split):
    nets = made_networks(split, "dense")
    pixels = len(split.active)
    nets["nothing"] = OneHiddenLayer(np.zeros((3, pixels)), np.zeros(3), np.ones(3), 0.0)
    _, agreements = saliency(nets, split, rows=8, methods=("gradient",))
    assert (agreements["empty"] == 1).all()
    for name in ("rank_correlation", "top_overlap", "attainable"):
        assert (agreements[name] == 0).all()


def test_region_shares_name_each_image_of_the_class_and_whether_it_is_right(split):
    (net,) = made_networks(split, "dense").values()
    table = region_shares(net, split, label=0)
    images = split.test.x[split.test.y == 0]
    assert table["image"].tolist() == list(range(len(images)))
    np.testing.assert_array_equal(table["correct"], net(images) < 0.5)
    region = np.broadcast_to(discriminating_region(split), images.shape)
    expected = concentration(finite_differences(net, images), region)
    np.testing.assert_allclose(table["published map"], expected)
