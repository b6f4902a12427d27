import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lowcap.measures.jacobian import jacobian_norms
from lowcap.networks import Dense, Stacked, stack
from lowcap.networks.activations import ACTIVATIONS

RNG = np.random.default_rng(0)


def with_biases(stacked: Stacked) -> Stacked:
    """The same networks with biases that are not 0, where they have any."""
    moved = {
        name: RNG.normal(0, 0.3, values.shape)
        for name, values in stacked.arrays.items()
        if name.startswith("b")
    }
    return stacked.with_arrays(stacked.arrays | moved)


def steeper(stacked: Stacked, gain: float) -> Stacked:
    """The same networks with the last weights times `gain`."""
    last = stacked.architecture.layers[-1]
    return stacked.with_arrays(stacked.arrays | {last: gain * stacked.arrays[last]})


def weights_of(stacked: Stacked, member: int) -> list[np.ndarray]:
    """Weights of a member without biases, from input to output, in double precision."""
    params = stacked[member].params
    return [np.asarray(params[name], np.float64) for name in stacked.architecture.layers]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [(7,), (30, 6), (5, 4, 6)])
def test_norms_are_those_of_the_whole_jacobian(activation, hidden):
    """Against reverse-mode differentiation of every class, first layers wider and narrower."""
    dense = Dense(12, hidden, 4, activation)
    stacked = with_biases(stack(dense, [0, 1]))
    points = RNG.normal(size=(150, 12)).astype(np.float32)
    norms = jacobian_norms(stacked, points)
    assert norms.shape == (2, 150)
    for member in range(2):
        params = {name: jnp.asarray(w) for name, w in stacked[member].params.items()}

        def p(x, params=params):
            return jax.nn.softmax(dense.responses(params, x[None])[1][0])

        jacobian = jax.vmap(jax.jacrev(p))(jnp.asarray(points))
        expected = np.sqrt((np.asarray(jacobian) ** 2).sum(axis=(1, 2)))
        np.testing.assert_allclose(norms[member], expected, rtol=1e-3, atol=1e-6)


def test_norms_agree_with_finite_differences():
    stacked = stack(Dense(6, (5,), 3, "tanh"), [0])
    x = RNG.normal(size=(1, 6))
    weights = weights_of(stacked, 0)

    def p(at):
        logits = np.tanh(at @ weights[0].T) @ weights[1].T
        powers = np.exp(logits - logits.max())
        return powers / powers.sum()

    step = 1e-5
    columns = [(p(x + step * e) - p(x - step * e)) / (2 * step) for e in np.eye(6)]
    expected = np.sqrt((np.array(columns) ** 2).sum())
    assert jacobian_norms(stacked, x.astype(np.float32))[0, 0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("inputs", [3, 8])
def test_a_network_without_a_hidden_layer_has_a_closed_form(inputs):
    """The Jacobian is (diag(p) - p p^T) W, with fewer inputs than classes and with more."""
    stacked = with_biases(stack(Dense(inputs, (), 4), [0, 1]))
    points = RNG.normal(size=(20, inputs)).astype(np.float32)
    norms = jacobian_norms(stacked, points)
    for member, network in enumerate(stacked):
        p = network(points).astype(np.float64)
        jacobian = p[:, :, None] * (network.w1 - (p @ network.w1)[:, None])
        expected = np.sqrt((jacobian**2).sum(axis=(1, 2)))
        np.testing.assert_allclose(norms[member], expected, rtol=1e-4)


def test_two_classes_have_a_closed_form():
    """||J|| = sqrt(2) p (1 - p) ||grad(f1 - f2)||."""
    stacked = stack(Dense(8, (10,), 2, bias=False), [3])
    points = RNG.normal(size=(20, 8)).astype(np.float32)
    w1, w2 = weights_of(stacked, 0)
    before = points @ w1.T
    apart = np.maximum(before, 0) @ (w2[1] - w2[0])
    slope = ((before > 0) * (w2[1] - w2[0])) @ w1
    p = 1 / (1 + np.exp(-apart))
    expected = np.sqrt(2) * p * (1 - p) * np.linalg.norm(slope, axis=1)
    np.testing.assert_allclose(jacobian_norms(stacked, points)[0], expected, rtol=1e-4)


def test_members_together_equal_members_alone():
    stacked = stack(Dense(8, (10, 9), 3, "relu6"), [3, 4, 5])
    points = RNG.normal(size=(130, 8)).astype(np.float32)
    together = jacobian_norms(stacked, points)
    for member in range(3):
        alone = jacobian_norms(stacked.take([member]), points[:3])
        np.testing.assert_allclose(together[member, :3], alone[0], rtol=1e-5)


def exact(stacked, member, points, activation):
    """In double precision: forwards, then sum_j p_i p_j (W_i - W_j) back through all layers."""
    weights = weights_of(stacked, member)
    values, slopes = points.astype(np.float64), []
    for weight in weights[:-1]:
        z = values @ weight.T
        values = np.maximum(z, 0) if activation == "relu" else np.tanh(z)
        slopes.append((z > 0) * 1.0 if activation == "relu" else 1 - values**2)
    logits = values @ weights[-1].T
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    apart = weights[-1][:, None] - weights[-1][None]
    back = np.einsum("ni,nj,iju->niu", p, p, apart)
    for weight, slope in zip(weights[-2::-1], slopes[::-1], strict=True):
        back = (back * slope[:, None]) @ weight
    return np.sqrt((back**2).sum(axis=(1, 2)))


@pytest.mark.parametrize(
    ("hidden", "activation", "gain"),
    [((30,), "relu", 12), ((30, 30), "relu", 12), ((20, 20), "tanh", 40)],
)
@pytest.mark.parametrize("inputs", [12, 80])
def test_norms_keep_their_digits_where_the_softmax_saturates(hidden, activation, gain, inputs):
    steep = steeper(stack(Dense(inputs, hidden, 10, activation), [0]), gain)
    points = 2 * RNG.normal(size=(300, inputs)).astype(np.float32)
    expected = exact(steep, 0, points, activation)
    assert expected.min() < 1e-10
    tiny = (expected > 1e-25) & (expected < 1e-4)
    assert tiny.sum() > 10
    norms = jacobian_norms(steep, points)[0]
    kept = expected > 1e-25
    np.testing.assert_allclose(norms[kept], expected[kept], rtol=1e-4)
    assert np.isfinite(norms).all()


def test_saturated_norms_agree_with_central_differences_in_double_precision():
    steep = steeper(stack(Dense(6, (9,), 4, "tanh"), [1]), 12)
    weights = weights_of(steep, 0)
    x = RNG.normal(size=(200, 6))
    x = x[np.argmin(exact(steep, 0, x, "tanh"))].astype(np.float32).astype(np.float64)

    def tails(at):
        """Probabilities of all classes but the likeliest, and its own as what they leave."""
        logits = np.tanh(at @ weights[0].T) @ weights[1].T
        powers = np.exp(logits - logits.max())
        p = powers / powers.sum()
        return np.append(np.delete(p, top), np.delete(p, top).sum())

    top = int(np.argmax(np.tanh(x @ weights[0].T) @ weights[1].T))
    step = 1e-5
    columns = [(tails(x + step * e) - tails(x - step * e)) / (2 * step) for e in np.eye(6)]
    expected = np.sqrt((np.array(columns) ** 2).sum())
    assert expected < 1e-5
    found = jacobian_norms(steep, x[None].astype(np.float32))[0, 0]
    assert found == pytest.approx(expected, rel=1e-4)
