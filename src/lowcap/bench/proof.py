"""Proof that contenders make the same update: the same losses after training the same networks."""

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from lowcap.bench.cases import AnyCase, Workload, workload
from lowcap.bench.contenders import Contender
from lowcap.bench.measure import found_at
from lowcap.bench.ready import start
from lowcap.errors import RunError

if TYPE_CHECKING:
    from lowcap.networks import Population

Losses = Float[np.ndarray, " members"]

EPOCHS = 2
"""Epochs after which losses are compared: rounding has not yet led networks apart."""
TOLERANCE, COARSE_TOLERANCE = 1e-3, 1e-2
"""How far losses may differ, as a share of what training changes: of any network; and with coarser
products in the mean, since of thousands of networks some round badly."""


def proven(case: AnyCase, contenders: Mapping[str, Contender]) -> dict[str, float]:
    """Train each contender for a few epochs and compare its losses with those of the first.

    Args:
        case: what to train.
        contenders: by name; those that the case would take too long, and those that train other
            networks, are passed over.

    Returns:
        By contender, the largest difference (of those with coarser products, the mean one) of a
        network's training loss from the first contender's, relative to how far that one's training
        moved the losses in the mean.

    Raises:
        RunError: a contender failed, or its losses differ by more than the tolerance.
    """
    short = replace(case, epochs=min(case.epochs, EPOCHS))
    found: dict[str, float] = {}
    reference: Losses | None = None
    moved = 1.0
    for name, contender in contenders.items():
        if case.name in contender.too_long or contender.other:
            continue
        losses, before = _apart(name, contender.proof or contender.where, short)
        if reference is None:
            reference, moved = losses, float(np.abs(losses - before).mean())
        differences = np.abs(losses - reference) / moved
        found[name] = float(differences.mean() if contender.coarse else differences.max())
        allowed = COARSE_TOLERANCE if contender.coarse else TOLERANCE
        if not found[name] <= allowed:  # NaN is no agreement either
            raise RunError(
                f"{name} on {case.name} does not make the update of {next(iter(found))}: after "
                f"{short.epochs} epochs losses differ by {found[name]:.2g} of what training "
                f"changes, at most {allowed:g} is allowed"
            )
    return found


def _apart(name: str, where: str, case: AnyCase) -> tuple[Losses, Losses]:
    """Losses after training and before it, found in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(losses_of, where, case).result()
        except Exception as error:  # whatever it is, it is said in one line
            raise RunError(f"{name} on {case.name}: {type(error).__name__}: {error}") from error


def losses_of(where: str, case: AnyCase) -> tuple[Losses, Losses]:
    """Training loss of every network after a contender has trained it, and before."""
    work = workload(case)
    ready = found_at(where)(work)
    return mean_losses(work, ready.population(ready.train())), mean_losses(work, start(work))


def mean_losses(work: Workload, population: "Population") -> Losses:
    """Mean loss of every network over the rows that it trains on."""
    import jax.numpy as jnp

    from lowcap.training.losses import totals

    shape = (len(population), len(work.y))
    weight = np.broadcast_to(1.0 if work.kept is None else work.kept, shape).astype(np.float32)
    logits = jnp.moveaxis(jnp.asarray(population.logits(work.x)), 1, 2)
    sums = totals(population.kind, logits, jnp.asarray(work.y), jnp.asarray(weight))
    return np.asarray(sums.loss, np.float64) / weight.sum(axis=1)
