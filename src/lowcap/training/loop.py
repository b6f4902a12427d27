"""The compiled loop: every epoch and batch of a portion of a population in one program."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int

from lowcap.training.losses import Totals, nothing
from lowcap.training.steps import (
    Data,
    Epochs,
    How,
    Masks,
    chunks,
    evaluate,
    in_order,
    joint_step,
    per_weight,
    single_steps,
)


class Ended(NamedTuple):
    """What comes out of training a portion."""

    network: Any
    train: Totals
    """Sums of every epoch, [epochs, members]."""
    validation: Totals
    reached: Int[Array, " members"]
    """Epochs after which a member rested; -1 if never."""
    ran: Int[Array, ""] | int
    """Epochs until all members rested, or all of them."""


class Course(NamedTuple):
    """Where training stands after an epoch."""

    network: Any
    state: Any
    """The optimizer's."""
    patience: Int[Array, " members"]
    """Epochs since each member's validation loss fell by enough to count."""
    counted: Float[Array, " members"]
    """What it fell to then."""
    kept: Any
    """The weights of each member's best epoch, where validation stops it."""
    best: Float[Array, " members"]
    """Their validation loss."""
    epochs: Int[Array, ""] | int
    reached: Int[Array, " members"]
    history: tuple[Totals | None, Totals | None]
    """Sums of every epoch so far, of training and of validation, where they are taken."""


class Given(NamedTuple):
    """What stays the same from epoch to epoch."""

    rates: Float[Array, " members"]
    data: Data
    validation: Data
    epochs: Epochs
    masks: Masks
    """Which weights may move."""


@partial(jax.jit, static_argnames=("how", "members", "score_chunk"))
def train(
    network, rates, data: Data, validation: Data, epochs: Epochs, masks: Masks, how: How,
    members: int, score_chunk: int,
) -> Ended:  # fmt: skip
    """Run all epochs, or until every member rests.

    Row counts and batch limits are ordinary values here, not shapes, so that tasks of different
    sizes share one compilation.
    """
    given = Given(rates, data, validation, epochs, masks)
    unscored = Totals(*(jnp.full((how.epochs, members), jnp.nan) for _ in Totals._fields))
    start = how.optimizer.init if how.architecture is None else jax.vmap(how.optimizer.init)
    first = Course(
        network,
        start(network),
        patience=jnp.zeros(members, jnp.int32),
        counted=jnp.full(members, jnp.inf),
        kept=network if how.stop == "validation" else None,
        best=jnp.full(members, jnp.inf),
        epochs=0,
        reached=jnp.full(members, -1),
        history=(unscored if how.score else None, unscored if how.validate else None),
    )

    def unfinished(course: Course):
        more = course.epochs < how.epochs
        return more & ((course.reached < 0).any() if how.stop else True)

    def further(course: Course) -> Course:
        return one_epoch(course, given, members, how, score_chunk)

    last = lax.while_loop(unfinished, further, first)
    scored, checked = last.history
    network = last.kept if how.stop == "validation" else last.network
    scored = unscored if scored is None else scored
    checked = unscored if checked is None else checked
    return Ended(network, scored, checked, last.reached, last.epochs)


def one_epoch(course: Course, given: Given, members: int, how: How, score_chunk: int) -> Course:
    """Take all steps of an epoch, score, and let members rest that are done."""
    network, state, scored = all_steps(course, given, members, how)
    right = jnp.zeros(members, jnp.int32)
    if (how.score and how.rescore) or how.stop == "fit":
        rescored, right = evaluate(network, given.data, members, how, score_chunk)
        scored = rescored if how.rescore else scored
    checked: Any = None
    if how.validate:
        only = how._replace(stop="")
        checked, _ = evaluate(network, given.validation, members, only, score_chunk)
    history = jax.tree.map(
        lambda every, now: every.at[course.epochs].set(now, mode="promise_in_bounds"),
        course.history,
        (scored if how.score else None, checked),
    )
    now = course._replace(network=network, state=state, history=history, epochs=course.epochs + 1)
    if how.stop == "fit":
        weight = given.data.weight
        needed = given.data.count if weight is None else (weight > 0).sum(axis=1)
        return now._replace(
            reached=jnp.where((now.reached < 0) & (right == needed), now.epochs, now.reached)
        )
    return stopped_by_validation(now, checked, how) if how.stop == "validation" else now


def all_steps(course: Course, given: Given, members: int, how: How):
    """The steps of one epoch: network, optimizer's state, and the sums of its batches' scores."""
    step = joint_step if how.architecture is None else single_steps
    epochs, masks, number = given.epochs, given.masks, course.epochs
    trained = jnp.where(course.reached < 0, 1.0, 0.0) if how.stop else jnp.ones(members)
    rate = per_weight(course.network, given.rates * trained if how.stop else given.rates)
    row = None if epochs.order is None else epochs.order[number]
    shifts = None if epochs.shifts is None else epochs.shifts[number]
    data = given.data
    if how.reorder and row is not None:
        data, row = in_order(data, row), None

    def update(place, carry):
        network, state, scored = carry
        start = place * epochs.rows
        span = start, jnp.minimum(start + epochs.rows, epochs.places)
        network, state, sums = step(
            network, state, rate, masks, data, span, row, shifts, members, how
        )
        return network, state, jax.tree.map(jnp.add, scored, sums)

    count = chunks(epochs.places, epochs.rows)
    return lax.fori_loop(0, count, update, (course.network, course.state, nothing(members)))


def stopped_by_validation(now: Course, checked: Totals, how: How) -> Course:
    """Keep the best weights of each member; one that has not improved for long enough rests.

    Any lower loss is better, but only one that is lower by enough sets its patience to 0 again.
    """
    better = checked.loss < now.best
    enough = checked.loss < now.counted * (1 - how.min_delta)
    improved = per_weight(now.network, better.astype(jnp.float32))
    kept = jax.tree.map(
        lambda one, new, old: jnp.where(one > 0, new, old), improved, now.network, now.kept
    )
    patience = jnp.where(enough, 0, now.patience + 1)
    out = (now.reached < 0) & (patience >= how.patience)
    return now._replace(
        patience=patience,
        counted=jnp.where(enough, checked.loss, now.counted),
        kept=kept,
        best=jnp.where(better, checked.loss, now.best),
        reached=jnp.where(out, now.epochs, now.reached),
    )
