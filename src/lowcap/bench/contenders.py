"""Ways to train a population that need nothing but lowcap's own dependencies.

A contender takes a workload and gives a function that trains it once. What it does before that
(drawing weights) is not timed, nor is the first training, in which it may compile.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from lowcap.bench.cases import Case, StackedCase, Workload
from lowcap.streams import stream

Train = Callable[[], object]


class Contender(NamedTuple):
    """A way to train the populations of one family."""

    where: str
    """Where to import it from, as "module:function": contenders run in processes of their own."""
    too_long: tuple[str, ...] = ()
    """Cases that it would spend most of the whole benchmark on: left out there, not estimated."""
    coarse: bool = False
    """Whether its products are of lower precision than single: their rate has another limit."""


def wide(work: Workload, precision: Any = "float32") -> Train:
    """lowcap: one matrix product for all members."""
    from lowcap.data import Labelled, Split, Target
    from lowcap.networks import initialise
    from lowcap.training import fit

    rows = Labelled(work.x, work.y)
    everything = np.ones(work.x.shape[1], bool)
    # Nothing to validate: the others do not either.
    split = Split(rows, rows.none, rows.none, everything, Target("benchmark", "binary", 1))
    case = wide_case(work)
    initial = initialise(case.members, work.x.shape[1])
    return partial(
        fit, initial, split, epochs=case.epochs, batch_size=case.batch_size, precision=precision
    )


def wide_bfloat16(work: Workload) -> Train:
    """lowcap with products of bfloat16 factors."""
    return wide(work, "bfloat16")


def padded_vmap(work: Workload) -> Train:
    """`jax.vmap` over members padded to the largest hidden size, epochs in one `lax.scan`."""
    import jax
    import jax.numpy as jnp
    import optax

    case = wide_case(work)
    members = case.members
    pixels, largest = work.x.shape[1], max(case.hidden)
    generator = stream("benchmark data")
    mask = np.arange(largest) < np.array([m.hidden for m in members])[:, None]
    w1 = generator.normal(0, 0.05, (len(members), largest, pixels)) * mask[..., None]
    w2 = generator.normal(0, 0.05, (len(members), largest)) * mask
    start = (
        jnp.asarray(w1, jnp.float32), jnp.zeros((len(members), largest)),
        jnp.asarray(w2, jnp.float32), jnp.zeros(len(members)),
    )  # fmt: skip
    rates = jnp.asarray([m.learning_rate for m in members])
    x, y = jnp.asarray(work.x), jnp.asarray(work.y)
    batches = jnp.asarray(batch_order(work))

    def loss(weights, x, y):
        w1, b1, w2, b2 = weights
        logits = jax.nn.relu(x @ w1.T + b1) @ w2 + b2
        return optax.sigmoid_binary_cross_entropy(logits, y).mean()

    def one_step(weights, rate, x, y):
        slopes = jax.grad(loss)(weights, x, y)
        return jax.tree.map(lambda w, g: w - rate * g, weights, slopes)

    @jax.jit
    def train(weights):
        def step(weights, rows):
            together = jax.vmap(one_step, in_axes=(0, 0, None, None))
            return together(weights, rates, x[rows], y[rows]), None

        return jax.lax.scan(step, weights, batches)[0]

    return lambda: jax.block_until_ready(train(start))


def scikit_learn(work: Workload) -> Train:
    """scikit-learn's `MLPClassifier`, network after network; for either family."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    case = work.case
    batch: Any = case.batch_size or case.rows  # scikit-learn's default is a word
    if isinstance(case, Case):
        networks: list[Any] = [((m.hidden,), m.learning_rate, m.seed) for m in case.members]
    else:
        assert isinstance(case, StackedCase)  # tables have contenders of their own
        networks = [(case.hidden, case.rate, seed) for seed in range(case.networks)]

    def train() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            for hidden, rate, seed in networks:
                MLPClassifier(
                    hidden, solver="sgd", alpha=0, batch_size=batch,
                    learning_rate_init=rate, momentum=0, nesterovs_momentum=False,
                    max_iter=case.epochs, n_iter_no_change=case.epochs + 1, tol=0,
                    random_state=seed,
                ).fit(work.x, work.y)  # fmt: skip

    return train


def wide_case(work: Workload) -> Case:
    """The workload's case."""
    assert isinstance(work.case, Case)  # families have contenders of their own
    return work.case


def batch_order(work: Workload) -> np.ndarray:
    """Rows of every step, shuffled anew in each epoch: [steps, batch]."""
    batch = work.case.batch_size or work.case.rows
    generator = stream("benchmark data")
    epochs = [generator.permutation(work.case.rows) for _ in range(work.case.epochs)]
    return np.concatenate(epochs).reshape(-1, batch).astype(np.int32)


CONTENDERS: dict[str, dict[str, Contender]] = {
    "wide": {
        "lowcap": Contender("lowcap.bench.contenders:wide"),
        "jax.vmap, padded": Contender("lowcap.bench.contenders:padded_vmap"),
        "scikit-learn": Contender("lowcap.bench.contenders:scikit_learn", too_long=("large",)),
    },
    "stacked": {
        "lowcap": Contender("lowcap.bench.stacked:together"),
        "lowcap, one by one": Contender("lowcap.bench.stacked:one_by_one"),
        "scikit-learn": Contender("lowcap.bench.contenders:scikit_learn"),
    },
    "table": {
        "lowcap": Contender("lowcap.bench.tables:together"),
        "scikit-learn": Contender("lowcap.bench.tables:one_by_one"),
    },
}
"""By family of populations and name."""
