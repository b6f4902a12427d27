"""How far a small step of the input moves the output (1802.08760, sec. 3.1)."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from lowcap.networks.stacked import Stacked

POINTS_AT_ONCE = 128


def jacobian_norms(
    stacked: Stacked, images: Float[np.ndarray, "points inputs"]
) -> Float[np.ndarray, "members points"]:
    """Frobenius norm of d softmax(f(x)) / dx, all classes, of every member at every point.

    The derivative of the first layer is never laid out: with B the derivative with respect to
    that layer's values, ||B W1||^2 = sum(B (W1 W1^T) * B), and W1 W1^T is small.
    """
    count = len(images)
    padded = np.zeros((-(-count // POINTS_AT_ONCE) * POINTS_AT_ONCE, images.shape[1]), np.float32)
    padded[:count] = images
    return np.asarray(_norms(stacked, jnp.asarray(padded)))[:, :count]


@jax.jit
def _norms(
    stacked: Stacked, points: Float[Array, "points inputs"]
) -> Float[Array, "members points"]:
    def of_member(network: Stacked, gram, x):
        before, logits = network.responses(x)
        p = jax.nn.softmax(logits)
        last = network.weights[-1]
        back = p[:, :, None] * (last - (p @ last)[:, None, :])  # softmax, then the last layer
        for layer in reversed(range(len(before))):
            back = back * network.activation.slope(before[layer])[:, None, :]
            if layer:
                back = back @ network.weights[layer]
        if gram is None:
            return jnp.sqrt(((back @ network.weights[0]) ** 2).sum(axis=(1, 2)))
        return jnp.sqrt(jnp.maximum(((back @ gram) * back).sum(axis=(1, 2)), 0))

    first = stacked.weights[0]
    gram = first @ first.swapaxes(1, 2) if first.shape[1] < first.shape[2] else None
    chunks = points.reshape(-1, POINTS_AT_ONCE, points.shape[1])
    norms = lax.map(
        lambda x: jax.vmap(of_member, in_axes=(0, None if gram is None else 0, None))(
            stacked, gram, x
        ),
        chunks,
    )
    return jnp.moveaxis(norms, 0, 1).reshape(len(first), -1)
