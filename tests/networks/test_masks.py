import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lowcap.errors import SettingsError
from lowcap.networks import (
    FIRST_LAYER,
    GLOBAL,
    ROUNDED,
    Layout,
    MagnitudeRanks,
    PruningRule,
    removed,
)

SHAPES = st.tuples(
    st.lists(st.integers(1, 5), min_size=1, max_size=4).map(sorted), st.integers(1, 7)
)
COARSE = st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0])  # so that ties are the rule
TRUNCATED = PruningRule("truncated", "each layer", lambda size, sparsity: int(sparsity * size))


def weights(data, shape):
    hidden, pixels = shape
    layout = Layout(tuple(hidden))
    w1 = data.draw(hnp.arrays(float, (layout.units, pixels), elements=COARSE))
    return w1, data.draw(hnp.arrays(float, layout.units, elements=COARSE)), layout


def assert_smallest_go(values, keep, count):
    assert (~keep).sum() == count
    if keep.any() and not keep.all():
        assert np.abs(values[~keep]).max() <= np.abs(values[keep]).min()


@given(
    data=st.data(),
    shape=SHAPES,
    sparsity=st.floats(0, 1),
    rule=st.sampled_from([ROUNDED, TRUNCATED, FIRST_LAYER]),
)
def test_exactly_k_of_smallest_magnitude_in_each_layer(data, shape, sparsity, rule):
    w1, w2, layout = weights(data, shape)
    keep1, keep2 = MagnitudeRanks(w1, w2, layout).keep(sparsity, rule)
    for member in range(layout.members):
        units = layout.units_of(member)
        assert_smallest_go(w1[units], keep1[units], rule.count(w1[units].size, sparsity))
        output = min(rule.count(w2[units].size, sparsity), w2[units].size - 1)
        assert_smallest_go(w2[units], keep2[units], 0 if rule is FIRST_LAYER else output)


@given(data=st.data(), shape=SHAPES, sparsity=st.floats(0, 1))
def test_exactly_k_of_smallest_magnitude_globally(data, shape, sparsity):
    w1, w2, layout = weights(data, shape)
    keep1, keep2 = MagnitudeRanks(w1, w2, layout).keep(sparsity, GLOBAL)
    for member in range(layout.members):
        units = layout.units_of(member)
        values = np.concatenate([w1[units].ravel(), w2[units]])
        keep = np.concatenate([keep1[units].ravel(), keep2[units]])
        assert_smallest_go(values, keep, round(sparsity * values.size))


@given(hidden=st.integers(1, 64), sparsity=st.floats(0, 1))
def test_a_rule_per_layer_never_cuts_a_network_in_two(hidden, sparsity):
    """Rounded, 95 % of 10 output weights would be all of them."""
    w1, w2 = np.ones((hidden, 3)), np.ones(hidden)
    for rule in (ROUNDED, TRUNCATED):
        assert MagnitudeRanks(w1, w2, Layout((hidden,))).keep(sparsity, rule)[1].sum() >= 1


def test_ties_are_broken_by_position():
    ranks = MagnitudeRanks(np.ones((1, 4)), np.ones(1), Layout((1,)))
    np.testing.assert_array_equal(ranks.keep(0.5, ROUNDED)[0], [[False, False, True, True]])


def test_impossible_settings():
    with pytest.raises(SettingsError, match="between 0 and 1"):
        removed(10, 95)
