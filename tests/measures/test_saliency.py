import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import spearmanr

from lowcap.measures.blocks import image_blocks
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
    saliency_agreement,
    smooth_gradient,
)
from lowcap.networks import Dense, Network, joined, one_hidden_layer
from tests.measures.single import rows_of

RNG = np.random.default_rng(0)
NET = one_hidden_layer(
    RNG.normal(size=(7, 12)), RNG.normal(size=7), RNG.normal(size=(1, 7)), np.full(1, 0.3)
)
IMAGES = RNG.random((20, 12))


def drawn(dense: Dense) -> Network:
    """A network with two classes and weights of the size that keeps its units busy."""
    params = {name: RNG.normal(size=shape) for name, shape in dense.shapes.items()}
    return Network(dense, params, "binary")


NETS = {
    "one hidden layer": NET,
    "two hidden layers": drawn(Dense(12, (6, 5), 1)),
    "tanh": drawn(Dense(12, (6,), 1, "tanh")),
    "no biases": drawn(Dense(12, (6,), 1, bias=False)),
    "linear": drawn(Dense(12, (), 1)),
}


@pytest.mark.parametrize("name", NETS)
def test_gradients_equal_finite_differences_of_scipy(name):
    net = NETS[name]
    for x, g, p in zip(
        IMAGES, gradient(net, IMAGES), probability_gradient(net, IMAGES), strict=True
    ):
        expected = approx_fprime(x, lambda v: net.logits(v[None])[0, 0], 1e-7)
        np.testing.assert_allclose(g, expected, atol=1e-5)
        np.testing.assert_allclose(p, approx_fprime(x, lambda v: net(v[None])[0], 1e-7), atol=1e-5)


def test_the_gradient_of_several_classes_is_the_likeliests():
    dense = Dense(12, (6, 5), 3, "tanh")
    net = Network(dense, drawn(dense).params, "classes")
    for x, g in zip(IMAGES, gradient(net, IMAGES), strict=True):
        likeliest = net.logits(x[None])[0].argmax()
        expected = approx_fprime(x, lambda v, c=likeliest: net.logits(v[None])[0, c], 1e-7)
        np.testing.assert_allclose(g, expected, atol=1e-5)


@pytest.mark.parametrize("name", NETS)
def test_published_map_is_a_loop_over_pixels(name):
    net = NETS[name]
    expected = np.empty_like(IMAGES)
    for pixel in range(12):
        moved = IMAGES.copy()
        moved[:, pixel] += 0.1
        expected[:, pixel] = np.abs(net(moved) - net(IMAGES))
    np.testing.assert_allclose(finite_differences(net, IMAGES), expected, atol=1e-12)


@pytest.mark.parametrize("name", NETS)
def test_integrated_gradients_are_complete(name):
    net = NETS[name]
    maps = integrated_gradients(net, IMAGES, steps=2000)
    expected = net.logits(IMAGES) - net.logits(0 * IMAGES)
    np.testing.assert_allclose(maps.sum(axis=1), expected[:, 0], atol=2e-2)


def test_linear_network_has_one_map():
    """With every unit always on, all methods on the logit agree with the weights."""
    net = one_hidden_layer(NET.w1, np.full(7, 100.0), NET.w2, np.zeros(1))
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


def made(split, seeds, scale=1.0):
    """Untrained networks with large weights, of which every image has a map."""
    dense = Dense(len(split.active), (6,), 1)
    weights = [
        {name: scale * RNG.normal(size=shape) for name, shape in dense.shapes.items()}
        for _ in seeds
    ]
    biases = {"b1": np.full(6, 2.0), "b2": np.zeros(1)}  # some unit answers to every image
    return joined(dense, [one | biases for one in weights], seeds, kind="binary")


def test_tables_are_means_over_the_images_of_each_block(split):
    population = made(split, [0, 1])
    table = saliency(population, split, rows=44)
    assert set(table["method"]) == set(METHODS)
    images = balanced(split.test, 44).x
    region = np.broadcast_to(discriminating_region(split), images.shape)
    for network, keys in zip(population, population.keys.to_dict("records"), strict=True):
        rows = rows_of(table, {"seed": keys["seed"], "method": "gradient"})
        assert rows["images"].sum() == len(images)
        for name, area in (("on_strokes", images > 0.5), ("on_region", region)):
            whole = concentration(gradient(network, images), area)
            inside = rows[name] * rows["images"]  # every image has strokes and a map
            assert inside.sum() / rows["images"].sum() == pytest.approx(whole.mean(), rel=1e-5)


def test_agreement_is_with_the_member_of_the_same_number(split):
    one, other = made(split, [0, 1]), made(split, [0, 1])
    data = balanced(split.test, 44)
    owners = image_blocks(data.y)
    table = saliency_agreement(one, split, reference=other, rows=44, methods=("gradient",))
    for member, seed in enumerate((0, 1)):
        maps = [Ranked(gradient(networks[member], data.x)) for networks in (one, other)]
        rows = rows_of(table, {"seed": seed}).set_index("block")
        for name, values in (
            ("rank_correlation", maps[0].agreement(maps[1])),
            ("top_overlap", maps[0].top_overlap(maps[1])),
            ("attainable", maps[0].attainable(maps[1])),
        ):
            expected = [values[owners == block].mean() for block in rows.index]
            np.testing.assert_allclose(rows[name], expected, atol=1e-6)
        assert (rows["empty"] == 0).all()


def test_an_empty_map_agrees_with_nothing_and_can_reach_nothing(split):
    dense, nothing = made(split, [0]), made(split, [0], scale=0.0)
    table = saliency_agreement(nothing, split, reference=dense, rows=8, methods=("gradient",))
    assert (table["empty"] == 1).all()
    for name in ("rank_correlation", "top_overlap", "attainable"):
        assert (table[name] == 0).all()


def test_region_shares_name_each_image_of_the_class_and_whether_it_is_right(split):
    net = made(split, [0])[0]
    table = region_shares(net, split, label=0)
    images = split.test.x[split.test.y == 0]
    assert table["image"].tolist() == list(range(len(images)))
    np.testing.assert_array_equal(table["correct"], net(images) < 0.5)
    region = np.broadcast_to(discriminating_region(split), images.shape)
    expected = concentration(finite_differences(net, images), region)
    np.testing.assert_allclose(table["published map"], expected)


def test_smooth_gradients_are_means_over_copies_with_noise_about_the_image():
    """Noise of spread 0.01 crosses no kink of most units; a shift of the images would."""
    far = np.linalg.norm(smooth_gradient(NET, IMAGES, 0.01) - gradient(NET, IMAGES), axis=1)
    assert np.median(far / np.linalg.norm(gradient(NET, IMAGES), axis=1)) < 0.05
    shifted = np.linalg.norm(gradient(NET, IMAGES + 1) - gradient(NET, IMAGES), axis=1)
    assert np.median(shifted) > 10 * np.median(far)
