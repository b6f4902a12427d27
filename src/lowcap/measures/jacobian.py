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

    Norms keep their digits where the softmax saturates, down to 1e-30: the derivative of p_i with
    respect to the last hidden layer is p_i sum_j p_j (W_i - W_j), whose terms are summed as they
    stand, since p_i (W_i - sum_j p_j W_j) cancels; and it is scaled by the probability outside
    the largest class before anything is squared.

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
        back, scale = _softmax_slopes(logits, network.weights[-1])
        for layer in reversed(range(len(before))):
            back = back * network.activation.slope(before[layer])[:, None, :]
            if layer:
                back = back @ network.weights[layer]
        if gram is None:
            return scale * jnp.sqrt(((back @ network.weights[0]) ** 2).sum(axis=(1, 2)))
        return scale * jnp.sqrt(jnp.maximum(((back @ gram) * back).sum(axis=(1, 2)), 0))

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


def _softmax_slopes(
    logits: Float[Array, "points classes"], last: Float[Array, "classes units"]
) -> tuple[Float[Array, "points classes units"], Float[Array, " points"]]:
    """Derivative of the probabilities by the last hidden layer's values, in units of a scale.

    Returns:
        The derivative divided by the scale; the scale, the probability outside the likeliest
        class, of each point.
    """
    relative = jnp.exp(logits - logits.max(axis=1, keepdims=True))
    total = relative.sum(axis=1)
    p = relative / total[:, None]
    first = jnp.arange(p.shape[1]) == logits.argmax(axis=1)[:, None]
    tiny = jnp.finfo(p.dtype).tiny
    scale = jnp.maximum(jnp.where(first, 0, relative).sum(axis=1) / total, tiny)
    apart = last[:, None, :] - last[None, :, :]
    rest = jnp.where(first, 0, p) / scale[:, None]  # of the order of 1
    of_first = jnp.where(first, p, 0)
    # p_i sum_j p_j (W_i - W_j): j the likeliest class, then all others; i likewise.
    towards_first = jnp.einsum("ni,nj,iju->niu", rest, of_first, apart)
    among_rest = jnp.einsum("ni,nj,iju->niu", p, rest, apart)
    return towards_first + among_rest, scale
