import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lowcap.errors import SettingsError
from lowcap.networks import Layout, MagnitudeRanks, removed

SHAPES = st.tuples(
    st.lists(st.integers(1, 5), min_size=1, max_size=4).map(sorted), st.integers(1, 7)
)
COARSE = st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0])  # so that ties are the rule


@given(data=st.data(), shape=SHAPES, sparsity=st.floats(0, 1))
def test_exactly_k_of_smallest_magnitude_per_layer(data, shape, sparsity):
    hidden, pixels = shape
    layout = Layout(tuple(hidden))
    w1 = data.draw(hnp.arrays(float, (layout.units, pixels), elements=COARSE))
    w2 = data.draw(hnp.arrays(float, layout.units, elements=COARSE))
    keep1, keep2 = MagnitudeRanks(w1, w2, layout, "layer").keep(sparsity)
    for member in range(layout.members):
        units = layout.units_of(member)
        for values, keep in ((w1[units], keep1[units]), (w2[units], keep2[units])):
            assert (~keep).sum() == round(sparsity * values.size)
            if keep.any() and not keep.all():
                assert np.abs(values[~keep]).max() <= np.abs(values[keep]).min()


@given(data=st.data(), shape=SHAPES, sparsity=st.floats(0, 1))
def test_exactly_k_of_smallest_magnitude_globally(data, shape, sparsity):
    hidden, pixels = shape
    layout = Layout(tuple(hidden))
    w1 = data.draw(hnp.arrays(float, (layout.units, pixels), elements=COARSE))
    w2 = data.draw(hnp.arrays(float, layout.units, elements=COARSE))
    keep1, keep2 = MagnitudeRanks(w1, w2, layout, "global").keep(sparsity)
    for member in range(layout.members):
        units = layout.units_of(member)
        values = np.concatenate([w1[units].ravel(), w2[units]])
        keep = np.concatenate([keep1[units].ravel(), keep2[units]])
        assert (~keep).sum() == round(sparsity * values.size)
        if keep.any() and not keep.all():
            assert np.abs(values[~keep]).max() <= np.abs(values[keep]).min()


def test_ties_are_broken_by_position():
    ranks = MagnitudeRanks(np.ones((1, 4)), np.ones(1), Layout((1,)), "layer")
    np.testing.assert_array_equal(ranks.keep(0.5)[0], [[False, False, True, True]])


def test_impossible_settings():
    with pytest.raises(SettingsError, match="between 0 and 1"):
        removed(10, 95)
