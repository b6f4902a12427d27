"""Ways to train deeper networks of one shape, as `contenders` has them for wide populations."""

from functools import partial
from typing import Any

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


def scikit_learn(work: Workload) -> Train:
    """scikit-learn's `MLPClassifier`, network after network."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    case = stacked_case(work)
    batch: Any = case.batch_size  # scikit-learn's default is a word

    def train() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            for seed in range(case.networks):
                MLPClassifier(
                    case.hidden, solver="sgd", alpha=0, batch_size=batch,
                    learning_rate_init=case.rate, momentum=0, nesterovs_momentum=False,
                    max_iter=case.epochs, n_iter_no_change=case.epochs + 1, tol=0,
                    random_state=seed,
                ).fit(work.images, work.labels)  # fmt: skip

    return train
