import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lowcap.errors import SettingsError
from lowcap.networks.activations import ACTIVATIONS
from lowcap.networks.stacked import Shape, Stacked, choose, stack


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_is_the_derivative_and_pieces_meet_at_kinks(name):
    activation = ACTIVATIONS[name]
    z = jnp.asarray(np.random.default_rng(0).normal(0, 4, 500), jnp.float32)
    expected = jax.vmap(jax.grad(activation.apply))(z)
    np.testing.assert_allclose(activation.slope(z), expected, atol=1e-6)
    pieces = np.asarray(activation.piece(z))
    assert set(pieces.tolist()) == set(range(len(activation.kinks) + 1))
    if activation.kinks:  # within a piece the slope is one number
        for piece in np.unique(pieces):
            assert np.ptp(np.asarray(expected)[pieces == piece]) == 0


def test_initial_weights_follow_the_rule_and_the_seed():
    shape = Shape(400, (300, 200), 10, "relu")
    one, two = stack(shape, [0, 1]), stack(shape, [1, 5])
    np.testing.assert_array_equal(one.weights[0][1], two.weights[0][0])
    for weight, inputs in zip(one.weights, (400, 300, 200), strict=True):
        assert np.std(weight) == pytest.approx(np.sqrt(2 / inputs), rel=0.05)
    tanh = stack(Shape(400, (300,), 10, "tanh"), [0])
    assert np.std(tanh.weights[0]) == pytest.approx(np.sqrt(1 / 400), rel=0.05)


@pytest.mark.parametrize("bias", [False, True])
def test_a_member_is_a_plain_network(bias):
    shape = Shape(5, (4, 3), 2, "hard tanh", bias)
    stacked = stack(shape, [3, 4, 9])
    if bias:
        drawn = tuple(b + 0.3 for b in stacked.biases)
        stacked = Stacked(stacked.weights, drawn, shape)
    assert sum(np.size(leaf) for leaf in jax.tree.leaves(stacked)) == 3 * shape.parameters
    x = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    logits = jax.vmap(Stacked.logits, in_axes=(0, None))(choose(stacked, [2, 0]), jnp.asarray(x))
    for place, member in enumerate((2, 0)):
        values = x
        for layer, weight in enumerate(stacked.weights):
            values = values @ np.asarray(weight[member]).T + (0.3 if bias else 0)
            if layer < 2:
                values = np.clip(values, -1, 1)
        np.testing.assert_allclose(logits[place], values, rtol=1e-5, atol=1e-6)


def test_impossible_shapes_are_refused():
    with pytest.raises(SettingsError, match="choose relu"):
        Shape(3, (2,), 2, "gelu")
    with pytest.raises(SettingsError, match="at least one unit"):
        Shape(3, (0,), 2)
    with pytest.raises(SettingsError):
        Shape(3, (), 2)
