import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from lowcap.streams import stream
from lowcap.training.losses import correct, totals

MEMBERS, ROWS = 3, 11


def _given(outputs, by_member=False):
    numbers = stream("losses", outputs, int(by_member))
    logits = 3 * numbers.normal(size=(MEMBERS, max(outputs, 1), ROWS))
    shape = (MEMBERS, ROWS) if by_member else ROWS
    y = numbers.integers(0, max(outputs, 2), shape).astype(np.int32)
    weight = numbers.random(ROWS)
    return jnp.asarray(logits, jnp.float32), jnp.asarray(y), jnp.asarray(weight, jnp.float32)


@pytest.mark.parametrize("by_member", [False, True])
@pytest.mark.parametrize("outputs", [2, 10, 16, 17, 40])  # few are gone through one by one
def test_cross_entropy_and_its_gradient_are_those_of_the_softmax(outputs, by_member):
    logits, y, weight = _given(outputs, by_member)
    given = np.asarray(logits, float)
    own = np.arange(outputs)[:, None] == np.broadcast_to(y, (MEMBERS, ROWS))[:, None]
    sums = totals("classes", logits, y, weight)
    expected = -(log_softmax(given, axis=1) * own).sum(axis=1) @ np.asarray(weight)
    np.testing.assert_allclose(sums.loss, expected, rtol=1e-5)
    slope = jax.grad(lambda logits: totals("classes", logits, y, weight).loss.sum())(logits)
    np.testing.assert_allclose(
        slope, (softmax(given, axis=1) - own) * np.asarray(weight), atol=1e-6
    )
    right = given.argmax(axis=1) == np.asarray(y)
    np.testing.assert_array_equal(correct("classes", logits, y), right)
    np.testing.assert_allclose(sums.hits, right @ np.asarray(weight), rtol=1e-5)


def test_binary_loss_and_its_gradient_are_those_of_the_logistic_function():
    logits, y, weight = _given(0)
    logits = logits.at[0, 0, :2].set(jnp.asarray([300.0, -300.0]))  # where exp overflows
    one = np.asarray(logits, float)[:, 0]
    said = 1 / (1 + np.exp(-one))
    sums = totals("binary", logits, y, weight)
    expected = (np.logaddexp(0, one) - np.asarray(y) * one) @ np.asarray(weight)
    np.testing.assert_allclose(sums.loss, expected, rtol=1e-5)
    slope = jax.grad(lambda logits: totals("binary", logits, y, weight).loss.sum())(logits)
    expected = (said - np.asarray(y)) * np.asarray(weight)
    np.testing.assert_allclose(slope[:, 0], expected, atol=1e-6)


@pytest.mark.parametrize("outputs", [3, 20])
def test_of_equal_logits_the_lowest_class_is_said_and_of_nan_none(outputs):
    logits = jnp.zeros((1, outputs, outputs))
    y = jnp.arange(outputs)
    assert np.flatnonzero(correct("classes", logits, y)[0]).tolist() == [0]
    assert not correct("classes", jnp.full_like(logits, jnp.nan), y).any()
