"""Schedules reach what they should, step by step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcap.studies.retraining.schedule import gradual_sparsities, round_sparsities
from lowcap.studies.retraining.settings import units_left

LEVELS = st.lists(st.floats(0.05, 0.999), min_size=1, max_size=8, unique=True)


@given(levels=LEVELS, share=st.floats(0.01, 0.9))
def test_rounds_go_up_and_end_at_every_level(levels, share):
    found = round_sparsities(levels, share)
    assert found == sorted(found)
    assert set(levels) <= set(found)
    assert found[-1] == max(levels)
    assert found[0] > 0


def test_forty_rounds_remove_the_same_share_each():
    share = 1 - 0.005 ** (1 / 40)
    found = np.array(round_sparsities([0.995], share))
    assert len(found) == 40
    left = 1 - np.concatenate([[0], found])
    np.testing.assert_allclose(left[1:] / left[:-1], 1 - share, rtol=1e-6)


@given(level=st.floats(0.01, 0.999), epochs=st.integers(1, 40))
def test_gradual_pruning_is_fast_at_first_and_then_rests(level, epochs):
    found = np.array(gradual_sparsities(level, epochs))
    assert len(found) == epochs
    assert found[-1] == pytest.approx(level)
    steps = np.diff(np.concatenate([[0], found]))
    assert (steps >= 0).all()
    assert (np.diff(steps) <= 1e-9).all()


@given(hidden=st.integers(1, 64), sparsity=st.floats(0, 0.999))
def test_small_networks_have_at_least_as_many_weights(hidden, sparsity):
    units = units_left(hidden, sparsity)
    left = hidden * (1 - sparsity)
    assert units == 0 if left < 1 - 1e-6 else units >= left - 1e-6
    assert units < left + 1
