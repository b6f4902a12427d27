"""lowcap's own ways to train the populations of each family."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from lowcap.bench.cases import StackedCase, Workload
from lowcap.bench.ready import Ready, batch_order, start


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


def _fits(work: Workload, portions: Sequence[Sequence[int]], precision: Any = "float32") -> Ready:
    from lowcap.data import Labelled, Split, Target
    from lowcap.training import fit

    case, everyone = work.case, start(work)
    rows = Labelled(work.x, work.y)
    # Nothing to validate: the others do not either.
    target = Target("benchmark", everyone.kind, everyone.outputs)
    split = Split(rows, rows.none, rows.none, np.ones(work.x.shape[1], bool), target)
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
