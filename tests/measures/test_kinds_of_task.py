"""Measures of networks for several classes and numbers; refusals where one means nothing."""

import numpy as np
import pytest

from lowcap.data import array_task
from lowcap.errors import SettingsError
from lowcap.measures import (
    attention_under,
    embedding,
    geometry,
    geometry_blocks,
    jacobian_norms,
    neurons,
    prune,
    pruned_blocks,
    robustness,
    robustness_blocks,
    saliency,
    saliency_agreement,
    scores,
    transitions,
)
from lowcap.measures.neurons import mutual_information, specialisation
from lowcap.measures.saliency import METHODS
from lowcap.networks import Convolutional, Dense, stack
from tests.measures.test_robustness import NOISE
from tests.networks.made import fused

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def several():
    """Images of three classes."""
    y = np.arange(90) % 3
    x = RNG.random((90, 36)).astype(np.float32) * 0.4
    x[np.arange(90), 7 * (1 + y)] = 1
    images = x.reshape(-1, 6, 6)
    return array_task(images, y, images[:30], y[:30]).split(0)


@pytest.mark.parametrize("kind", ["classes", "regression"])
def test_pruning_and_noise_are_scored_by_the_kinds_own_score(several, kind):
    population, score = fused((0, 3), 36, kind), {"classes": "accuracy", "regression": "r2"}[kind]
    table = prune(population, several, [0.0, 0.5])
    assert "f1" not in table
    for level, rows in table.groupby("requested_sparsity"):
        sparse = population.pruned(level)
        expected = scores(kind, sparse.logits(several.test.x), several.test.y)[score]
        np.testing.assert_allclose(rows.query("split == 'test'")[score], expected)
    noisy = robustness(population, several.test, (6, 6), NOISE, draws=1)
    clean = noisy.query("corruption == 'none'")[score]
    expected = scores(kind, population.logits(several.test.x), several.test.y)[score]
    np.testing.assert_allclose(clean, expected)


def test_probability_maps_of_several_classes_are_finite_differences(several):
    network, x = stack(Dense(36, (5, 4), 3), [0])[0], several.test.x[:4].astype(float)
    decisive = network(x).argmax(axis=1)
    slopes = METHODS["probability gradient"](network, x)
    steps = METHODS["finite differences"](network, x)
    for pixel in range(36):
        for step, found, tolerance in ((1e-5, slopes, 1e-5), (0.1, steps, 1e-6)):
            moved = x.copy()
            moved[:, pixel] += step
            change = (network(moved) - network(x))[np.arange(4), decisive]
            if found is steps:
                np.testing.assert_allclose(found[:, pixel], np.abs(change), atol=tolerance)
            else:
                np.testing.assert_allclose(found[:, pixel], change / step, atol=tolerance)


def test_norms_of_binary_networks_and_numbers_are_those_of_their_outputs(several):
    x = several.test.x[:5]
    for kind in ("binary", "regression"):
        population = fused((0, 4, 6), 36, kind)
        norms = jacobian_norms(population, x)
        for member, network in enumerate(population):
            slope = np.linalg.norm(network.gradient(x), axis=1)
            if kind == "binary":  # two probabilities, p and 1 - p
                p = network(x)
                slope = np.sqrt(2) * p * (1 - p) * slope
            np.testing.assert_allclose(norms[member], slope, rtol=1e-3)


def test_neurons_know_of_as_many_classes_as_there_are():
    labels = np.arange(300) % 3
    codes = np.stack([labels, np.zeros(300, int), labels == 2], axis=1).astype(int)
    bits = mutual_information(codes, labels)
    shares = np.array([1, 2]) / 3
    np.testing.assert_allclose(bits, [np.log2(3), 0, -(shares * np.log2(shares)).sum()])
    values = np.stack([labels == 0, np.ones(300), labels + 1.0], axis=1)
    np.testing.assert_allclose(specialisation(values, labels), [1, 0, 0.5])


def test_hidden_space_of_several_classes(several):
    population = fused((0, 6), 36, "classes")
    table = geometry(population, several, several.train)
    assert table["knn"].between(0, 1).all()
    assert table["probe"].iloc[0] == 1  # a pixel tells each class
    assert (neurons(population, several.train)["information"] <= np.log2(3) + 1e-9).all()
    maps = saliency(population, several, rows=15)
    assert set(maps["method"]) == set(METHODS)


REFUSED = {
    "pruned_blocks": lambda p, s: pruned_blocks(p, s),
    "robustness_blocks": lambda p, s: robustness_blocks(p, s.test, (6, 6), NOISE),
    "geometry": lambda p, s: geometry(p, s, s.test),
    "geometry_blocks": lambda p, s: geometry_blocks(p, s, s.test),
    "embedding": lambda p, s: embedding(p, s.test),
    "neurons": lambda p, s: neurons(p, s.test),
    "saliency": lambda p, s: saliency(p, s),
    "saliency_agreement": lambda p, s: saliency_agreement(p, s, reference=p),
    "attention_under": lambda p, s: attention_under(p, s, NOISE),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_means_nothing_for_numbers_is_refused_in_one_line(several, name):
    with pytest.raises(SettingsError, match="not regression"):
        REFUSED[name](fused((2,), 36, "regression"), several)


def test_a_reference_of_another_length_is_refused(several):
    population = fused((2, 3), 36, "classes")
    for measure in (
        lambda: geometry(population, several, several.test, reference=population.take([0])),
        lambda: saliency_agreement(population, several, reference=population.take([0])),
    ):
        with pytest.raises(SettingsError, match="1 reference networks for 2 members"):
            measure()


def test_regions_of_networks_that_are_not_fully_connected_are_refused(several):
    population = stack(Convolutional(2, 3, 2, 1, side=6, outputs=3), [0])
    with pytest.raises(SettingsError, match="needs fully connected networks"):
        transitions(population, several.test.x[None])


@pytest.mark.parametrize("kind", ["binary", "classes", "regression"])
def test_norms_of_convolutional_networks_are_those_of_their_gradients(several, kind):
    outputs = 3 if kind == "classes" else 1
    sizes = Convolutional(2, 3, 2, 1, side=6, outputs=outputs, padding=1, filter_bias=True)
    population, x = stack(sizes, [0, 1], kind=kind), several.test.x[:5]
    norms = jacobian_norms(population, x)
    for member, network in enumerate(population):
        one = np.eye(outputs)
        slopes = np.stack([network.gradient(x, np.tile(row, (5, 1))) for row in one], axis=1)
        p = network(x)
        if kind == "binary":
            slopes = slopes * np.sqrt(2) * (p * (1 - p))[:, None, None]
        elif kind == "classes":
            mixed = (p[:, :, None] * slopes).sum(axis=1, keepdims=True)
            slopes = p[:, :, None] * (slopes - mixed)
        expected = np.sqrt((slopes**2).sum(axis=(1, 2)))
        np.testing.assert_allclose(norms[member], expected, rtol=1e-3)
