import numpy as np
import pytest
from sklearn.metrics import f1_score

from lowcap.data import Labelled, array_task
from lowcap.data.corruptions import gaussian_noise, occlusion
from lowcap.measures import examples, robustness, robustness_blocks
from lowcap.streams import stream
from tests.measures.single import answers, blocks_by_hand, layers_of, rows_of
from tests.networks.made import fused


def noisy(images, rng):
    return gaussian_noise(images, rng, 0.3)


NOISE = {("noise", 0.3): noisy}


@pytest.mark.parametrize("sparsity", [0.0, 0.5])
def test_table_equals_single_networks_on_the_same_corrupted_copies(population, split, sparsity):
    population = population.pruned(sparsity)
    table = robustness(population, split.test, (6, 6), NOISE, draws=2, seed=4)
    assert len(table) == len(population) * (1 + 2)
    for network, keys in zip(population, population.keys.to_dict("records"), strict=True):
        rows = rows_of(table, keys)
        assert rows["corruption"].tolist() == ["none", "noise", "noise"]
        for row in rows.to_dict("records"):
            x = split.test.x.reshape(-1, 6, 6)
            if row["corruption"] == "noise":
                x = noisy(x, stream("corruption", 4, 1, row["draw"]))
            logits = answers(layers_of(network), x.reshape(len(x), -1))[1]
            assert row["f1"] == pytest.approx(f1_score(split.test.y, logits >= 0))


def test_noise_reaches_pixels_that_were_never_trained(population, split):
    """The border is black in every image; a corruption that lights it must be felt."""

    def light_the_border(images, rng):
        out = images.copy()
        out[:, 0, :] = 1
        return out

    data = Labelled(split.test.x, split.test.y)
    lit = light_the_border(data.x.reshape(-1, 6, 6), None).reshape(len(data.y), -1)
    table = robustness(population, data, (6, 6), {("border", 1.0): light_the_border}, draws=1)
    expected = [f1_score(data.y, network(lit) >= 0.5) for network in population]
    assert table.query("corruption == 'border'")["f1"].tolist() == pytest.approx(expected)
    moved = [np.abs(network(lit) - network(data.x)).max() for network in population]
    assert min(moved) > 1e-3


def test_examples_are_the_first_of_each_class_corrupted(split):
    table = examples(split.test, (6, 6), NOISE, seed=2)
    first = np.stack([split.test.x[split.test.y == label][0] for label in (0, 1)])
    clean = table.query("corruption == 'none'")["value"].to_numpy().reshape(2, 36)
    np.testing.assert_array_equal(clean, first)
    shown = table.query("corruption == 'noise'")["value"].to_numpy()
    expected = noisy(first.reshape(2, 6, 6), stream("corruption", 2, 1, 0))
    np.testing.assert_allclose(shown, expected.ravel(), rtol=1e-6)


def test_blocks_are_means_over_draws_without_some_images(population, split):
    table = robustness_blocks(population, split.test, (6, 6), NOISE, draws=2, seed=4)
    labels = split.test.y
    kept = blocks_by_hand(labels) != 3
    for network, keys in zip(population, population.keys.to_dict("records"), strict=True):
        rows = rows_of(table, keys).query("corruption == 'noise' and block == 3")
        expected = []
        for draw in range(2):
            x = noisy(split.test.x.reshape(-1, 6, 6), stream("corruption", 4, 1, draw))
            right = network(x.reshape(len(x), -1))[kept] >= 0.5
            expected.append(f1_score(labels[kept], right))
        assert rows["f1"].tolist() == pytest.approx([np.mean(expected)])


def test_examples_say_class_and_place_of_every_pixel(split):
    table = examples(split.test, (6, 6), NOISE, seed=2)
    assert table["corruption"].tolist() == ["none"] * 72 + ["noise"] * 72
    assert table["severity"].tolist() == pytest.approx([0.0] * 72 + [0.3] * 72)
    assert table["label"].tolist() == ([0] * 36 + [1] * 36) * 2
    assert table["pixel"].tolist() == list(range(36)) * 4


@pytest.fixture(scope="module")
def coloured():
    """Images [6, 4, 3] of three classes, each with a bright pixel of its own colour."""
    y = np.arange(60) % 3
    images = np.random.default_rng(0).random((60, 6, 4, 3)).astype(np.float32) * 0.4
    images[np.arange(60), 3, 2, y] = 1
    return array_task(images, y, images[:30], y[:30]).split(0)


def test_colour_images_of_several_classes_are_corrupted_in_their_own_shape(coloured):
    population, shapes = fused((2, 3), 72, "classes"), []

    def covered(images, rng):
        shapes.append(images.shape)
        return occlusion(images, rng, 3)

    table = robustness(population, coloured.test, (6, 4, 3), {("cover", 3): covered}, draws=1)
    assert shapes == [(30, 6, 4, 3)]
    images = coloured.test.x.reshape(-1, 6, 4, 3)
    x = occlusion(images, stream("corruption", 0, 1, 0), 3).reshape(30, -1)
    predicted = population.logits(x.astype(np.float32)).argmax(axis=-1)
    expected = (predicted == coloured.test.y).mean(axis=1)
    np.testing.assert_allclose(table.query("corruption == 'cover'")["accuracy"], expected)


def test_examples_show_every_class_and_channel(coloured):
    table = examples(coloured.test, (6, 4, 3), NOISE)
    clean = table.query("corruption == 'none'")
    assert clean["label"].tolist() == np.repeat([0, 1, 2], 72).tolist()
    assert clean["pixel"].tolist() == list(range(72)) * 3
    np.testing.assert_array_equal(clean["value"], coloured.test.x[:3].ravel())
