"""Whole filters: worth what a loop says, and networks without some of them."""

from dataclasses import replace

import numpy as np
import pytest

from lowcap import array_task, fit
from lowcap.errors import SettingsError
from lowcap.networks import (
    Convolutional,
    Dense,
    filter_scores,
    first_filters,
    stack,
    strongest_filters,
    together,
    with_filters,
    without_filters,
)

SIZES = Convolutional(5, 3, 2, 1, side=8, outputs=2, filter_bias=True, colours=2)
HOW = {"epochs": 4, "batch_size": 16, "optimizer": "momentum", "stop": "validation"}
X = np.random.default_rng(0).normal(size=(700, SIZES.inputs)).astype(np.float32)


@pytest.fixture
def population():
    start = stack(SIZES, [0, 1, 2], [0.1, 0.2, 0.3])
    rng = np.random.default_rng(1)
    moved = {name: a + rng.normal(0, 0.1, a.shape) for name, a in start.arrays.items()}
    return start.with_arrays(moved)


def test_filters_are_worth_what_a_loop_says(population):
    norms = filter_scores(population, X, "norm")
    parts = filter_scores(population, X, "contribution")
    for member, network in enumerate(population):
        hidden = network.hidden(X)
        for channel in range(5):
            own = SIZES.channel_of_unit == channel
            head = network.params["dense"][own]
            norm = np.linalg.norm(network.params["filters"][channel]) * np.linalg.norm(head)
            assert norms[member, channel] == pytest.approx(norm, rel=1e-5)
            term = hidden[:, own] @ head
            part = np.sqrt((term.std(axis=0) ** 2).sum())
            assert parts[member, channel] == pytest.approx(part, rel=1e-4)


@pytest.mark.parametrize("count", [1, 3, 5])
@pytest.mark.parametrize("sparsity", [0, 0.6])
def test_networks_without_filters_answer_as_if_these_were_silent(population, count, sparsity):
    pruned = population.pruned(sparsity)
    kept = strongest_filters(filter_scores(pruned, X, "norm"), count)
    assert kept.sum(axis=1).tolist() == [count] * 3
    smaller = without_filters(pruned, kept)
    assert smaller.architecture == Convolutional(
        count, 3, 2, 1, side=8, outputs=2, filter_bias=True, colours=2
    )
    assert (smaller.seeds, smaller.learning_rates) == (pruned.seeds, pruned.learning_rates)
    silent = kept[:, SIZES.channel_of_unit][:, :, None] * pruned.arrays["dense"]
    expected = pruned.with_arrays(pruned.arrays | {"dense": silent})
    np.testing.assert_allclose(smaller.logits(X[:9]), expected.logits(X[:9]), rtol=1e-4, atol=1e-4)
    if sparsity:
        assert smaller.masks is not None
        for name, mask in smaller.masks.items():
            np.testing.assert_array_equal(mask, smaller.arrays[name] != 0)


def test_the_strongest_stay_and_ties_go_to_the_first():
    worth = np.array([[1.0, 3, 2, 3], [0, 0, 0, 0]])
    kept = strongest_filters(worth, 2)
    assert kept.tolist() == [[False, True, False, True], [True, True, False, False]]


def test_unequal_numbers_and_other_networks_are_refused(population):
    for wrong in ([[1, 1, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0]], np.zeros((3, 5))):
        with pytest.raises(SettingsError, match="each member needs as many"):
            without_filters(population, np.array(wrong, bool))
    dense = stack(Dense(4, (3,), 1), [0])
    with pytest.raises(SettingsError, match="have no filters"):
        filter_scores(dense, np.zeros((2, 4), np.float32), "norm")


@pytest.mark.parametrize("bias", [True, False])
def test_silent_company_changes_no_training(bias):
    """Networks of 2 and 5 filters trained as one population of 5 become what they would alone."""
    y = (X[:200, :60].sum(axis=1) > 0).astype(int)
    split = array_task(X[:200], y).split(0)
    alone, company = [], []
    for channels in (2, 5):
        sizes = replace(SIZES, channels=channels, outputs=1, filter_bias=bias)
        start = stack(sizes, [0, 1], [0.03, 0.1], kind="binary")
        company.append(with_filters(start, 5))
        alone.append(fit(start, split, **HOW).population)
    joined = together(company)
    parts = joined.apart(fit(joined.population, split, **HOW).population)
    for one, part in zip(alone, parts, strict=True):
        again = first_filters(part, one.architecture.channels)
        assert again.architecture == one.architecture
        assert again.masks is None
        for name, values in one.arrays.items():
            np.testing.assert_allclose(again.arrays[name], values, atol=2e-5, err_msg=name)
        silent = part.arrays["filters"][:, one.architecture.channels :]
        assert not silent.any()


def test_company_comes_and_goes(population):
    larger = with_filters(population, 9)
    np.testing.assert_allclose(larger.logits(X), population.logits(X), atol=1e-4)
    again = first_filters(larger, 5)
    for name, values in population.arrays.items():
        np.testing.assert_array_equal(again.arrays[name], values)
    with pytest.raises(SettingsError, match="5 filters cannot be given 3"):
        with_filters(population, 3)
    with pytest.raises(SettingsError, match="with masks"):
        with_filters(population.pruned(0.5), 9)
    with pytest.raises(SettingsError, match="no first 6"):
        first_filters(population, 6)
