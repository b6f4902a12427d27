"""What all contenders of a family share: initial weights, batches, and the form of their answer."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from jaxtyping import Int32

from lowcap.bench.cases import Case, StackedCase, Workload
from lowcap.streams import state_of

if TYPE_CHECKING:
    from lowcap.networks import Population

ORDER_SEED = state_of("benchmark batches")
"""The `random_state` that scikit-learn shuffles rows with; `batch_order` gives the others its
orders."""


class Ready(NamedTuple):
    """A contender that has its data and is about to train."""

    train: Callable[[], Any]
    """Trains once, from `start` on the batches of `batch_order`; may be called again. Timed."""
    population: Callable[[Any], "Population"]
    """The trained networks, from what `train` gave. Not timed."""


def start(work: Workload) -> "Population":
    """The initial weights of every network, with their learning rates."""
    from lowcap.networks import Member, initialise, stack

    case, features = work.case, work.x.shape[1]
    if isinstance(case, Case):
        return initialise(case.members, features)
    if isinstance(case, StackedCase):
        rates = [case.rate] * case.networks
        return stack(case.architecture(features), range(case.networks), rates)
    members = [Member(size, case.rate, seed) for size, seed in case.networks]
    outputs, kind = (case.classes, "classes") if case.classes > 2 else (1, "binary")
    return initialise(members, features, outputs, kind)


def batch_order(work: Workload) -> Int32[np.ndarray, "epochs rows"]:
    """The order of the rows in each epoch, shuffled as scikit-learn's networks shuffle them."""
    from sklearn.utils import check_random_state, shuffle

    state, rows, epochs = check_random_state(ORDER_SEED), np.arange(len(work.y)), []
    for _ in range(work.case.epochs):
        rows = shuffle(rows, random_state=state)
        epochs.append(rows)
    return np.array(epochs, np.int32)


def steps(work: Workload) -> Int32[np.ndarray, "steps batch"]:
    """The rows of every step, where batches are of one size."""
    return batch_order(work).reshape(-1, work.case.batch_size or len(work.y))


def assembled(initial: "Population", params: Iterable[Mapping[str, Any]]) -> "Population":
    """A population from the arrays of each trained network, named as in `Network.params`."""
    from lowcap.networks import Fused

    each = [{name: np.asarray(values) for name, values in one.items()} for one in params]
    if not isinstance(initial, Fused):
        return initial.with_arrays({n: np.stack([one[n] for one in each]) for n in each[0]})
    arrays = {name: np.concatenate([one[name] for one in each]) for name in ("w1", "b1")}
    arrays["w2"] = np.concatenate([one["w2"].T for one in each])
    return initial.with_arrays(arrays | {"b2": np.stack([one["b2"] for one in each])})
