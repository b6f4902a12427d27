import numpy as np
import pytest
from sklearn.metrics import f1_score

from lowcap.data import Labelled
from lowcap.data.corruptions import gaussian_noise
from lowcap.measures import examples, robustness, robustness_by
from lowcap.networks import GLOBAL, grid
from lowcap.streams import stream
from lowcap.training import fit
from tests.measures.test_pruning import pruned_by_hand


def noisy(images, rng):
    return gaussian_noise(images, rng, 0.3)


def test_table_equals_single_networks_on_the_same_corrupted_copies(split, task):
    fitted = fit(grid([2, 5], learning_rate=[0.3]), split, epochs=10, batch_size=16)
    table = robustness(
        fitted, split.test, (6, 6), {("noise", 0.3): noisy}, draws=2, sparsity=(0.0, 0.5), seed=4
    )
    assert len(table) == 2 * 2 * (1 + 2)
    for index, member in enumerate(fitted.members):
        net = fitted.member(index)
        for row in table[table["hidden"] == member.hidden].to_dict("records"):
            x = split.test.x.reshape(-1, 6, 6)
            if row["corruption"] == "noise":
                x = noisy(x, stream("corruption", 4, 1, row["draw"]))
            x = x.reshape(len(x), -1)
            w1, w2 = net.w1, net.w2
            if row["requested_sparsity"]:
                w1, w2 = pruned_by_hand(net, row["requested_sparsity"], GLOBAL)
            logits = np.maximum(x @ w1.T + net.b1, 0) @ w2 + net.b2
            assert row["f1"] == pytest.approx(f1_score(split.test.y, logits >= 0))


def test_noise_reaches_pixels_that_were_never_trained(split):
    """The border is black in every image; a corruption that lights it must be felt."""

    def light_the_border(images, rng):
        out = images.copy()
        out[:, 0, :] = 1
        return out

    fitted = fit(grid([4]), split, epochs=2, batch_size=16)
    data = Labelled(split.test.x, split.test.y)
    one = fitted.member(0)(data.x)
    lit = light_the_border(data.x.reshape(-1, 6, 6), None).reshape(len(one), -1)
    expected = f1_score(data.y, fitted.member(0)(lit) >= 0.5)
    table = robustness(fitted, data, (6, 6), {("border", 1.0): light_the_border}, draws=1)
    assert table.set_index("corruption").loc["border", "f1"] == pytest.approx(expected)
    assert np.abs(fitted.member(0)(lit) - one).max() > 1e-3


def test_examples_are_the_first_of_each_class_corrupted(split):
    table = examples(split.test, (6, 6), {("noise", 0.3): noisy}, seed=2)
    first = np.stack([split.test.x[split.test.y == label][0] for label in (0, 1)])
    clean = table.query("corruption == 'none'")["value"].to_numpy().reshape(2, 36)
    np.testing.assert_array_equal(clean, first)
    shown = table.query("corruption == 'noise'")["value"].to_numpy()
    expected = noisy(first.reshape(2, 6, 6), stream("corruption", 2, 1, 0))
    np.testing.assert_allclose(shown, expected.ravel(), rtol=1e-6)


def test_blocks_are_means_over_draws_without_some_images(split):
    fitted = fit(grid([2], learning_rate=[0.3]), split, epochs=10, batch_size=16)
    found = robustness_by(
        fitted, split.test, (6, 6), {("noise", 0.3): noisy}, draws=2, seed=4, blocks=True
    )
    net, labels = fitted.member(0), split.test.y
    owner = np.empty(len(labels), int)
    for label in (0, 1):
        owner[labels == label] = np.arange((labels == label).sum()) % 20
    rows = found.blocks.query("corruption == 'noise' and block == 3")
    kept, expected = owner != 3, []
    for draw in range(2):
        x = noisy(split.test.x.reshape(-1, 6, 6), stream("corruption", 4, 1, draw))
        expected.append(f1_score(labels[kept], net(x.reshape(len(x), -1))[kept] >= 0.5))
    assert rows["f1"].tolist() == pytest.approx([np.mean(expected)])
