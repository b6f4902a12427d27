"""Exact full-batch gradient descent on the XORD network, for many runs at once (1810.03037)."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Bool, Float, Int

from lowcap.data.xor import PATTERNS, POSITIVE, SETS
from lowcap.errors import SettingsError

RATE = 1 / 410
"""The paper's c: a step is c / k (theorems 4.1 and 4.2 ask for at most this)."""

_VALUES_AT_ONCE = 1 << 15


class Descended(NamedTuple):
    """What became of every run."""

    w: Float[np.ndarray, "runs k 2"]
    u: Float[np.ndarray, "runs k 2"]
    steps: Int[np.ndarray, " runs"]
    """Gradient steps taken; `max_steps` if the run was given up."""
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
    inputs, the step rate / k. The gradient is the same from step to step, or from every second step
    to the next, until some filter's best pattern changes or some input's hinge opens or closes, so
    that many steps are taken in one; the sequence of steps is that of plain gradient descent, but
    for rounding. A run that rests, or goes back and forth, short of its goal costs no more.

    Args:
        w: initial positive filters.
        u: initial negative filters.
        weights: of the 15 inputs in each run's training set, summing to 1.
        gamma: margin asked of positive inputs; negative ones are asked for 1.
        rate: c; the step is c / k.
        max_steps: give up after so many steps.

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
        mine, share = products[part], np.asarray(weights[part][:, which], np.float32)
        lacking = together - len(mine) if runs > together else 0
        if lacking:  # one shape, one compilation; runs without training data end at once
            mine = np.pad(mine, ((0, lacking), (0, 0), (0, 0)))
            share = np.pad(share, ((0, lacking), (0, 0)))
        ended = jax.device_get(_descend(mine, share, margins, max_steps, which))
        parts.append([values[: together - lacking] for values in ended])
    products, steps, converged = (np.concatenate(each) for each in zip(*parts, strict=True))
    ended = products.astype(np.float64) * unit @ (PATTERNS[:2] / 2)
    return Descended(ended[:, :k], ended[:, k:], steps, converged)


@partial(jax.jit, static_argnames="which")
def _descend(products, weights, margins, max_steps, which):
    k = products.shape[1] // 2
    sign = jnp.where(jnp.arange(2 * k) < k, 1.0, -1.0)
    label = jnp.where(jnp.asarray(POSITIVE)[jnp.asarray(which)], 1.0, -1.0)
    used = weights > 0

    def look(one, two) -> _Look:
        values, first, second = [], [], []
        for number in which:
            a, da = _best(one, bool(SETS[number, 0]), bool(SETS[number, 2]))
            b, db = _best(two, bool(SETS[number, 1]), bool(SETS[number, 3]))
            by_first = a >= b
            value = jnp.where(by_first, a, b)
            alive = value > 0
            values.append(jnp.where(alive, value, 0.0))
            first.append(jnp.where(alive & by_first, da, 0.0))
            second.append(jnp.where(alive & ~by_first, db, 0.0))
        outputs = jnp.stack([(v * sign).sum(axis=1) for v in values], axis=1)
        short = jnp.where(label > 0, outputs < margins, outputs > margins) & used
        pull = jnp.where(short, weights * label, 0.0)  # [runs, inputs]
        return _Look(
            outputs - margins,
            ~short.any(axis=1),
            sign * sum(pull[:, i, None] * d for i, d in enumerate(first)),
            sign * sum(pull[:, i, None] * d for i, d in enumerate(second)),
            first,
            second,
        )

    def changes(one, two, seen: _Look, drift_one, drift_two):
        """After how many turns of a steady drift something is no longer as it was seen."""
        pace = jnp.stack(
            [
                (sign * (d * drift_one + e * drift_two)).sum(axis=1)
                for d, e in zip(seen.first, seen.second, strict=True)
            ],
            axis=1,
        )
        soonest = jnp.where(used, _time_to(seen.missing, pace), jnp.inf).min(axis=1)
        for value, drift in (
            (one, drift_one), (two, drift_two),
            (one - two, drift_one - drift_two), (one + two, drift_one + drift_two),
        ):  # fmt: skip
            soonest = jnp.minimum(soonest, _time_to(value, drift).min(axis=1))
        return soonest

    def body(carry):
        one, two, steps, _ = carry
        now = look(one, two)
        next_one, next_two = one + now.speed_one, two + now.speed_two
        then = look(next_one, next_two)
        # Filters that overshoot come back in the next step: what is steady is a turn of two steps.
        drift_one = now.speed_one + then.speed_one
        drift_two = now.speed_two + then.speed_two
        soonest = jnp.minimum(
            changes(one, two, now, drift_one, drift_two),
            changes(next_one, next_two, then, drift_one, drift_two),
        )
        left = ((max_steps - steps + 1) // 2).astype(one.dtype)
        turns = jnp.where(now.done, 0.0, jnp.clip(jnp.ceil(soonest), 1.0, left))
        taken = jnp.where(then.done & ~now.done, 1, 2 * turns.astype(steps.dtype))
        one, two = one + turns[:, None] * drift_one, two + turns[:, None] * drift_two
        steps = steps + taken
        return one, two, steps, (~now.done & ~then.done & (steps < max_steps)).any()

    nothing = jnp.zeros(len(products), jnp.int32)
    start = (products[..., 0], products[..., 1], nothing, jnp.asarray(True))
    one, two, steps, _ = lax.while_loop(lambda carry: carry[-1], body, start)
    return jnp.stack([one, two], axis=-1), jnp.minimum(steps, max_steps), look(one, two).done


class _Look(NamedTuple):
    """The state of all runs as the gradient sees it."""

    missing: Any
    """Outputs less what is asked of them, by run and input."""
    done: Any
    speed_one: Any
    """What a step adds to each filter's product with p1; and with p2."""
    speed_two: Any
    first: Any
    """By input, the slope of each filter's pooled answer in its product with p1; and with p2."""
    second: Any


def _best(product, plain: bool, opposite: bool):
    """The larger of a product and its negative, as far as an input holds them; and its slope."""
    if plain and opposite:
        return jnp.abs(product), jnp.sign(product)
    if plain:
        return product, jnp.ones_like(product)
    if opposite:
        return -product, -jnp.ones_like(product)
    return jnp.full_like(product, -jnp.inf), jnp.zeros_like(product)


def _time_to(value, speed):
    """Steps until a value that moves at a speed passes 0; infinite if it moves away or rests."""
    moving = value * speed < 0
    return jnp.where(moving, -value / jnp.where(moving, speed, 1.0), jnp.inf)
