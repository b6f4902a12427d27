"""Populations side by side are the same networks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcap.errors import SettingsError
from lowcap.networks import Convolutional, Fused, Population, stack, together
from tests.networks.made import OUTPUTS, fused, stacked_like

X = np.random.default_rng(2).normal(size=(40, 10)).astype(np.float32)
SIZES = st.lists(st.integers(0, 5), min_size=1, max_size=4).map(sorted)


def same(one: Population, other: Population) -> None:
    assert one.keys.equals(other.keys)
    for name, values in one.arrays.items():
        np.testing.assert_array_equal(values, other.arrays[name])


@settings(max_examples=8)  # every combination of sizes is a program of its own
@given(parts=st.lists(SIZES, min_size=1, max_size=4), kind=st.sampled_from(sorted(OUTPUTS)))
def test_parts_come_back_as_they_were(parts, kind):
    populations = [fused(tuple(sizes), kind=kind, seed=n) for n, sizes in enumerate(parts)]
    both = together(populations)
    assert sorted(both.population.keys["hidden"]) == list(both.population.keys["hidden"])
    for one, other in zip(populations, both.apart(both.population), strict=True):
        same(one, other)
    logits = both.population.logits(X)
    for number, one in enumerate(populations):
        np.testing.assert_allclose(logits[both.part == number], one.logits(X), atol=1e-5)


@pytest.mark.parametrize("form", ["fused", "stacked"])
def test_masks_stay_with_their_networks(form):
    dense = fused((3, 3)) if form == "fused" else stacked_like(fused((3, 3)))
    sparse = dense.pruned(0.5)
    both = together([dense, sparse])
    whole, pruned = both.apart(both.population)
    same(pruned, sparse)
    assert whole.masks is not None
    assert pruned.masks is not None
    assert sparse.masks is not None
    for name, mask in sparse.masks.items():
        assert whole.masks[name].all()
        np.testing.assert_array_equal(pruned.masks[name], mask)


def test_a_pruned_population_is_saved_without_its_zeros():
    both = together([fused((0, 2, 4)), fused((0, 2, 4)).pruned(0.9)]).population
    content = both.to_bytes()
    again = Population.from_bytes(content)
    same(both, again)
    assert both.masks is not None
    assert again.masks is not None
    for name, mask in both.masks.items():
        np.testing.assert_array_equal(again.masks[name], mask)
    large = fused((64,), inputs=100)
    assert len(large.pruned(0.9).to_bytes()) < len(large.to_bytes()) / 4


def test_what_differs_does_not_go_together():
    with pytest.raises(SettingsError, match="at least one population"):
        together([])
    with pytest.raises(SettingsError, match="inputs, outputs or kind"):
        together([fused((2,)), fused((2,), inputs=9)])
    with pytest.raises(SettingsError, match="fused and stacked"):
        together([fused((3,)), stacked_like(fused((3,)))])
    few, more = Convolutional(2, 3, 2, 1, 8), Convolutional(4, 3, 2, 1, 8)
    with pytest.raises(SettingsError, match="of one architecture"):
        together([stack(few, [0]), stack(more, [0])])
    alike = together([stack(few, [0], [0.1]), stack(few, [1, 2])]).population
    assert list(alike.keys["seed"]) == [0, 1, 2]
    assert not isinstance(alike, Fused)
