import numpy as np
import pytest

from lowcap.errors import SettingsError
from lowcap.networks import Member, grid, initialise, replay_normal


def test_replay_draws_in_the_order_of_a_script():
    np.random.seed(42)  # noqa: NPY002 - the very generator that is replayed
    expected = {}
    for hidden in (2, 3):
        for task in ("a", "b"):
            w1 = np.random.randn(5, hidden) * 0.1  # noqa: NPY002
            w2 = np.random.randn(hidden, 1) * 0.1  # noqa: NPY002
            expected[hidden, task] = w1, w2
    drawn = replay_normal(42, 5, (2, 3), ("a", "b"))
    for key, (w1, w2) in expected.items():
        np.testing.assert_array_equal(drawn[key][0], w1.T)
        np.testing.assert_array_equal(drawn[key][1], w2[:, 0])


def test_xavier_bounds_and_spread():
    wide = initialise([Member(64)], 784)
    bound = np.sqrt(6 / (784 + 64))
    assert np.abs(wide.w1).max() <= bound
    np.testing.assert_allclose(np.std(wide.w1), bound / np.sqrt(3), rtol=0.01)
    assert not np.any(wide.b1)
    assert not np.any(wide.b2)


def test_a_member_starts_the_same_in_any_company():
    alone = initialise([Member(4, seed=3)], 10)
    crowd = grid([2, 4, 8], seed=[1, 3], learning_rate=[0.1, 0.2])
    wide = initialise(crowd, 10)
    for index, member in enumerate(crowd):
        if (member.hidden, member.seed) == (4, 3):
            np.testing.assert_array_equal(wide.w1[wide.layout.units_of(index)], alone.w1)


def test_unknown_initialiser_lists_the_known():
    with pytest.raises(SettingsError, match="xavier_uniform, he_normal"):
        initialise([Member(2, initialiser="zeros")], 3)


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("xavier_uniform", np.sqrt(2 / (100 + 80)), np.sqrt(2 / (80 + 20))),
        ("he_normal", np.sqrt(2 / 100), np.sqrt(2 / 80)),
        ("normal_01", 0.1, 0.1),
    ],
)
def test_both_layers_have_the_spread_of_their_rule(name, first, second):
    drawn = initialise([Member(80, initialiser=name)], 100, 20, "classes")
    for weights, spread in ((drawn.w1, first), (drawn.w2, second)):
        assert weights.std() == pytest.approx(spread, rel=0.05)
        assert weights.mean() == pytest.approx(0, abs=spread / 10)
