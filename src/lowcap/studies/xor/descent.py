"""Exact full-batch gradient descent on the XORD network, for many runs at once (1810.03037)."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Bool, Float, Int

from lowcap.errors import SettingsError
from lowcap.studies.xor.problem import PATTERNS, POSITIVE, SETS

RATE = 1 / 410
"""The paper's c: a step is c / k (theorems 4.1 and 4.2 ask for at most this)."""

_VALUES_AT_ONCE = 1 << 15


class Descended(NamedTuple):
    """The filters of every run after training."""

    w: Float[np.ndarray, "runs k 2"]
    u: Float[np.ndarray, "runs k 2"]
    steps: Int[np.ndarray, " runs"]
    """Gradient steps taken; `max_steps` if the loss did not reach 0."""
    converged: Bool[np.ndarray, " runs"]
    """Whether the training loss is exactly 0."""


def deviation(k: int, rate: float = RATE) -> float:
    """The largest initial standard deviation that the theorems allow: c / (16 k^1.5)."""
    return rate / (16 * k**1.5)


def descend(
    w: Float[np.ndarray, "runs k 2"],
    u: Float[np.ndarray, "runs k 2"],
    weights: Float[np.ndarray, "runs 15"],
    *,
    gamma: float = 8.0,
    rate: float = RATE,
    max_steps: int = 100_000,
) -> Descended:
    """Train every run to zero loss, or for `max_steps` steps.

    The loss is the weighted mean of max(gamma - N, 0) over positive and max(1 + N, 0) over negative
    inputs, the step rate / k. The sum of two successive gradients stays the same until the pattern
    that a filter is pooled over changes, or an input's loss becomes zero or positive. So all the
    steps up to that moment are taken at once: the filters follow the path of plain gradient
    descent up to rounding, and a run whose filters stand still or oscillate at a positive loss
    takes all its remaining steps in one iteration.

    Args:
        w: initial positive filters.
        u: initial negative filters.
        weights: of the 15 inputs in each run's training set, summing to 1.
        gamma: margin of positive inputs; that of negative ones is 1.
        rate: c; the step is c / k.
        max_steps: the most gradient steps of a run.

    Raises:
        SettingsError: a setting is impossible.
    """
    if gamma <= 0 or rate <= 0 or max_steps < 1:
        raise SettingsError("gamma, rate and the number of steps must be above 0")
    runs, k, _ = w.shape
    # A filter is known by its products with p1 and p2; in units of the change that one step with
    # weight 1 makes to them, all numbers are of moderate size.
    unit = 2 * rate / k
    both = np.concatenate([w, u], axis=1)
    products = np.asarray(both @ PATTERNS[:2].T / unit, np.float32)
    which = tuple(np.flatnonzero((weights > 0).any(axis=0)).tolist())
    if len(which) > 2:  # few kinds of compiled code: the diverse case, and the general one
        which = tuple(range(len(SETS)))
    margins = np.where(POSITIVE, gamma / unit, -1 / unit).astype(np.float32)[list(which)]
    together = max(1, _VALUES_AT_ONCE // (2 * k))
    parts = []
    for start in range(0, runs, together):
        part = slice(start, start + together)
        batch, shares = products[part], np.asarray(weights[part][:, which], np.float32)
        padding = together - len(batch) if runs > together else 0
        if padding:  # one shape, one compilation; runs without training data end at once
            batch = np.pad(batch, ((0, padding), (0, 0), (0, 0)))
            shares = np.pad(shares, ((0, padding), (0, 0)))
        ended = jax.device_get(_descend(batch, shares, margins, max_steps, which))
        parts.append([values[: together - padding] for values in ended])
    products, steps, converged = (np.concatenate(each) for each in zip(*parts, strict=True))
    ended = products.astype(np.float64) * unit @ (PATTERNS[:2] / 2)
    return Descended(ended[:, :k], ended[:, k:], steps, converged)


@partial(jax.jit, static_argnames="which")
def _descend(products, weights, margins, max_steps, which):
    """The products, the numbers of steps and whether the loss is 0, for every run after training.

    Args:
        products: [runs, 2 k, 2], of every filter with p1 and p2, in units of a step.
        weights: [runs, inputs], of the inputs in each run's training set.
        margins: [inputs], the outputs at which their loss becomes 0, in units of a step.
        max_steps: the most gradient steps of a run.
        which: numbers of the inputs, from 0 to 14.
    """
    k = products.shape[1] // 2
    data = _Data(
        which,
        jnp.where(jnp.arange(2 * k) < k, 1.0, -1.0),
        jnp.where(jnp.asarray(POSITIVE)[jnp.asarray(which)], 1.0, -1.0),
        weights,
        margins,
    )

    def body(carry):
        one, two, steps, _ = carry
        now = _state(one, two, data)
        next_one, next_two = one + now.step_one, two + now.step_two
        then = _state(next_one, next_two, data)
        # Filters that overshoot come back in the next step: what is steady is a turn of two steps.
        drift_one = now.step_one + then.step_one
        drift_two = now.step_two + then.step_two
        soonest = jnp.minimum(
            _turns_to_change(one, two, now, data, drift_one, drift_two),
            _turns_to_change(next_one, next_two, then, data, drift_one, drift_two),
        )
        left = ((max_steps - steps + 1) // 2).astype(one.dtype)
        turns = jnp.where(now.fit, 0.0, jnp.clip(jnp.ceil(soonest), 1.0, left))
        taken = jnp.where(then.fit & ~now.fit, 1, 2 * turns.astype(steps.dtype))
        one, two = one + turns[:, None] * drift_one, two + turns[:, None] * drift_two
        steps = steps + taken
        return one, two, steps, (~now.fit & ~then.fit & (steps < max_steps)).any()

    no_steps = jnp.zeros(len(products), jnp.int32)
    start = (products[..., 0], products[..., 1], no_steps, jnp.asarray(True))
    one, two, steps, _ = lax.while_loop(lambda carry: carry[-1], body, start)
    fit = _state(one, two, data).fit
    return jnp.stack([one, two], axis=-1), jnp.minimum(steps, max_steps), fit


class _Data(NamedTuple):
    """The training sets of all runs, and the fixed second layer."""

    which: tuple[int, ...]
    """Numbers of the inputs that occur in some training set."""
    sign: Any
    """[2 k], the second layer: +1 for positive filters, -1 for negative ones."""
    label: Any
    weights: Any
    margins: Any


class _State(NamedTuple):
    """Outputs and gradients of all runs at one point of their paths."""

    excess: Any
    """[runs, inputs], the outputs minus the margins."""
    fit: Any
    """[runs], whether the loss is 0."""
    step_one: Any
    """[runs, 2 k], what one gradient step adds to each filter's product with p1; and with p2."""
    step_two: Any
    slope_one: list[Any]
    """By input, the slope of each filter's pooled value in its product with p1; and with p2."""
    slope_two: list[Any]


def _state(one, two, data: _Data) -> _State:
    """Evaluate the network and its gradient from the filters' products with p1 and p2."""
    values, slope_one, slope_two = [], [], []
    for number in data.which:
        a, da = _best(one, bool(SETS[number, 0]), bool(SETS[number, 2]))
        b, db = _best(two, bool(SETS[number, 1]), bool(SETS[number, 3]))
        by_one = a >= b
        value = jnp.where(by_one, a, b)
        alive = value > 0
        values.append(jnp.where(alive, value, 0.0))
        slope_one.append(jnp.where(alive & by_one, da, 0.0))
        slope_two.append(jnp.where(alive & ~by_one, db, 0.0))
    outputs = jnp.stack([(v * data.sign).sum(axis=1) for v in values], axis=1)
    missed = jnp.where(data.label > 0, outputs < data.margins, outputs > data.margins)
    missed = missed & (data.weights > 0)
    pull = jnp.where(missed, data.weights * data.label, 0.0)  # [runs, inputs]
    return _State(
        outputs - data.margins,
        ~missed.any(axis=1),
        data.sign * sum(pull[:, i, None] * d for i, d in enumerate(slope_one)),
        data.sign * sum(pull[:, i, None] * d for i, d in enumerate(slope_two)),
        slope_one,
        slope_two,
    )


def _turns_to_change(one, two, state: _State, data: _Data, drift_one, drift_two):
    """After how many turns of a constant drift the gradient changes, for each run.

    It changes when an output passes its margin, or when a filter's pooled pattern changes: when a
    product, or the sum or difference of the two, passes 0.
    """
    pace = jnp.stack(
        [
            (data.sign * (d * drift_one + e * drift_two)).sum(axis=1)
            for d, e in zip(state.slope_one, state.slope_two, strict=True)
        ],
        axis=1,
    )
    turns = jnp.where(data.weights > 0, _time_to(state.excess, pace), jnp.inf).min(axis=1)
    for value, drift in (
        (one, drift_one), (two, drift_two),
        (one - two, drift_one - drift_two), (one + two, drift_one + drift_two),
    ):  # fmt: skip
        turns = jnp.minimum(turns, _time_to(value, drift).min(axis=1))
    return turns


def _best(product, plain: bool, opposite: bool):
    """The larger of the products with a pattern and with its negative, and its slope.

    Only patterns that the input holds count: `plain` says whether it holds the pattern, `opposite`
    whether it holds the negative.
    """
    if plain and opposite:
        return jnp.abs(product), jnp.sign(product)
    if plain:
        return product, jnp.ones_like(product)
    if opposite:
        return -product, -jnp.ones_like(product)
    return jnp.full_like(product, -jnp.inf), jnp.zeros_like(product)


def _time_to(value, speed):
    """Steps until a value that changes by `speed` per step passes 0; infinite if it never does."""
    moving = value * speed < 0
    return jnp.where(moving, -value / jnp.where(moving, speed, 1.0), jnp.inf)
