"""Optimizers by name, all from optax and in its convention: what they give is added to a weight."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from lowcap.errors import SettingsError

Transformation = optax.GradientTransformationExtraArgs


class Named(NamedTuple):
    """An optimizer for a learning rate of 1, and the rate it is used with unless another is given.

    A member's learning rate multiplies its step.
    """

    unit: Transformation
    usual_rate: float


def _adam(first: float = 0.9, second: float = 0.999, epsilon: float = 1e-8) -> Transformation:
    """Optax's Adam at the rate 1, with the bias corrections taken out of the sums over weights.

    Small networks wait for divisions: this does one for each weight, where optax's does three.
    """

    def init(params):
        zeros = jax.tree.map(jnp.zeros_like, params)
        return jnp.zeros((), jnp.int32), zeros, zeros

    def update(updates, state, params=None, **_):
        steps, mean, square = state
        steps = steps + 1
        mean = jax.tree.map(lambda m, g: first * m + (1 - first) * g, mean, updates)
        square = jax.tree.map(lambda v, g: second * v + (1 - second) * g * g, square, updates)
        root = jnp.sqrt(1 - second**steps)
        speed, floor = root / (1 - first**steps), epsilon * root
        direction = jax.tree.map(lambda m, v: -speed * m / (jnp.sqrt(v) + floor), mean, square)
        return direction, (steps, mean, square)

    return optax.GradientTransformationExtraArgs(init, update)


OPTIMIZERS = {
    "sgd": Named(optax.with_extra_args_support(optax.scale(-1.0)), 0.03),
    "momentum": Named(
        optax.with_extra_args_support(optax.chain(optax.trace(0.9), optax.scale(-1.0))), 0.03
    ),
    "adam": Named(_adam(), 1e-3),
    "rmsprop": Named(
        optax.with_extra_args_support(
            optax.chain(optax.scale_by_rms(decay=0.99), optax.scale(-1.0))
        ),
        1e-3,
    ),
    "l-bfgs": Named(optax.with_extra_args_support(optax.lbfgs()), 1.0),
}
"""L-BFGS finds its own rate by line search, so it wants the rate 1 and the full batch."""

SEARCHING = ("l-bfgs",)


def find_optimizer(optimizer: str | optax.GradientTransformation) -> Named:
    """The optimizer of that name; one that is given is used at the rate it has.

    Raises:
        SettingsError: there is none of that name.
    """
    if not isinstance(optimizer, str):
        return Named(optax.with_extra_args_support(optimizer), 1.0)
    if optimizer not in OPTIMIZERS:
        raise SettingsError(f"optimizer '{optimizer}': choose {', '.join(OPTIMIZERS)}")
    return OPTIMIZERS[optimizer]


def check_separable(optimizer: Transformation) -> None:
    """Refuse an optimizer whose step at one weight depends on other weights.

    The members of a fused population share their arrays, so that it would mix networks up.

    Raises:
        SettingsError: it does.
    """
    weights, gradient = jnp.array([1.0, -2.0]), jnp.array([3.0, 40.0])

    def step(weights: jax.Array, gradient: jax.Array) -> Any:
        state, update = optimizer.init(weights), weights
        for _ in range(2):
            update, state = optimizer.update(gradient, state, weights)
        return update

    joint = step(weights, gradient)
    alone = jnp.concatenate([step(weights[i : i + 1], gradient[i : i + 1]) for i in range(2)])
    if not bool(jnp.allclose(joint, alone, rtol=1e-5)):
        raise SettingsError(
            "this optimizer looks at several weights at once (such as a norm), which would mix the "
            "members of a fused population up; train a stacked population with it"
        )
