"""Random masks and whole units: as many weights, the right units, the same networks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcap.errors import SettingsError
from lowcap.networks import (
    FIRST_LAYER,
    GLOBAL,
    ROUNDED,
    random_masks,
    strongest_units,
    unit_scores,
    without_units,
)
from tests.networks.made import fused, stacked_like

X = np.random.default_rng(3).normal(size=(50, 10)).astype(np.float32)
USED = np.arange(10) % 3 > 0


def generator(member):
    return np.random.default_rng([7, member])


@given(
    sparsity=st.floats(0.05, 0.99),
    rule=st.sampled_from([GLOBAL, FIRST_LAYER, ROUNDED]),
    form=st.sampled_from(["fused", "stacked"]),
)
def test_random_masks_keep_as_many_weights_in_every_place(sparsity, rule, form):
    dense = fused((3, 3)) if form == "fused" else stacked_like(fused((3, 3)))
    pruned = dense.pruned(sparsity, rule)
    assert pruned.masks is not None
    masks = random_masks(pruned, USED, generator)
    for member in range(len(pruned)):
        for name, part in pruned.layers_of(member).items():
            own, other = pruned.masks[name][part], masks[name][part]
            assert own.sum() == other.sum()
            if own.shape[-1] == len(USED):
                assert own[..., USED].sum() == other[..., USED].sum()


def test_random_masks_are_random_and_the_same_again():
    pruned = fused((8, 8), inputs=40).pruned(0.5)
    used = np.ones(40, bool)
    one, again = (random_masks(pruned, used, generator) for _ in range(2))
    assert pruned.masks is not None
    np.testing.assert_array_equal(one["w1"], again["w1"])
    assert (one["w1"] != pruned.masks["w1"]).mean() > 0.3
    assert (one["w1"][:8] != one["w1"][8:]).mean() > 0.3
    with pytest.raises(SettingsError, match="pruned population"):
        random_masks(fused((3,)), USED, generator)


def test_units_are_worth_what_a_loop_says():
    population = fused((0, 2, 5))
    norms, parts = unit_scores(population, X, "norm"), unit_scores(population, X, "contribution")
    expected_norm, expected_part = [], []
    for network in list(population)[1:]:
        hidden = np.maximum(X @ network.w1.T + network.b1, 0)
        for unit in range(len(network.w1)):
            out = abs(network.w2[0, unit])
            expected_norm.append(np.sqrt((network.w1[unit] ** 2).sum()) * out)
            expected_part.append((hidden[:, unit] * network.w2[0, unit]).std())
    np.testing.assert_allclose(norms, expected_norm, rtol=1e-5)
    np.testing.assert_allclose(parts, expected_part, rtol=1e-4)


@settings(max_examples=12)  # every combination of sizes is a program of its own
@given(counts=st.tuples(st.integers(1, 2), st.integers(1, 5), st.integers(1, 7)))
def test_networks_without_units_answer_as_if_these_were_silent(counts):
    population = fused((2, 5, 7))
    kept = strongest_units(population, unit_scores(population, X, "norm"), np.array(counts))
    silent = population.masked({"w2": np.broadcast_to(kept[:, None], population.w2.shape)})
    thinned = without_units(population, kept)
    sizes = thinned.population.keys["hidden"].to_numpy()
    np.testing.assert_array_equal(sizes, np.array(counts)[thinned.member])
    np.testing.assert_allclose(
        thinned.population.logits(X), silent.logits(X)[thinned.member], atol=1e-5
    )


def test_the_strongest_units_stay_and_one_at_least():
    population = fused((2, 3))
    worth = np.array([1.0, 2.0, 3.0, 1.0, 3.0])
    kept = strongest_units(population, worth, np.array([1, 1]))
    assert kept.tolist() == [False, True, True, False, False]
    with pytest.raises(SettingsError, match="at least one hidden unit"):
        without_units(population, np.array([False, False, True, True, True]))
