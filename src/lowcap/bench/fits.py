"""lowcap's own ways to train the populations of each family."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lowcap.bench.cases import RetrainCase, StackedCase, Workload
from lowcap.bench.ready import Ready, batch_order, start

if TYPE_CHECKING:
    from lowcap.data import Split
    from lowcap.networks import Population


def together(work: Workload, precision: Any = "float32") -> Ready:
    """All members side by side. On a table, the rows of a member's own fold weigh 0.

    Of stacked networks the accuracy is taken after every epoch besides.
    """
    return _fits(work, [range(len(start(work)))], precision)


def bfloat16(work: Workload) -> Ready:
    """The same with products of bfloat16 factors."""
    return together(work, "bfloat16")


def one_by_one(work: Workload) -> Ready:
    """The same compiled training, called for one member after another."""
    return _fits(work, [[member] for member in range(len(start(work)))])


def retrained(work: Workload) -> Ready:
    """All members pruned and trained for an epoch, side by side, as often as the case has epochs.

    The masks of a round hold while it trains; the next one finds the smallest of what is left.
    """
    from lowcap.training import fit

    case, initial, split = work.case, start(work), _split(work)
    assert isinstance(case, RetrainCase)
    rounds = list(zip(case.sparsities, batch_order(work), strict=True))

    def train() -> "Population":
        population = initial
        for sparsity, order in rounds:
            fitted = fit(
                population.pruned(sparsity), split, epochs=1, batch_size=case.batch_size,
                optimizer=case.optimizer, order=order[None],
            )  # fmt: skip
            population = fitted.population
        return population

    return Ready(train, lambda trained: trained)


def _split(work: Workload) -> "Split":
    """The rows as training data. Nothing to validate: the others do not either."""
    from lowcap.data import Labelled, Split, Target

    networks, rows = start(work), Labelled(work.x, work.y)
    target = Target("benchmark", networks.kind, networks.outputs)
    return Split(rows, rows.none, rows.none, np.ones(work.x.shape[1], bool), target)


def _fits(work: Workload, portions: Sequence[Sequence[int]], precision: Any = "float32") -> Ready:
    from lowcap.training import fit

    case, everyone, split = work.case, start(work), _split(work)
    fits = [
        partial(
            fit, everyone.take(portion), split, epochs=case.epochs, batch_size=case.batch_size,
            optimizer=case.optimizer, precision=precision, rescore=isinstance(case, StackedCase),
            order=None if case.batch_size is None else batch_order(work),
            weights=None if work.kept is None else work.kept[portion].astype(np.float32),
        )
        for portion in portions
    ]  # fmt: skip

    def population(fitted: Any) -> Any:
        parts = [one.population.arrays for one in fitted]
        return everyone.with_arrays({n: np.concatenate([p[n] for p in parts]) for n in parts[0]})

    return Ready(lambda: [fit() for fit in fits], population)
