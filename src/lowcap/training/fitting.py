"""Training a whole population: every epoch and batch in one compiled loop."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import get_args

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax
from jaxtyping import Array, Float, Int

from lowcap.data import Labelled, Split
from lowcap.errors import SettingsError
from lowcap.networks import (
    GLOBAL,
    Fused,
    MagnitudeRanks,
    Member,
    OneHiddenLayer,
    PruningRule,
    Wide,
    in_order,
    initialise,
    take,
)
from lowcap.streams import stream
from lowcap.training.arrays import (
    ROW_CHUNK,
    Precision,
    Rows,
    as_floats,
    narrow,
    to_device,
    widen,
)
from lowcap.training.memory import weights_at_once
from lowcap.training.metrics import Totals, f1_score

PLAIN = optax.scale(-1.0)
"""Plain gradient descent at a rate of 1: a member's learning rate multiplies the step."""

USUAL_RATE = 0.03
"""Of plain gradient descent, where a member names none: the one that 2507.16278 chose."""


@dataclass(frozen=True, eq=False)
class History:
    """Loss and F1 of every member after each epoch, each an array [epochs, members].

    The training scores are those of the batches as they were trained on, before each one's step;
    the validation scores are taken at the end of the epoch.
    """

    train_loss: Float[np.ndarray, "epochs members"]
    train_f1: Float[np.ndarray, "epochs members"]
    validation_loss: Float[np.ndarray, "epochs members"]
    validation_f1: Float[np.ndarray, "epochs members"]


@dataclass(frozen=True, eq=False)
class Fitted:
    """A trained population: its members in order of hidden size, their weights and history."""

    members: tuple[Member, ...]
    wide: Wide
    history: History

    def member(self, index: int) -> OneHiddenLayer:
        """One member as a network of its own, in NumPy arrays; call it on images."""
        return take(self.wide, index)

    @cached_property
    def ranks(self) -> MagnitudeRanks:
        """The magnitude rank of every weight, by which any instrument prunes; taken once."""
        w1, w2 = np.asarray(self.wide.w1), np.asarray(self.wide.w2)
        return MagnitudeRanks(w1, w2, self.wide.layout)

    def pruned(self, sparsity: float, rule: PruningRule = GLOBAL) -> Wide:
        """The population with the smallest weights of every member set to 0; biases stay."""
        if sparsity == 0:
            return self.wide
        first, second = self.ranks.keep(sparsity, rule)
        w1, w2 = self.wide.w1 * jnp.asarray(first), self.wide.w2 * jnp.asarray(second)
        return eqx.tree_at(lambda w: (w.w1, w.w2), self.wide, (w1, w2))


def fit(
    members: Sequence[Member],
    split: Split,
    *,
    epochs: int = 100,
    batch_size: int | None = 128,
    seed: int = 0,
    initial: Wide | None = None,
    optimizer: optax.GradientTransformation = PLAIN,
    precision: Precision = "float32",
) -> Fitted:
    """Train all members side by side on one stream of batches.

    Args:
        members: what to train; see `grid`.
        split: the task's data; training rows train, validation rows are scored each epoch (with
            none, the validation scores are NaN).
        epochs: passes over the training data.
        batch_size: rows a step, shuffled anew every epoch; None for full-batch gradient descent.
        seed: seed of the order of the batches.
        initial: initial weights; drawn from each member's seed unless given.
        optimizer: an optax optimizer that acts on each weight by itself, such as
            ``optax.adam(1e-3)``. A member's learning rate multiplies its step; members without
            one take the step as it is. Plain gradient descent unless given.
        precision: of the factors of the large products. "bfloat16" is faster where the hardware
            multiplies it, and rounds images and weights to 8 bits on their way into a product.

    Raises:
        SettingsError: a setting is impossible.
    """
    usual = USUAL_RATE if optimizer is PLAIN else 1.0
    ordered = tuple(
        member if member.learning_rate else replace(member, learning_rate=usual)
        for member in in_order(members)
    )
    if split.target.kind != "binary" or split.weights is not None:
        raise SettingsError(
            f"task {split.target.id}: only two classes and rows of equal weight can be trained; "
            f"this is a task of kind '{split.target.kind}'"
            + (" with row weights" if split.weights is not None else "")
        )
    if epochs < 1:
        raise SettingsError(f"epochs {epochs}: must be at least 1")
    if batch_size is not None and batch_size < 1:
        raise SettingsError(f"batch size {batch_size}: must be at least 1")
    if precision not in get_args(Precision):
        allowed = " or ".join(get_args(Precision))
        raise SettingsError(f"precision '{precision}': choose {allowed}")
    whole = initialise(ordered, len(split.active)) if initial is None else initial
    if whole.layout.hidden != tuple(member.hidden for member in ordered):
        raise SettingsError("the initial weights are not those of the sorted members")

    # Narrower than split.active, which knows the test images too.
    acting = np.asarray(split.train.x.any(axis=0) | split.validation.x.any(axis=0))
    train, validation = to_device(split.train, acting), to_device(split.validation, acting)
    rows = train.count if batch_size is None else min(batch_size, train.count)
    at_once = batch_size is not None and batch_size <= ROW_CHUNK
    chunk = batch_size if batch_size is not None and at_once else ROW_CHUNK
    order = None if batch_size is None else _batch_order(seed, epochs, train, chunk)
    rates = np.asarray([member.learning_rate for member in ordered], np.float32)
    trained, histories = [], []
    portions = whole.layout.portions(max(1, weights_at_once() // train.x.shape[1]))
    for portion in portions:
        start, rate = narrow(whole, acting, portion), jnp.asarray(rates[portion])
        fused, *totals = _train(
            start, rate, train, validation, order, rows,
            epochs, chunk, at_once, optimizer, precision,
        )  # fmt: skip
        trained.append((portion, fused))
        histories.append(jax.device_get(totals))
    back = np.argsort(np.concatenate(portions))
    seen, checked = jax.tree.map(lambda *each: np.concatenate(each, axis=1)[:, back], *histories)
    history = History(*_scores(seen, split.train), *_scores(checked, split.validation))
    return Fitted(ordered, widen(trained, whole, acting), history)


def _batch_order(seed: int, epochs: int, train: Rows, chunk: int) -> Int[Array, "epochs places"]:
    """A permutation of the rows for each epoch, padded so that any slice of a chunk fits."""
    generator = stream("batch order", seed)
    order = np.zeros((epochs, len(train.y) + chunk), np.int32)
    order[:, : train.count] = generator.permuted(
        np.tile(np.arange(train.count, dtype=np.int32), (epochs, 1)), axis=1
    )
    return jnp.asarray(order)


def _scores(totals: Totals, labelled: Labelled) -> tuple[np.ndarray, np.ndarray]:
    count, positives = len(labelled.y), labelled.y.sum()
    if not count:
        return np.full_like(totals.loss, np.nan), np.full_like(totals.loss, np.nan)
    mean_loss = np.asarray(totals.loss, np.float64) / count
    return mean_loss, f1_score(totals.true_positives, totals.predicted_positives, positives)


def _totals(
    logits: Float[Array, "members rows"], y: Float[Array, " rows"], weight: Float[Array, " rows"]
) -> Totals:
    losses = jax.nn.softplus(logits) - y * logits  # binary cross-entropy
    predicted = (logits >= 0).astype(logits.dtype)
    return Totals(losses @ weight, predicted @ (weight * y), predicted @ weight)


def _no_totals(members: int) -> Totals:
    return Totals(*(jnp.zeros(members) for _ in Totals._fields))


def _evaluate(network: Fused, data: Rows, precision: Precision) -> Totals:
    """Score every member on all real rows, a chunk at a time so that activations stay in cache."""

    def add(chunk: Int[Array, ""], totals: Totals) -> Totals:
        x = as_floats(lax.dynamic_slice_in_dim(data.x, chunk * ROW_CHUNK, ROW_CHUNK), precision)
        y = lax.dynamic_slice_in_dim(data.y, chunk * ROW_CHUNK, ROW_CHUNK)
        weight = (chunk * ROW_CHUNK + jnp.arange(ROW_CHUNK) < data.count).astype(x.dtype)
        return jax.tree.map(jnp.add, totals, _totals(network.logits(x), y, weight))

    chunks = -(-data.count // ROW_CHUNK)
    return lax.fori_loop(0, chunks, add, _no_totals(network.layout.members))


@partial(jax.jit, static_argnames=("epochs", "chunk", "at_once", "optimizer", "precision"))
def _train(
    network, rates, train, validation, order, rows, epochs, chunk, at_once, optimizer, precision
):
    """Run all epochs; `rows` a step, gathered and differentiated `chunk` rows at a time.

    Row counts and batch limits are ordinary values here, not shapes, so that tasks of different
    sizes share one compilation.
    """
    rate = network.per_weight(rates)
    no_totals = _no_totals(network.layout.members)

    def batch_loss(network, x, y, weight, size):
        totals = _totals(network.logits(x), y, weight)
        return totals.loss.sum() / size, totals

    def piece_of(start, stop, permutation):
        if permutation is None:
            x = lax.dynamic_slice_in_dim(train.x, start, chunk)
            y = lax.dynamic_slice_in_dim(train.y, start, chunk)
        else:
            index = lax.dynamic_slice_in_dim(permutation, start, chunk)
            x, y = (a.at[index].get(mode="promise_in_bounds") for a in (train.x, train.y))
        weight = (start + jnp.arange(chunk) < stop).astype(y.dtype)
        return as_floats(x, precision), y, weight

    def update(number, carry, permutation):
        network, state, totals = carry
        start = number * rows
        stop = jnp.minimum(start + rows, train.count)
        gradient_of = jax.grad(batch_loss, has_aux=True)
        size = stop - start

        def accumulate(piece, summed):
            batch = piece_of(start + piece * chunk, stop, permutation)
            return jax.tree.map(jnp.add, summed, gradient_of(network, *batch, size))

        if at_once:
            batch = piece_of(start, stop, permutation)
            gradient, seen = gradient_of(network, *batch, size)
        else:
            nothing = (jax.tree.map(jnp.zeros_like, network), no_totals)
            gradient, seen = lax.fori_loop(0, -(-rows // chunk), accumulate, nothing)
        direction, state = optimizer.update(gradient, state, network)
        network = jax.tree.map(lambda w, r, d: w + r * d, network, rate, direction)
        return network, state, jax.tree.map(jnp.add, totals, seen)

    def epoch(carry, permutation):
        network, state = carry
        step = partial(update, permutation=permutation)
        updates = -(-train.count // rows)
        network, state, seen = lax.fori_loop(0, updates, step, (network, state, no_totals))
        return (network, state), (seen, _evaluate(network, validation, precision))

    start = (network, optimizer.init(network))
    (network, _), (seen, checked) = lax.scan(epoch, start, order, length=epochs)
    return network, seen, checked
