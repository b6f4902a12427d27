"""Training convolutional networks by Adam, epochs and batches in one compiled loop."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax
from jaxtyping import Float, Int

from lowcap.networks.convolutional import Convolutional
from lowcap.streams import stream

EPOCHS, BATCH, RATE = 12, 100, 2e-3
"""Ours, not the paper's."""

_CHUNK = 250


def fit_convolutional(
    initial: Sequence[Convolutional],
    images: Float[np.ndarray, "rows pixels"],
    labels: Int[np.ndarray, " rows"],
    *,
    epochs: int = EPOCHS,
    batch_size: int = BATCH,
    rate: float = RATE,
    seed: int = 0,
    until_fit: bool = False,
) -> list[Convolutional]:
    """Minimise cross-entropy; whole batches only, reshuffled every epoch.

    Args:
        initial: networks of one shape, trained side by side on the same batches; each becomes
            what it would become alone.
        images: training images.
        labels: their classes.
        epochs: how often every image is seen, at most.
        batch_size: images a step, at most as many as there are.
        rate: of Adam.
        seed: of the order of images.
        until_fit: whether a network stops after the first epoch that leaves no training error.
    """
    batch = min(batch_size, len(images))
    generator = stream("convolutional batch order", seed)
    rows = np.tile(np.arange(len(images), dtype=np.int32), (epochs, 1))
    order = generator.permuted(rows, axis=1)[:, : len(images) // batch * batch]
    batches = jnp.asarray(order.reshape(epochs, -1, batch))
    x, y = jnp.asarray(images, jnp.float32), jnp.asarray(labels, jnp.int32)
    together: Any = jax.tree.map(lambda *leaves: jnp.stack(leaves), *initial)
    ended = _descend(together, x, y, batches, rate, until_fit)
    return [jax.tree.map(lambda leaf, i=i: leaf[i], ended) for i in range(len(initial))]


@partial(jax.jit, static_argnames="until_fit")
def _descend(networks, x, y, batches, rate, until_fit):
    adam = optax.adam(rate)

    def losses(networks, rows):
        logits = jax.vmap(lambda network: network.logits(x[rows]))(networks)
        each = jax.vmap(optax.softmax_cross_entropy_with_integer_labels, (0, None))(logits, y[rows])
        return each.mean(axis=1).sum()  # the gradient of a sum of losses is each network's own

    def step(carry, rows):
        networks, state = carry
        updates, state = adam.update(jax.grad(losses)(networks, rows), state)
        return (optax.apply_updates(networks, updates), state), None

    def fits(networks):
        logits = jax.vmap(lambda network: network.logits(x))(networks)
        return (logits.argmax(axis=2) == y).all(axis=1)

    def epoch(carry):
        networks, state, number, done = carry
        (moved, state), _ = lax.scan(step, (networks, state), batches[number])
        if until_fit:
            moved = jax.tree.map(
                lambda new, old: jnp.where(done.reshape(-1, *[1] * (new.ndim - 1)), old, new),
                moved, networks,
            )  # fmt: skip
            done = done | fits(moved)
        return moved, state, number + 1, done

    def unfinished(carry):
        return (carry[2] < len(batches)) & ~carry[3].all()

    start = (networks, adam.init(networks), 0, jnp.zeros(len(networks.bias), bool))
    return lax.while_loop(unfinished, epoch, start)[0]


def mistakes(
    network: Convolutional, images: Float[np.ndarray, "rows pixels"], labels: np.ndarray
) -> np.ndarray:
    """Which images are classified wrong, one truth value each."""
    parts = [images[i : i + _CHUNK] for i in range(0, len(images), _CHUNK)]
    predicted = np.concatenate([np.asarray(_classes(network, jnp.asarray(p))) for p in parts])
    return predicted != labels


@jax.jit
def _classes(network, x):
    return network.logits(x).argmax(axis=1)
