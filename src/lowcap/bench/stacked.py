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
    from lowcap.networks.stacked import choose, stack
    from lowcap.training.stacking import fit_stacked

    case = stacked_case(work)
    everyone = stack(case.shape(work.images.shape[1]), range(case.networks))
    fits = [
        partial(
            fit_stacked, choose(everyone, portion), work.images,
            np.tile(work.labels, (len(portion), 1)), [case.rate] * len(portion),
            optimizer="sgd", batch_size=case.batch_size, epochs=case.epochs, stop=False,
        )
        for portion in portions
    ]  # fmt: skip
    fits[0]()
    return lambda: [fit() for fit in fits]


def together(work: Workload) -> Train:
    """lowcap: the members side by side; their accuracy is taken after every epoch besides."""
    return _fits(work, [list(range(stacked_case(work).networks))])


def one_by_one(work: Workload) -> Train:
    """The same compiled training, called for one member after another."""
    return _fits(work, [[member] for member in range(stacked_case(work).networks)])
