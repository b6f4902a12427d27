"""Training a stacked population: members side by side under vmap until each fits its data."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax
from jaxtyping import Array, Float, Int

from lowcap.errors import SettingsError
from lowcap.networks.stacked import Stacked, choose
from lowcap.streams import stream
from lowcap.training.memory import members_at_once, portions
from lowcap.training.optimizers import FULL_BATCH_ONLY, optimizer

EVALUATED_AT_ONCE = 512
"""Rows whose activations are held together when accuracy is taken."""


@dataclass(frozen=True, eq=False)
class StackedFit:
    """A trained stacked population."""

    stacked: Stacked
    epochs: Int[np.ndarray, " members"]
    """Epochs (L-BFGS: iterations) until every training image was right; -1 if never."""
    train_accuracy: Float[np.ndarray, " members"]
    """At the end, on training images as they are, not augmented."""
    train_loss: Float[np.ndarray, " members"]
    """Likewise, in nats."""


def fit_stacked(
    initial: Stacked,
    images: Float[np.ndarray, "rows inputs"],
    labels: Int[np.ndarray, "members rows"],
    rates: Sequence[float],
    *,
    optimizer: str = "momentum",
    batch_size: int | None = 100,
    epochs: int = 100,
    seed: int = 0,
    shift: int = 0,
    side: tuple[int, int] = (28, 28),
    stop: bool = True,
    memory: int | None = None,
) -> StackedFit:
    """Train each member until it classifies every training image right, or epochs run out.

    All members see the same batches; each has its own labels and learning rate. A member that
    has reached 100 % stays as it is while the others go on.

    Args:
        initial: the population before training; see `stack`.
        images: training images, flattened.
        labels: classes by member and image.
        rates: learning rate of each member; L-BFGS wants 1, it searches along the line.
        optimizer: a name of `OPTIMIZERS`.
        batch_size: rows a step, reshuffled every epoch; None for the full batch.
        epochs: passes over the data at most.
        seed: seed of the order of the batches and of the shifts.
        shift: augment by translations of up to so many pixels in each direction, what leaves on
            one side enters on the other (1802.08760, sec. 4.3); 0 for none.
        side: height and width of an image, for the shifts.
        stop: whether a member that classifies every training image right is finished; if not,
            all members train for all epochs.
        memory: bytes that training may take; what the machine has unless given. Members that
            do not fit together are trained one chunk after another, with the same results.

    Raises:
        SettingsError: a setting is impossible.
    """
    if epochs < 1:
        raise SettingsError(f"epochs {epochs}: must be at least 1")
    if batch_size is not None and batch_size < 1:
        raise SettingsError(f"batch size {batch_size}: must be at least 1")
    if batch_size is not None and optimizer in FULL_BATCH_ONLY:
        raise SettingsError(f"optimizer '{optimizer}' needs the full batch")
    if not len(labels) == len(rates) == initial.members:
        raise SettingsError(
            f"{initial.members} members, but {len(labels)} rows of labels and {len(rates)} rates"
        )
    count = len(images)
    batch = min(batch_size or count, count)
    order, shifts = _plan(seed, epochs, count, batch, shift)
    x = jnp.asarray(images, jnp.float32)
    together = members_at_once(initial.shape, max(batch, EVALUATED_AT_ONCE), memory)
    parts = []
    for part in portions(initial.members, together):
        mine = jnp.asarray(labels[part], jnp.int32)
        speed = jnp.asarray(np.asarray(rates)[part], jnp.float32)
        parts.append(
            jax.device_get(
                _descend(
                    choose(initial, part), speed, x, mine, order, shifts, stop, optimizer, batch,
                    side if shift else None,
                )
            )
        )  # fmt: skip
    joined = jax.tree.map(lambda *each: np.concatenate(each), *parts)
    stacked, reached, accuracy, losses = joined
    return StackedFit(jax.tree.map(jnp.asarray, stacked), reached, accuracy, losses)


def _plan(seed: int, epochs: int, count: int, batch: int, shift: int):
    """Order of the rows in each epoch, padded to whole batches; and each row's translation."""
    generator = stream("stacked batch order", seed)
    padded = -(-count // batch) * batch
    order = np.full((epochs, padded), count, np.int32)
    order[:, :count] = generator.permuted(
        np.tile(np.arange(count, dtype=np.int32), (epochs, 1)), axis=1
    )
    if not shift:
        return jnp.asarray(order), None
    shifts = generator.integers(-shift, shift + 1, (epochs, padded, 2), dtype=np.int8)
    return jnp.asarray(order), jnp.asarray(shifts)


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


def _loss(network, x, y, weight):
    losses = optax.softmax_cross_entropy_with_integer_labels(network.logits(x), y)
    return (losses * weight).sum() / weight.sum()


@partial(jax.jit, static_argnames=("name", "batch", "side"))
def _descend(stacked, rates, x, labels, order, shifts, stop, name, batch, side):
    chosen = optimizer(name)
    count, epochs, stop = len(x), len(order), jnp.asarray(stop)

    def step(network, state, speed, y, x, weight):
        def value_of(at):
            return _loss(at, x, y, weight)

        if name in FULL_BATCH_ONLY:  # its state remembers the value and gradient found last
            value, gradient = optax.value_and_grad_from_state(value_of)(network, state=state)
        else:
            value, gradient = jax.value_and_grad(value_of)(network)
        direction, state = chosen.update(
            gradient, state, network, value=value, grad=gradient, value_fn=value_of
        )
        return jax.tree.map(lambda w, d: w + speed * d, network, direction), state

    together = jax.vmap(step, in_axes=(0, 0, 0, 0, None, None))

    def update(number, carry):
        stacked, state, active, epoch = carry
        index = lax.dynamic_slice_in_dim(order[epoch], number * batch, batch)
        weight = (index < count).astype(x.dtype)
        rows = jnp.minimum(index, count - 1)
        seen = x[rows]
        if side is not None:
            moves = lax.dynamic_slice_in_dim(shifts[epoch], number * batch, batch)
            seen = translated(seen, moves, side)
        stacked, state = together(stacked, state, rates * active, labels[:, rows], seen, weight)
        return stacked, state, active, epoch

    def again(carry):
        _, _, reached, epoch, *_ = carry
        return (epoch < epochs) & ((reached < 0).any() | ~stop)

    def epoch_of(carry):
        stacked, state, reached, epoch, *_ = carry
        active = ((reached < 0) | ~stop).astype(x.dtype)
        whole = order.shape[1] // batch
        stacked, state, _, _ = lax.fori_loop(0, whole, update, (stacked, state, active, epoch))
        right, losses = _score(stacked, x, labels)
        done = (reached < 0) & (right == count)
        return (stacked, state, jnp.where(done, epoch + 1, reached), epoch + 1, right / count,
                losses / count)  # fmt: skip

    nothing = jnp.zeros(len(rates))
    start = (stacked, jax.vmap(chosen.init)(stacked), jnp.full(len(rates), -1), 0, nothing, nothing)
    stacked, _, reached, _, accuracy, losses = lax.while_loop(again, epoch_of, start)
    return stacked, reached, accuracy, losses


def _score(stacked, x, labels):
    """How many rows each member classifies right, and its summed loss, a chunk at a time."""
    count = len(x)

    def add(chunk, totals):
        start = jnp.minimum(chunk * EVALUATED_AT_ONCE, max(count - EVALUATED_AT_ONCE, 0))
        size = min(EVALUATED_AT_ONCE, count)
        new = start + jnp.arange(size) >= chunk * EVALUATED_AT_ONCE  # the last chunk may overlap
        seen = lax.dynamic_slice_in_dim(x, start, size)
        y = lax.dynamic_slice_in_dim(labels, start, size, axis=1)
        logits = jax.vmap(Stacked.logits, in_axes=(0, None))(stacked, seen)
        classes = jnp.arange(logits.shape[-1])
        mine = classes == y[..., None]
        own = jnp.where(mine, logits, 0).sum(axis=-1, keepdims=True)
        # As argmax decides, which XLA does not vectorize on a CPU.
        better = (logits > own) | ((logits == own) & (classes < y[..., None]))
        right = ~better.any(axis=-1) & new
        losses = jnp.where(new, jax.nn.logsumexp(logits, axis=-1) - own[..., 0], 0)
        return totals[0] + right.sum(axis=1), totals[1] + losses.sum(axis=1)

    nothing = jnp.zeros(len(labels), jnp.int32), jnp.zeros(len(labels))
    return lax.fori_loop(0, -(-count // EVALUATED_AT_ONCE), add, nothing)
