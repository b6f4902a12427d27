import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lowcap.errors import SettingsError
from lowcap.networks import ACTIVATIONS, Dense, parameters, stack


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_is_the_derivative_and_pieces_meet_at_kinks(name):
    activation = ACTIVATIONS[name]
    z = jnp.asarray(np.random.default_rng(0).normal(0, 4, 500), jnp.float32)
    expected = jax.vmap(jax.grad(activation.apply))(z)
    np.testing.assert_allclose(activation.slope(z), expected, atol=1e-6)
    np.testing.assert_allclose(activation.slope(np.asarray(z)), expected, atol=1e-6)
    np.testing.assert_allclose(activation.in_numpy(np.asarray(z)), activation.apply(z), atol=1e-6)
    pieces = np.asarray(activation.piece(z))
    assert set(pieces.tolist()) == set(range(len(activation.kinks) + 1))
    if activation.kinks:  # within a piece the slope is one number
        for piece in np.unique(pieces):
            assert np.ptp(np.asarray(expected)[pieces == piece]) == 0


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gains_are_those_of_rectifiers_and_saturating_functions(name):
    """2 keeps the mean square of a rectified unit's output near that of its input."""
    assert ACTIVATIONS[name].gain == (2.0 if name in ("relu", "relu6") else 1.0)


def test_initial_weights_follow_the_rule_and_the_seed():
    dense = Dense(400, (300, 200), 10, "relu")
    one, two = stack(dense, [0, 1]), stack(dense, [1, 5])
    np.testing.assert_array_equal(one.stacks["w1"][1], two.stacks["w1"][0])
    for layer, inputs in zip(dense.layers, (400, 300, 200), strict=True):
        assert np.std(one.stacks[layer]) == pytest.approx(np.sqrt(2 / inputs), rel=0.05)
        assert not one.stacks[layer.replace("w", "b")].any()
    tanh = stack(Dense(400, (300,), 10, "tanh"), [0])
    assert np.std(tanh.stacks["w1"]) == pytest.approx(np.sqrt(1 / 400), rel=0.05)


@pytest.mark.parametrize("bias", [False, True])
def test_parameters_are_the_sizes_of_all_arrays(bias):
    dense = Dense(5, (4, 3), 2, "hard tanh", bias)
    assert parameters(dense) == 5 * 4 + 4 * 3 + 3 * 2 + bias * (4 + 3 + 2)
    assert sum(a.size for a in stack(dense, [0, 1]).arrays.values()) == 2 * parameters(dense)


def test_impossible_shapes_are_refused():
    with pytest.raises(SettingsError, match="choose relu"):
        Dense(3, (2,), 2, "gelu")
    with pytest.raises(SettingsError, match="at least one unit"):
        Dense(3, (0,), 2)
