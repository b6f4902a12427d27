"""Losses and scores of all members on some rows, as sums, inside compiled code."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Shaped

from lowcap.data import Kind

Logits = Float[Array, "members outputs rows"]
Targets = Shaped[Array, " rows"] | Shaped[Array, "members rows"]
Weight = Float[Array, " rows"] | Float[Array, "members rows"]


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
        losses = jax.nn.softplus(one) - y * one
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
    """Cross-entropy, written out, and whether the right class has the largest logit.

    Ties go to the lower class, as `argmax` decides, which XLA does not vectorize on a CPU.
    """
    classes = jnp.arange(logits.shape[1])[:, None]
    target = y if y.ndim == 1 else y[:, None]
    its_own = classes == target
    largest = jax.lax.stop_gradient(logits.max(axis=1, keepdims=True))
    shifted = logits - largest
    own = jnp.where(its_own, shifted, 0).sum(axis=1, keepdims=True)
    losses = jnp.log(jnp.exp(shifted).sum(axis=1)) - own[:, 0]
    better = (shifted > own) | ((shifted == own) & (classes < target))
    return losses, ~better.any(axis=1)


def nothing(members: int) -> Totals:
    """Sums over no rows."""
    return Totals(*(jnp.zeros(members) for _ in Totals._fields))
