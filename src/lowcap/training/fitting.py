"""Training a whole population: one function for every kind of network and task."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import get_args

import jax
import numpy as np
import optax
from jaxtyping import Float, Int, Shaped

from lowcap.data import Split
from lowcap.errors import SettingsError
from lowcap.networks import Fused, Member, Population, Precision, Stacked, in_order, initialise
from lowcap.networks.rows import ROW_CHUNK, padded_rows
from lowcap.streams import stream
from lowcap.training.asked import check_given
from lowcap.training.fitted import SCORES, Fitted, History, mean_scores
from lowcap.training.memory import check_memory
from lowcap.training.optimizers import SEARCHING, check_separable, find_optimizer
from lowcap.training.portions import Plan, Trained, train_population
from lowcap.training.steps import Epochs, How, Stop


def fit(
    networks: Sequence[Member] | Population,
    split: Split,
    *,
    epochs: int = 100,
    batch_size: int | None = 128,
    optimizer: str | optax.GradientTransformation = "sgd",
    seed: int = 0,
    labels: Shaped[np.ndarray, "members rows"] | None = None,
    weights: Float[np.ndarray, "members rows"] | None = None,
    stop: Stop = "",
    patience: int = 10,
    min_delta: float = 0.0,
    score_training: bool = True,
    rescore: bool = False,
    order: Int[np.ndarray, "epochs places"] | None = None,
    shifts: Int[np.ndarray, "epochs places 2"] | None = None,
    precision: Precision = "float32",
    memory: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Fitted:
    """Train all members side by side on one stream of batches; each becomes what it would alone.

    Args:
        networks: members, whose initial weights follow from their seeds (see `grid`), or a
            population to go on from. Weights that pruning removed from it stay at 0.
        split: the task's data; training rows train, validation rows are scored each epoch (with
            none, the validation scores are NaN).
        epochs: passes over the training data, at most.
        batch_size: rows a step, shuffled anew every epoch; None for the full batch.
        optimizer: "sgd", "momentum", "adam", "rmsprop", "l-bfgs" (full batch only), or any optax
            optimizer. A member's learning rate multiplies its step: it is the learning rate of the
            named ones, and unless it is given `optax.adam(1e-3)` moves as optax has it.
        seed: seed of the order of the batches.
        labels: targets of each member, if they differ; [members, training rows].
        weights: of the training rows for each member: 0 leaves a row out, so that the folds of a
            cross-validation train side by side. The loss of a batch is its weighted mean.
        stop: "fit": a member rests once it classifies every training row of weight above 0 right.
            "validation": once its validation loss has not improved for `patience` epochs; it
            then keeps the weights of its best epoch. "": never.
        patience: see `stop`.
        min_delta: fraction by which the validation loss must fall for `patience` to start anew, so
            that a loss which only crawls ends training. The best epoch's weights are kept anyway.
        score_training: take losses and scores of the training rows. Where validation alone
            decides they can be left out: the history's are NaN then, whatever `rescore` says, and
            small networks train up to a tenth faster.
        rescore: take training scores at the end of each epoch, over all training rows as they are.
        order: which rows each epoch goes through, instead of all of them shuffled by `seed`.
        shifts: translation of each of these rows in pixels, down and right; what leaves an image
            on one side enters on the other.
        precision: of the factors of a fused population's large products. "bfloat16" is faster
            where the hardware multiplies it, and rounds to 8 bits on the way into a product.
        memory: bytes that training may take, beside the population itself; what is free unless
            given, or what LOWCAP_MEMORY says. Members that do not fit together train one portion
            after another, with the same results but for the last digits.
        progress: called with the number of members trained so far and their number in all.

    Raises:
        SettingsError: a setting is impossible, or the population needs more memory than there is.
        DataError: rows are to be shifted that are no images.

    Example:
        >>> fitted = fit(grid([2, 8, 32], seed=range(5)), split, optimizer="adam", epochs=50)
        >>> fitted.population[0](split.test.x)
    """
    check_given(networks, split)
    _check(epochs, batch_size, optimizer, precision, stop, patience, min_delta)
    _check_split(split, stop)
    named = find_optimizer(optimizer)
    population = _population(networks, split, named.usual_rate, epochs, batch_size)
    labels, weights = _by_member(split, len(population), labels, weights)
    searching, fused = optimizer in SEARCHING, isinstance(population, Fused)
    if not fused and precision != "float32":
        raise SettingsError(f"precision '{precision}': only fused populations have it")
    if fused and not isinstance(optimizer, str):
        check_separable(named.unit)
    how = How(
        kind=split.target.kind,
        epochs=epochs,
        optimizer=named.unit,
        searching=searching,
        precision=precision,
        stop=stop,
        patience=patience,
        min_delta=min_delta,
        validate=len(split.validation.y) > 0,
        score=score_training,
        rescore=rescore or searching,
        side=None if shifts is None else split.image_shape,
    )
    span = _epochs(order, seed, epochs, len(split.train.y), batch_size, shifts)
    rates = np.asarray(population.keys["learning_rate"], np.float32)
    plan = Plan(split, how, span, labels, weights, rates, progress, memory)
    trained = train_population(population, plan)
    return Fitted(trained.population, _history(trained, plan), trained.reached)


def _check(epochs, batch_size, optimizer, precision, stop, patience, min_delta) -> None:
    if epochs < 1:
        raise SettingsError(f"epochs {epochs}: must be at least 1")
    if batch_size is not None and batch_size < 1:
        raise SettingsError(f"batch size {batch_size}: must be at least 1")
    if batch_size is not None and optimizer in SEARCHING:
        raise SettingsError(f"optimizer '{optimizer}' needs the full batch")
    if patience < 1:
        raise SettingsError(f"patience {patience}: must be at least 1")
    if not 0 <= min_delta < 1:
        raise SettingsError(f"min_delta {min_delta}: must be at least 0 and below 1")
    for name, value, allowed in (("precision", precision, Precision), ("stop", stop, Stop)):
        if value not in get_args(allowed):
            raise SettingsError(f"{name} '{value}': choose {' or '.join(get_args(allowed))}")


def _check_split(split: Split, stop: Stop) -> None:
    if not len(split.train.y):
        raise SettingsError(f"task {split.target.id}: there are no training rows")
    if stop == "validation" and not len(split.validation.y):
        raise SettingsError(f"stop 'validation': task {split.target.id} has no validation rows")


def _by_member(split: Split, members: int, labels, weights):
    """Labels and weights of each member, the task's own row weights among them."""
    count = len(split.train.y)
    for name, given in (("labels", labels), ("weights", weights)):
        if given is not None and np.shape(given) != (members, count):
            raise SettingsError(
                f"{name} of shape {np.shape(given)}, but there are {members} members and "
                f"{count} training rows"
            )
    if weights is not None:
        weights = np.asarray(weights, np.float32)
        if not (np.isfinite(weights).all() and (weights >= 0).all()):
            raise SettingsError("row weights must be finite and not negative")
    if split.weights is not None:
        ones = np.ones((members, count), np.float32)
        weights = split.weights * (ones if weights is None else weights)
    return (None if labels is None else np.asarray(labels)), weights


def _population(
    networks: Sequence[Member] | Population,
    split: Split,
    usual_rate: float,
    epochs: int,
    batch_size: int | None,
) -> Population:
    """The population to train, its learning rates filled in."""
    inputs, target = split.train.x.shape[1], split.target
    if not isinstance(networks, Population):
        rows = 0 if batch_size is None else len(split.train.y)
        check_memory(len(networks), _weights(networks, inputs, target.outputs), epochs, rows)
        networks = initialise(in_order(networks), inputs, target.outputs, target.kind)
    if (networks.inputs, networks.outputs) != (inputs, target.outputs):
        raise SettingsError(
            f"networks of {networks.inputs} inputs and {networks.outputs} outputs, but the task "
            f"has {inputs} and {target.outputs}"
        )
    if isinstance(networks, Fused):
        return networks.with_members(
            [
                member if member.learning_rate else replace(member, learning_rate=usual_rate)
                for member in networks.members
            ]
        )
    assert isinstance(networks, Stacked)
    rates = networks.learning_rates or (None,) * len(networks)
    return networks.with_rates([usual_rate if rate is None else rate for rate in rates])


def _weights(members: Sequence[Member], inputs: int, outputs: int) -> int:
    """Weights and biases of all members together."""
    sizes = (member.hidden for member in members)
    return sum(
        size * (inputs + 1 + outputs) + outputs if size else (inputs + 1) * outputs
        for size in sizes
    )


def _epochs(order, seed, epochs, count, batch_size, shifts) -> Epochs:
    """The order of the rows, padded so that any slice of a chunk fits."""
    if order is None and batch_size is None:
        return Epochs(None, count, count)
    if order is None:
        everyone = np.tile(np.arange(count, dtype=np.int32), (epochs, 1))
        order = stream("batch order", seed).permuted(everyone, axis=1)
    if len(order) != epochs:
        raise SettingsError(f"an order of {len(order)} epochs, but {epochs} epochs")
    places = order.shape[1]
    rows = places if batch_size is None else min(batch_size, places)
    extra = max(rows, ROW_CHUNK)
    padded = np.zeros((epochs, padded_rows(places) + extra), np.int32)
    padded[:, :places] = order
    moved = None
    if shifts is not None:
        moved = np.zeros((*padded.shape, 2), np.int8)
        moved[:, : shifts.shape[1]] = shifts[:, : moved.shape[1]]
    return Epochs(
        jax.device_put(padded), places, rows, None if moved is None else jax.device_put(moved)
    )


def _history(trained: Trained, plan: Plan) -> History:
    """Losses and scores of every epoch."""
    split, kind, span = plan.split, plan.split.target.kind, plan.epochs
    used = None
    if span.order is not None and not plan.how.rescore and span.places != len(split.train.y):
        used = np.asarray(span.order)[:, : int(span.places)]  # scores are of the rows it names
        used = used[: len(trained.train.loss)]
    y = split.train.y if plan.labels is None else plan.labels
    training = mean_scores(kind, trained.train, y, plan.weights, used)
    checked = mean_scores(kind, trained.validation, split.validation.y)
    return History(*training, *checked, SCORES[kind])
