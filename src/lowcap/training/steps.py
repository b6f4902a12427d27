"""The steps of the compiled loop: a batch's gradients, the optimizer, and scores over rows."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import lax
from jaxtyping import Array, Bool, Float, Int, Shaped

from lowcap.data import Kind
from lowcap.networks.architectures import Architecture
from lowcap.networks.packed import Packed
from lowcap.networks.rows import Features, Precision, as_floats
from lowcap.networks.stacked import member_logits
from lowcap.training.losses import Totals, correct, nothing, totals

Stop = Literal["", "fit", "validation"]
"""When a member rests: never; once it classifies every training row right; once its validation
loss has not improved for some epochs."""

Masks = Sequence[Bool[Array, "..."] | None] | None
"""For each of a network's arrays, in the order of its leaves, which weights may move; the
others are 0 and stay so. None for all of an array, or of all arrays. Bytes, as a step reads all."""


class Data(NamedTuple):
    """Rows on the device with what is to be predicted of them; rows from `count` on are padding."""

    x: Features
    y: Shaped[Array, " rows"] | Shaped[Array, "members rows"]
    count: Int[Array, ""] | int
    weight: Float[Array, "members rows"] | None = None
    """Row weights of each member; None where all rows of all members weigh 1."""


class Epochs(NamedTuple):
    """Which rows each epoch goes through, in what order."""

    order: Int[Array, "epochs places"] | None
    """Row numbers, padded so that any slice of a chunk fits; None for the rows as they stand."""
    places: Int[Array, ""] | int
    """How many of them are real."""
    rows: Int[Array, ""] | int
    """Rows of a step."""
    shifts: Int[Array, "epochs places 2"] | None = None
    """Translation of each row, down and right in pixels."""


class How(NamedTuple):
    """What is compiled in: everything that changes the program and not only its numbers."""

    kind: Kind
    epochs: int
    optimizer: optax.GradientTransformationExtraArgs
    searching: bool
    """Whether the optimizer evaluates the loss itself, as a line search does."""
    precision: Precision
    stop: Stop
    patience: int
    min_delta: float
    """Fraction by which a validation loss must fall to count as better, where it stops training."""
    validate: bool
    """Whether there are validation rows to score."""
    score: bool
    """Whether training rows are scored."""
    rescore: bool
    """Whether they are at the end of an epoch, and not as its batches are trained on."""
    side: tuple[int, int] | None
    """Height and width of an image that is translated; None where none is."""
    chunk: int = 0
    """Rows that are gathered and differentiated together."""
    at_once: bool = True
    """Whether a step's rows are one chunk."""
    reorder: bool = False
    """Whether rows are put in order once an epoch, not once a step: faster where they are few."""
    architecture: Architecture | None = None
    """Of stacked members; None for fused ones."""


def translated(
    x: Float[Array, "rows inputs"], shifts: Int[Array, "rows 2"], side: tuple[int, int]
) -> Float[Array, "rows inputs"]:
    """Each image moved down and right by its own shift; what leaves enters on the other side."""
    height, width = side
    shifts = shifts.astype(jnp.int32)
    down = (jnp.arange(height) - shifts[:, :1]) % height
    right = (jnp.arange(width) - shifts[:, 1:]) % width
    place = down[:, :, None] * width + right[:, None, :]
    return jnp.take_along_axis(x, place.reshape(len(x), -1), axis=1)


def logits_of(network: Any, x: Float[Array, "rows inputs"], how: How) -> Array:
    """Every member's outputs [members, outputs, rows]."""
    if how.architecture is None:
        return network.logits(x)
    return jax.vmap(partial(member_logits, how.architecture), in_axes=(0, None))(network, x)


def per_weight(network: Any, values: Float[Array, " members"]) -> Any:
    """A value of each member, shaped to broadcast over that member's weights."""
    if isinstance(network, Packed):
        return network.per_weight(values)
    return jax.tree.map(lambda w: values.reshape(-1, *[1] * (w.ndim - 1)), network)


def held(direction: Any, masks: Masks) -> Any:
    """A step that moves no weight which pruning removed."""
    if masks is None:
        return direction
    leaves, tree = jax.tree.flatten(direction)
    kept = [
        leaf if mask is None else jnp.where(mask, leaf, 0)
        for leaf, mask in zip(leaves, masks, strict=True)
    ]
    return tree.unflatten(kept)


def piece(data: Data, start, stop, permutation, shifts, how: How):
    """One chunk of a step: features, targets, and weights that are 0 beyond its end."""
    if permutation is None:
        x = lax.dynamic_slice_in_dim(data.x, start, how.chunk)
        y = lax.dynamic_slice_in_dim(data.y, start, how.chunk, axis=-1)
        own = data.weight
        if own is not None:
            own = lax.dynamic_slice_in_dim(own, start, how.chunk, axis=-1)
    else:
        data = in_order(data, lax.dynamic_slice_in_dim(permutation, start, how.chunk))
        x, y, own = data.x, data.y, data.weight
    x = as_floats(x, how.precision)
    if how.side is not None:
        moves = lax.dynamic_slice_in_dim(shifts, start, how.chunk)
        pixels = how.side[0] * how.side[1]  # a fused population's rows have a 1 and padding too
        moved = translated(x[:, :pixels], moves, how.side)
        x = jnp.concatenate([moved, x[:, pixels:]], axis=1)
    real = (start + jnp.arange(how.chunk) < stop).astype(jnp.float32)
    weight = real if own is None else own * real
    # Else XLA picks targets and weights out of the data anew in every kernel that uses them.
    return lax.optimization_barrier((x, y, weight))


def chunks(count: Int[Array, ""] | int, size: Int[Array, ""] | int) -> Array:
    """Into how many chunks of a size so many rows go; `//` would care for negative numbers too."""
    return lax.div(count + size - 1, jnp.asarray(size))


def in_order(data: Data, rows: Int[Array, " some"]) -> Data:
    """Some of the rows, in their order."""
    x = data.x.at[rows].get(mode="promise_in_bounds")
    y, weight = data.y.at[..., rows].get(mode="promise_in_bounds"), data.weight
    if weight is not None:
        weight = weight.at[..., rows].get(mode="promise_in_bounds")
    return data._replace(x=x, y=y, weight=weight)


def evaluate(network: Any, data: Data, members: int, how: How, chunk: int) -> tuple[Totals, Array]:
    """Totals of every member over all rows, and how many of them it classifies right.

    A chunk at a time, so that activations stay in cache.
    """

    def add(number, carry):
        sums, right = carry
        start = number * chunk
        x, y, weight = piece(
            data, start, data.count, None, None, how._replace(chunk=chunk, side=None)
        )
        logits = logits_of(network, x, how)
        sums = jax.tree.map(jnp.add, sums, totals(how.kind, logits, y, weight))
        if how.stop == "fit":
            right = right + (correct(how.kind, logits, y) & (weight > 0)).sum(axis=1)
        return sums, right

    start = nothing(members), jnp.zeros(members, jnp.int32)
    return lax.fori_loop(0, chunks(data.count, chunk), add, start)


def joint_step(network, state, rate, masks, data, span, permutation, shifts, members, how: How):
    """One step of all members by the gradient of the sum of their losses."""
    start, stop = span

    def loss(network, x, y, weight, size):
        logits = logits_of(network, x, how)
        sums = totals(how.kind, logits, y, weight)
        return (sums.loss / size).sum(), sums if how.score else nothing(members)

    def size_of(weight):
        return stop - start if weight.ndim == 1 else jnp.maximum(weight.sum(axis=1), 1e-12)

    slope = jax.grad(loss, has_aux=True)
    if how.at_once:
        x, y, weight = piece(data, start, stop, permutation, shifts, how)
        gradient, sums = slope(network, x, y, weight, size_of(weight))
    else:
        count = chunks(stop - start, how.chunk)
        size = stop - start
        if data.weight is not None:

            def weigh(number, size):
                part = piece(data, start + number * how.chunk, stop, permutation, shifts, how)
                return size + part[2].sum(axis=1)

            size = jnp.maximum(lax.fori_loop(0, count, weigh, jnp.zeros(members)), 1e-12)

        def accumulate(number, summed):
            part = piece(data, start + number * how.chunk, stop, permutation, shifts, how)
            x, y, weight = part
            return jax.tree.map(jnp.add, summed, slope(network, x, y, weight, size))

        zero = (jax.tree.map(jnp.zeros_like, network), nothing(members))
        gradient, sums = lax.fori_loop(0, count, accumulate, zero)
    direction, state = how.optimizer.update(gradient, state, network)
    direction = held(direction, masks)
    return jax.tree.map(lambda w, r, d: w + r * d, network, rate, direction), state, sums


def single_steps(
    network, state, rate, masks, data, span, permutation, shifts, members, how: How
):  # fmt: skip
    """One step of each member by itself, for optimizers that look at a whole network."""
    start, stop = span
    x, y, weight = piece(data, start, stop, permutation, shifts, how)
    architecture = how.architecture
    assert architecture is not None  # fused members are trained jointly

    def step(one, state, rate, masks, y, weight):
        def value_of(at):
            logits = member_logits(architecture, at, x)[None]
            sums = totals(how.kind, logits, y, weight)
            return sums.loss[0] / jnp.maximum(weight.sum(), 1e-12), sums

        def value_alone(at):
            return value_of(at)[0]

        if how.searching:  # its state remembers the value and gradient found last
            value, gradient = optax.value_and_grad_from_state(value_alone)(one, state=state)
            sums = nothing(1)
        else:
            (value, sums), gradient = jax.value_and_grad(value_of, has_aux=True)(one)
        direction, state = how.optimizer.update(
            gradient, state, one, value=value, grad=gradient, value_fn=value_alone
        )
        direction = held(direction, masks)
        return jax.tree.map(lambda w, r, d: w + r * d, one, rate, direction), state, sums

    own = (0 if y.ndim == 2 else None, 0 if weight.ndim == 2 else None)
    together = jax.vmap(step, in_axes=(0, 0, 0, 0, *own))
    network, state, sums = together(network, state, rate, masks, y, weight)
    return network, state, jax.tree.map(lambda total: total[:, 0], sums)
