"""scikit-learn's `MLPClassifier`, one network after another."""

import warnings
from typing import Any

import numpy as np

from lowcap.bench.cases import TableCase, Workload
from lowcap.bench.ready import ORDER_SEED, Ready, assembled, start


def loop(work: Workload) -> Ready:
    """Every network from the common weights and on the common batches, by `fit` with `warm_start`.

    On a table, rows of a network's own fold have the `sample_weight` 0: the update that lowcap
    makes, but with work on rows that are left out, so that `search` is what is timed there.
    """
    initial = start(work)
    beginnings = [dict(network.params) for network in initial]
    rates = initial.keys["learning_rate"]
    models = [_untrained(work, *each) for each in zip(beginnings, rates, strict=True)]
    kept = [None] * len(models) if work.kept is None else work.kept.astype(np.float32)

    def train() -> list[Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            for model, params, weights in zip(models, beginnings, kept, strict=True):
                layers = range(1, len(params) // 2 + 1)
                model.coefs_ = [params[f"w{number}"].T.copy() for number in layers]
                model.intercepts_ = [params[f"b{number}"].copy() for number in layers]
                extra = {} if weights is None else {"sample_weight": weights}
                model.fit(work.x, work.y, **extra)
        return models

    return Ready(train, lambda trained: assembled(initial, map(_params, trained)))


def search(work: Workload) -> Ready:
    """A table's networks, each fitted on the rows that its fold keeps, from weights of its own.

    This is what `GridSearchCV` does, less its scoring. A batch holds as many rows as lowcap's, all
    of them kept, so that there are a fifth fewer steps in an epoch than lowcap takes. That its
    steps are lowcap's is proven by `loop`.
    """
    case = work.case
    assert isinstance(case, TableCase)
    assert work.kept is not None
    kept_by_network = list(zip(case.networks, work.kept, strict=True))

    def train() -> list[Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            return [
                _classifier(work, (size,), case.rate, seed).fit(work.x[kept], work.y[kept])
                for (size, seed), kept in kept_by_network
            ]

    return Ready(train, lambda trained: assembled(start(work), map(_params, trained)))


def _classifier(work: Workload, hidden: Any, rate: float, seed: int) -> Any:
    """Without weight decay or early stop, so that it takes exactly the steps it is asked to."""
    from sklearn.neural_network import MLPClassifier

    batch: Any = work.case.batch_size or len(work.y)  # scikit-learn's default is a word
    return MLPClassifier(
        hidden, solver=work.case.optimizer, alpha=0, batch_size=batch,
        learning_rate_init=rate, momentum=0, nesterovs_momentum=False, max_iter=work.case.epochs,
        n_iter_no_change=10**9, tol=0, random_state=seed,
    )  # fmt: skip


def _untrained(work: Workload, params: Any, rate: float) -> Any:
    """A classifier that knows its classes, so that `fit` goes on from weights that are put in."""
    hidden = [len(params[f"b{number}"]) for number in range(1, len(params) // 2)]
    one_each = np.unique(work.y, return_index=True)[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a batch is larger than these rows
        model = _classifier(work, hidden, rate, ORDER_SEED).fit(work.x[one_each], work.y[one_each])
    return model.set_params(warm_start=True)


def _params(model: Any) -> dict[str, np.ndarray]:
    """The arrays of a trained network, named as in `Network.params`."""
    weights = {f"w{number}": w.T for number, w in enumerate(model.coefs_, start=1)}
    return weights | {f"b{number}": b for number, b in enumerate(model.intercepts_, start=1)}
