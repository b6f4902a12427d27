"""Ways to search over hidden sizes on a small table, by cross-validation."""

import warnings
from functools import partial
from typing import Any

import numpy as np

from lowcap.bench.cases import TableCase, Workload


def together(work: Workload) -> Any:
    """lowcap: sizes, folds and seeds side by side; a fold's rows weigh 0 where it is held out."""
    from lowcap.data import array_task
    from lowcap.networks import Member
    from lowcap.training import fit

    case = table_case(work)
    assert work.kept is not None  # tables have folds
    members = [Member(size, seed=seed) for size, seed in case.networks]
    return partial(
        fit, members, array_task(work.x, work.y).whole(), epochs=case.epochs,
        batch_size=case.batch_size, optimizer="adam", weights=work.kept.astype(np.float32),
    )  # fmt: skip


def one_by_one(work: Workload) -> Any:
    """scikit-learn's `MLPClassifier`, fitted on the rows of one fold after another.

    This is what `GridSearchCV` does, less its scoring. A batch holds as many rows as lowcap's, all
    of them kept, so that there are a fifth fewer steps in an epoch than lowcap takes.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    case = table_case(work)
    assert work.kept is not None  # tables have folds

    def train() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            for (size, seed), kept in zip(case.networks, work.kept, strict=True):
                MLPClassifier(
                    (size,), solver="adam", alpha=0, batch_size=case.batch_size,
                    learning_rate_init=1e-3, max_iter=case.epochs, tol=0,
                    n_iter_no_change=case.epochs + 1, random_state=seed,
                ).fit(work.x[kept], work.y[kept])  # fmt: skip

    return train


def table_case(work: Workload) -> TableCase:
    """The workload's case."""
    assert isinstance(work.case, TableCase)  # families have contenders of their own
    return work.case
