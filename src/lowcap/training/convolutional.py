"""Training one convolutional network by Adam, epochs and batches in one compiled loop."""

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
    initial: Convolutional,
    images: Float[np.ndarray, "rows pixels"],
    labels: Int[np.ndarray, " rows"],
    *,
    epochs: int = EPOCHS,
    batch_size: int = BATCH,
    rate: float = RATE,
    seed: int = 0,
) -> Convolutional:
    """Minimise cross-entropy; whole batches only, reshuffled every epoch."""
    batch = min(batch_size, len(images))
    generator = stream("convolutional batch order", seed)
    rows = np.tile(np.arange(len(images), dtype=np.int32), (epochs, 1))
    order = generator.permuted(rows, axis=1)[:, : len(images) // batch * batch]
    batches = jnp.asarray(order.reshape(-1, batch))
    x, y = jnp.asarray(images, jnp.float32), jnp.asarray(labels, jnp.int32)
    return _descend(initial, x, y, batches, rate)


@jax.jit
def _descend(network, x, y, batches, rate):
    chosen = optax.adam(rate)

    def loss(network, rows):
        logits = network.logits(x[rows])
        return optax.softmax_cross_entropy_with_integer_labels(logits, y[rows]).mean()

    def step(carry, rows):
        network, state = carry
        updates, state = chosen.update(jax.grad(loss)(network, rows), state)
        return (optax.apply_updates(network, updates), state), None

    (network, _), _ = lax.scan(step, (network, chosen.init(network)), batches)
    return network


def error_rate(
    network: Convolutional, images: Float[np.ndarray, "rows pixels"], labels: np.ndarray
) -> float:
    """The share of images classified wrong."""
    parts = [images[i : i + _CHUNK] for i in range(0, len(images), _CHUNK)]
    predicted = np.concatenate([np.asarray(_classes(network, jnp.asarray(p))) for p in parts])
    return float((predicted != labels).mean())


@jax.jit
def _classes(network, x):
    return network.logits(x).argmax(axis=1)
