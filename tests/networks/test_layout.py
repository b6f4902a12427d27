import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcap.errors import SettingsError
from lowcap.networks import Layout, Member, grid


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40).map(sorted), st.integers(1, 60))
def test_portions_deal_every_member_out_once(hidden, units):
    layout = Layout(tuple(hidden))
    portions = layout.portions(units)
    assert sorted(np.concatenate(portions)) == list(range(layout.members))
    needed = min(-(-layout.units // units), layout.members)
    assert needed <= len(portions) <= 2 * needed
    for portion in portions:
        owners = layout.owner[layout.all_units_of(portion)]
        np.testing.assert_array_equal(np.unique(owners), portion)
        assert len(owners) == sum(hidden[member] for member in portion)


def test_portions_are_alike_where_they_can_be():
    layout = Layout(tuple(sorted((2, 4, 8) * 12)))
    portions = layout.portions(34)  # five would do, but only six can be alike
    assert len(portions) == 6
    assert {tuple(layout.hidden[m] for m in portion) for portion in portions} == {
        (2, 2, 4, 4, 8, 8)
    }


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
        lambda: Member(-1),
        lambda: Member(2, learning_rate=0.0),
        lambda: Member(2, learning_rate=float("nan")),
        lambda: Member(2, seed=-1),
    ],
)
def test_impossible_settings(make):
    with pytest.raises(SettingsError):
        make()


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=30).map(sorted), st.integers(1, 4), st.data()
)
def test_rows_of_some_members_are_those_that_they_own(hidden, outputs, data):
    layout = Layout(tuple(hidden), outputs)
    everyone = range(layout.members)
    some = np.array(data.draw(st.sets(st.sampled_from(everyone), min_size=1).map(sorted)))
    owned = np.flatnonzero(np.isin(layout.row_owner, some))
    np.testing.assert_array_equal(layout.all_rows_of(some), owned)
    units = np.flatnonzero(np.isin(layout.owner, some))
    np.testing.assert_array_equal(layout.all_units_of(some), units)
