"""What one would write in JAX: `vmap` over members padded to one shape."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Bool, Float

from lowcap.bench.cases import Workload
from lowcap.bench.ready import Ready, start, steps
from lowcap.networks import Fused

Padded = tuple[
    Float[np.ndarray, "members largest features"],
    Float[np.ndarray, "members largest"],
    Float[np.ndarray, "members largest"],
    Float[np.ndarray, " members"],
]
"""First layers, their biases, second layers, their biases."""


def wide_start(work: Workload) -> Fused:
    """The initial weights of a wide population, whose networks have one output each."""
    initial = start(work)
    assert isinstance(initial, Fused)  # families have contenders of their own
    return initial


def padded(initial: Fused) -> tuple[Padded, Bool[np.ndarray, "members largest"]]:
    """The weights with rows of zeros up to the largest hidden size, and which rows are real."""
    sizes = np.array(initial.layout.hidden)
    real = np.arange(sizes.max()) < sizes[:, None]
    w1 = np.zeros((*real.shape, initial.inputs), np.float32)
    b1, w2 = np.zeros(real.shape, np.float32), np.zeros(real.shape, np.float32)
    w1[real], b1[real], w2[real] = initial.w1, initial.b1, initial.w2[:, 0]
    return (w1, b1, w2, initial.b2[:, 0]), real


def unpadded(initial: Fused, weights: Any, real: Bool[np.ndarray, "members largest"]) -> Fused:
    """The population of padded weights."""
    w1, b1, w2, b2 = (np.asarray(each) for each in weights)
    arrays = {"w1": w1[real], "b1": b1[real], "w2": w2[real][:, None], "b2": b2[:, None]}
    return initial.with_arrays(arrays)


def padded_vmap(work: Workload) -> Ready:
    """`jax.vmap` over members padded to the largest hidden size, epochs in one `lax.scan`."""
    initial = wide_start(work)
    weights, real = padded(initial)
    beginning = tuple(map(jnp.asarray, weights))
    rates = jnp.asarray(initial.keys["learning_rate"].to_numpy(np.float32))
    x, y, batches = jnp.asarray(work.x), jnp.asarray(work.y), jnp.asarray(steps(work))

    def one_step(weights: Any, rate: Array, x: Array, y: Array) -> Any:
        slopes = jax.grad(_loss)(weights, x, y)
        return jax.tree.map(lambda w, g: w - rate * g, weights, slopes)

    @jax.jit
    def train(weights: Any) -> Any:
        def step(weights: Any, rows: Array) -> Any:
            together = jax.vmap(one_step, in_axes=(0, 0, None, None))
            return together(weights, rates, x[rows], y[rows]), None

        return jax.lax.scan(step, weights, batches)[0]

    return Ready(
        lambda: jax.block_until_ready(train(beginning)), lambda last: unpadded(initial, last, real)
    )


def _loss(weights: Any, x: Array, y: Array) -> Array:
    w1, b1, w2, b2 = weights
    logits = jax.nn.relu(x @ w1.T + b1) @ w2 + b2
    return optax.sigmoid_binary_cross_entropy(logits, y).mean()
