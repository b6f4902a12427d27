"""Losses and scores of all members on some rows, as sums, inside compiled code."""

from functools import reduce
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Shaped

from lowcap.data import Kind

Logits = Float[Array, "members outputs rows"]
Targets = Shaped[Array, " rows"] | Shaped[Array, "members rows"]
Weight = Float[Array, " rows"] | Float[Array, "members rows"]

_FEW_OUTPUTS = 16


class Totals(NamedTuple):
    """Weighted sums over rows, of which a loss and a score are made; one value per member."""

    loss: Float[Array, " members"]
    hits: Float[Array, " members"]
    """Binary: true positives. Classes: rows classified right. Regression: sum of y squared."""
    claimed: Float[Array, " members"]
    """Binary: rows predicted positive. Regression: sum of y. Not used for classes."""


def totals(kind: Kind, logits: Logits, y: Targets, weight: Weight) -> Totals:
    """Loss and score of every member.

    Args:
        kind: binary cross-entropy, softmax cross-entropy, or half the squared error.
        logits: of every member.
        y: targets, the same for all members or each its own.
        weight: of the rows, likewise.
    """
    if kind == "binary":
        one = logits[:, 0]
        losses = _logistic_loss(one, y)
        predicted = (one >= 0).astype(one.dtype)
        return Totals(
            _summed(losses, weight), _summed(predicted, weight * y), _summed(predicted, weight)
        )
    if kind == "regression":
        error = logits[:, 0] - y
        spread = jnp.broadcast_to(y, error.shape)
        squares, sums = _summed(spread**2, weight), _summed(spread, weight)
        return Totals(_summed(error**2 / 2, weight), squares, sums)
    losses, right = _classified(logits, y)
    hits = _summed(right.astype(losses.dtype), weight)
    return Totals(_summed(losses, weight), hits, jnp.zeros_like(hits))


def correct(kind: Kind, logits: Logits, y: Targets) -> Bool[Array, "members rows"]:
    """Which rows each member classifies right."""
    if kind == "binary":
        return (logits[:, 0] >= 0) == (y > 0)
    return _classified(logits, y)[1]


def _summed(values: Float[Array, "members rows"], weight: Weight) -> Float[Array, " members"]:
    return values @ weight if weight.ndim == 1 else (values * weight).sum(axis=1)


def _classified(
    logits: Logits, y: Targets
) -> tuple[Float[Array, "members rows"], Bool[Array, "members rows"]]:
    """Cross-entropy, and whether the right class has the largest logit; of NaN, it has not."""
    losses = _cross_entropy(logits, y)
    return losses, (_said(logits) == y) & ~jnp.isnan(losses)


# What follows goes through the outputs one by one where they are few. XLA makes one vectorized
# kernel of that; each of its own reductions is one by itself, for which a step of a few small
# networks waits, and of `argmax` it makes a slow one.


def _said(logits: Logits) -> Int[Array, "members rows"]:
    """The class of the largest logit, the lowest of several."""
    outputs = logits.shape[1]
    if outputs > _FEW_OUTPUTS:
        is_largest = logits == logits.max(axis=1, keepdims=True)
        return jnp.where(is_largest, jnp.arange(outputs)[:, None], outputs).min(axis=1)
    largest, which = logits[:, 0], jnp.zeros(logits[:, 0].shape, jnp.int32)
    for output in range(1, outputs):
        larger = logits[:, output] > largest
        largest = jnp.where(larger, logits[:, output], largest)
        which = jnp.where(larger, output, which)
    return which


def _own(logits: Logits, y: Targets) -> Float[Array, "members rows"]:
    """The logit of the right class."""
    outputs = logits.shape[1]
    if outputs > _FEW_OUTPUTS:
        return jnp.where(_is_own(outputs, y), logits, 0).sum(axis=1)
    own = logits[:, 0]
    for output in range(1, outputs):
        own = jnp.where(y == output, logits[:, output], own)
    return own


def _is_own(
    outputs: int, y: Targets
) -> Bool[Array, "outputs _"] | Bool[Array, "members outputs _"]:
    return jnp.arange(outputs)[:, None] == (y if y.ndim == 1 else y[:, None])


def _largest(values: Logits) -> Float[Array, "members rows"]:
    outputs = values.shape[1]
    if outputs > _FEW_OUTPUTS:
        return values.max(axis=1)
    return reduce(jnp.maximum, [values[:, output] for output in range(outputs)])


def _total(values: Logits) -> Float[Array, "members rows"]:
    outputs = values.shape[1]
    if outputs > _FEW_OUTPUTS:
        return values.sum(axis=1)
    return reduce(jnp.add, [values[:, output] for output in range(outputs)])


@jax.custom_vjp
def _logistic_loss(logit: Float[Array, "members rows"], y: Targets) -> Float[Array, "members rows"]:
    """Cross-entropy of class 1, written out with its gradient, which needs no logarithm."""
    return jax.nn.softplus(logit) - y * logit


def _logistic_forward(logit, y):
    return _logistic_loss(logit, y), (logit, y)


def _logistic_backward(kept, slope):
    logit, y = kept
    return slope * (jax.nn.sigmoid(logit) - y), None


_logistic_loss.defvjp(_logistic_forward, _logistic_backward)


@jax.custom_vjp
def _cross_entropy(logits: Logits, y: Targets) -> Float[Array, "members rows"]:
    """Of the softmax, written out with its gradient."""
    return _forward(logits, y)[0]


def _forward(logits, y):
    largest = _largest(logits)
    powers = jnp.exp(logits - largest[:, None])
    total = _total(powers)
    return jnp.log(total) - (_own(logits, y) - largest), (y, powers, total)


def _backward(kept, slope):
    y, powers, total = kept
    own = jnp.where(_is_own(powers.shape[1], y), slope[:, None], 0)
    return powers * (slope / total)[:, None] - own, None


_cross_entropy.defvjp(_forward, _backward)


def nothing(members: int) -> Totals:
    """Sums over no rows."""
    return Totals(*(jnp.zeros(members) for _ in Totals._fields))
