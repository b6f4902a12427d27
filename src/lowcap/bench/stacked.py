"""Ways to train deeper networks of one shape, as `contenders` has them for wide populations."""

from functools import partial

import numpy as np

from lowcap.bench.cases import StackedCase, Workload
from lowcap.bench.contenders import Train


def stacked_case(work: Workload) -> StackedCase:
    """The workload's case."""
    assert isinstance(work.case, StackedCase)  # families have contenders of their own
    return work.case


def _fits(work: Workload, portions: list[list[int]]) -> Train:
    from lowcap.data import Labelled, Split, Target
    from lowcap.networks import stack
    from lowcap.training import fit

    case, pixels = stacked_case(work), work.x.shape[1]
    rates = [case.rate] * case.networks
    everyone = stack(case.architecture(pixels), range(case.networks), rates)
    rows = Labelled(work.x, work.y)
    target = Target("benchmark", "classes", case.classes)
    split = Split(rows, rows.none, rows.none, np.ones(pixels, bool), target)
    fits = [
        partial(
            fit, everyone.take(portion), split, batch_size=case.batch_size, epochs=case.epochs,
            rescore=True,
        )
        for portion in portions
    ]  # fmt: skip
    return lambda: [fit() for fit in fits]


def together(work: Workload) -> Train:
    """lowcap: the members side by side; their accuracy is taken after every epoch besides."""
    return _fits(work, [list(range(stacked_case(work).networks))])


def one_by_one(work: Workload) -> Train:
    """The same compiled training, called for one member after another."""
    return _fits(work, [[member] for member in range(stacked_case(work).networks)])
