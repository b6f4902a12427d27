import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcap.errors import SettingsError
from lowcap.networks import Layout, Member, grid


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40).map(sorted))
def test_sum_units_is_each_members_sum(hidden):
    layout = Layout(tuple(hidden))
    values = np.random.default_rng(0).normal(size=(3, layout.units)).astype(np.float32)
    expected = [values[:, layout.units_of(m)].sum(axis=1) for m in range(layout.members)]
    np.testing.assert_allclose(
        layout.sum_units(jnp.asarray(values)), np.stack(expected, axis=1), atol=1e-5
    )


def test_members_must_be_sorted():
    with pytest.raises(SettingsError, match="sorted by hidden size"):
        Layout((4, 2))


def test_grid_is_every_combination_in_order_of_size():
    members = grid(hidden=[8, 2], learning_rate=[0.1, 0.01], seed=range(3))
    assert len(members) == len(set(members)) == 12
    assert [member.hidden for member in members] == [2] * 6 + [8] * 6


@pytest.mark.parametrize(
    "make",
    [
        lambda: grid([]),
        lambda: Member(0),
        lambda: Member(2, learning_rate=0.0),
        lambda: Member(2, learning_rate=float("nan")),
        lambda: Member(2, seed=-1),
    ],
)
def test_impossible_settings(make):
    with pytest.raises(SettingsError):
        make()
