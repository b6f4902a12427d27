"""How far a small step of the input moves the output (1802.08760, sec. 3.1)."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from lowcap.data import Kind
from lowcap.networks import Convolutional, Dense, Population, dense_of, stacks_of
from lowcap.networks.architectures import Params

POINTS_AT_ONCE = 128

_FEW = 32
"""Points of a convolutional network: the derivative of each of its patches is held."""


def jacobian_norms(
    population: Population, images: Float[np.ndarray, "points inputs"]
) -> Float[np.ndarray, "members points"]:
    """Frobenius norm of the outputs' derivative by the inputs, of every member at every point.

    The outputs are the probabilities of all classes, d softmax(f(x)) / dx, both of them if there
    are two; or the predicted number.

    Norms keep their digits where the softmax saturates, down to 1e-30: the derivative of p_i with
    respect to the last hidden layer is p_i sum_j p_j (W_i - W_j), whose terms are summed as they
    stand, since p_i (W_i - sum_j p_j W_j) cancels; and it is scaled by the probability outside
    the largest class before anything is squared.

    The derivative of the first layer is never laid out: with B the derivative with respect to
    that layer's values, ||B W1||^2 = sum(B (W1 W1^T) * B), and W1 W1^T is small.

    Convolutional networks have no such matrix: their derivatives are pulled back to the inputs.

    Raises:
        SettingsError: the networks are neither fully connected nor convolutional.
    """
    count = len(images)
    padded = np.zeros((-(-count // POINTS_AT_ONCE) * POINTS_AT_ONCE, images.shape[1]), np.float32)
    padded[:count] = images
    norms = np.empty((len(population), count))
    for some, stacked in stacks_of(population):
        params = {name: jnp.asarray(values) for name, values in stacked.stacks.items()}
        architecture, points = stacked.architecture, jnp.asarray(padded)
        if isinstance(architecture, Convolutional):
            found = _pulled_back(params, points, architecture, population.kind)
        else:
            found = _norms(params, points, dense_of(architecture), population.kind)
        norms[some] = np.asarray(found)[:, :count]
    return norms


@partial(jax.jit, static_argnames=("dense", "kind"))
def _norms(
    params: Params, points: Float[Array, "points inputs"], dense: Dense, kind: Kind
) -> Float[Array, "members points"]:
    def of_member(one: Params, gram, x):
        before, logits = dense.responses(one, x)
        weights = [one[name] for name in dense.layers]
        back, scale = _slopes(logits, weights[-1], kind)
        for layer in reversed(range(len(before))):
            back = back * dense.nonlinearity.slope(before[layer])[:, None, :]
            if layer:
                back = back @ weights[layer]
        if not before:  # the last layer is the first: its derivative is that by the inputs
            return scale * jnp.sqrt((back**2).sum(axis=(1, 2)))
        if gram is None:
            return scale * jnp.sqrt(((back @ weights[0]) ** 2).sum(axis=(1, 2)))
        return scale * jnp.sqrt(jnp.maximum(((back @ gram) * back).sum(axis=(1, 2)), 0))

    first = params["w1"]
    narrower = first.shape[1] < first.shape[2] and len(dense.layers) > 1
    gram = first @ first.swapaxes(1, 2) if narrower else None
    chunks = points.reshape(-1, POINTS_AT_ONCE, points.shape[1])
    norms = lax.map(
        lambda x: jax.vmap(of_member, in_axes=(0, None if gram is None else 0, None))(
            params, gram, x
        ),
        chunks,
    )
    return jnp.moveaxis(norms, 0, 1).reshape(len(first), -1)


@partial(jax.jit, static_argnames=("architecture", "kind"))
def _pulled_back(
    params: Params, points: Float[Array, "points inputs"], architecture: Convolutional, kind: Kind
) -> Float[Array, "members points"]:
    def at_point(one: Params, x: Float[Array, " inputs"]):
        def features(x):
            (before,), logits = architecture.responses(one, x[None])
            return before[0], logits

        before, pull, logits = jax.vjp(features, x, has_aux=True)
        back, scale = _slopes(logits, one["dense"].T, kind)
        (moved,) = jax.vmap(pull)(back[0] * architecture.nonlinearity.slope(before))
        return scale[0] * jnp.sqrt((moved**2).sum())

    def of_member(one: Params):
        return lax.map(lambda x: at_point(one, x), points, batch_size=_FEW)

    return lax.map(of_member, params)


def _slopes(
    logits: Float[Array, "points outputs"], last: Float[Array, "outputs units"], kind: Kind
) -> tuple[Float[Array, "points _ units"], Float[Array, " points"]]:
    """Derivative of what is said by the last hidden layer's values, and the scale it is in."""
    if kind == "regression":
        return jnp.broadcast_to(last, (len(logits), *last.shape)), jnp.ones(len(logits))
    if kind == "binary":  # a softmax whose other logit is always 0
        logits = jnp.concatenate([jnp.zeros_like(logits), logits], axis=1)
        last = jnp.concatenate([jnp.zeros_like(last), last])
    return _softmax_slopes(logits, last)


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
