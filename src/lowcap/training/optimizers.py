"""Optimizers by name, all from optax; a member's learning rate multiplies the step."""

import optax

from lowcap.errors import SettingsError

OPTIMIZERS: dict[str, optax.GradientTransformationExtraArgs] = {
    "sgd": optax.with_extra_args_support(optax.scale(-1.0)),
    "momentum": optax.with_extra_args_support(optax.chain(optax.trace(0.9), optax.scale(-1.0))),
    "adam": optax.with_extra_args_support(optax.chain(optax.scale_by_adam(), optax.scale(-1.0))),
    "rmsprop": optax.with_extra_args_support(
        optax.chain(optax.scale_by_rms(decay=0.99), optax.scale(-1.0))
    ),
    "l-bfgs": optax.lbfgs(),
}
"""Each gives the step to add for a learning rate of 1. L-BFGS finds its own rate by line search,
so it wants the rate 1 and the full batch."""

FULL_BATCH_ONLY = ("l-bfgs",)


def optimizer(name: str) -> optax.GradientTransformationExtraArgs:
    """The optimizer of that name.

    Raises:
        SettingsError: there is none.
    """
    if name not in OPTIMIZERS:
        raise SettingsError(f"optimizer '{name}': choose {', '.join(OPTIMIZERS)}")
    return OPTIMIZERS[name]
