import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lowcap.errors import SettingsError
from lowcap.networks import FIRST_LAYER, GLOBAL, ROUNDED, MagnitudeRanks, PruningRule, removed

COARSE = st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0])  # so that ties are the rule
TRUNCATED = PruningRule("truncated", "each layer", lambda size, sparsity: int(sparsity * size))
LAYERS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 7)), min_size=1, max_size=3).flatmap(
    lambda shapes: st.tuples(*(hnp.arrays(float, shape, elements=COARSE) for shape in shapes))
)


def assert_smallest_go(values, keep, count):
    assert (~keep).sum() == count
    if keep.any() and not keep.all():
        assert np.abs(values[~keep]).max() <= np.abs(values[keep]).min()


@given(
    layers=LAYERS,
    sparsity=st.floats(0, 1),
    rule=st.sampled_from([ROUNDED, TRUNCATED, FIRST_LAYER]),
)
def test_exactly_k_of_smallest_magnitude_in_each_layer(layers, sparsity, rule):
    masks = MagnitudeRanks(layers).keep(sparsity, rule)
    for number, (layer, keep) in enumerate(zip(layers, masks, strict=True)):
        count = rule.count(layer.size, sparsity)
        if number and rule is FIRST_LAYER:
            count = 0
        elif number == len(layers) - 1:  # an output weight stays
            count = min(count, layer.size - 1)
        assert_smallest_go(layer, keep, count)


@given(layers=LAYERS, sparsity=st.floats(0, 1))
def test_exactly_k_of_smallest_magnitude_globally(layers, sparsity):
    masks = MagnitudeRanks(layers).keep(sparsity, GLOBAL)
    values = np.concatenate([layer.ravel() for layer in layers])
    keep = np.concatenate([mask.ravel() for mask in masks])
    assert_smallest_go(values, keep, round(sparsity * values.size))


@given(hidden=st.integers(1, 64), sparsity=st.floats(0, 1))
def test_a_rule_per_layer_never_cuts_a_network_in_two(hidden, sparsity):
    """Rounded, 95 % of 10 output weights would be all of them."""
    layers = [np.ones((hidden, 3)), np.ones((1, hidden))]
    for rule in (ROUNDED, TRUNCATED):
        assert MagnitudeRanks(layers).keep(sparsity, rule)[1].sum() >= 1


def test_ties_are_broken_by_position():
    ranks = MagnitudeRanks([np.ones((1, 4)), np.ones((1, 1))])
    np.testing.assert_array_equal(ranks.keep(0.5, ROUNDED)[0], [[False, False, True, True]])


@given(
    values=hnp.arrays(np.float32, st.integers(1, 12), elements=st.sampled_from([-1, 0, 1, np.nan])),
    sparsity=st.floats(0, 1),
)
def test_the_first_of_equal_magnitudes_go_and_nan_goes_last(values, sparsity):
    (keep,) = MagnitudeRanks([values]).keep(sparsity, GLOBAL)
    order = np.argsort(np.abs(values), kind="stable")
    np.testing.assert_array_equal(np.flatnonzero(~keep), np.sort(order[: (~keep).sum()]))
    assert (~keep).sum() == round(sparsity * values.size)


def test_impossible_settings():
    with pytest.raises(SettingsError, match="between 0 and 1"):
        removed(10, 95)
