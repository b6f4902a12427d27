"""One network from rows of a table: scaled, trained, pruned, and folded into one that takes them.

Everything is trained by `lowcap.fit`, also the smallest of tables: its compiled programs are shared
by all tables of alike many columns, so that the second fit takes milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped

from lowcap.data import Kind, Labelled, Split
from lowcap.data.tasks import Target
from lowcap.networks import Dense, Network, Population, grid, initialise
from lowcap.small.estimators.scales import Scales, learn_scale, learn_scales
from lowcap.small.estimators.settings import EstimatorError, Recipe
from lowcap.streams import state_of
from lowcap.training import fit

ROUND = 0.5
"""The largest share of its weights that a network loses in one round of pruning."""


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of numbers and what is to be predicted of each."""

    x: Float[np.ndarray, "rows columns"]
    y: Shaped[np.ndarray, " rows"]
    """0 and 1, numbers of classes, or any numbers."""
    weights: Float[np.ndarray, " rows"]
    kind: Kind
    outputs: int


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network and how it came about."""

    scales: Scales
    inner: Network
    """Takes scaled columns, those alone that vary."""
    target: tuple[float, float]
    """What the network says is times the second, plus the first."""
    loss: Float[np.ndarray, " epochs"]
    validation_loss: Float[np.ndarray, " epochs"]
    """Of each epoch; NaN without validation rows."""

    def folded(self) -> Network:
        """The network that takes columns as they stand, in double precision."""
        return folded(self.inner, self.scales, self.target)


def folded(inner: Network, scales: Scales, target: tuple[float, float]) -> Network:
    """A network that takes columns as they stand, from one that takes them scaled.

    Columns that do not vary get the weight 0.
    """
    params = {name: np.asarray(values, float) for name, values in inner.params.items()}
    first = np.zeros((len(params["w1"]), len(scales.varies)))
    first[:, scales.varies] = params["w1"] / scales.scale
    params |= {"w1": first, "b1": params["b1"] - params["w1"] @ (scales.mean / scales.scale)}
    last = str(len(params) // 2)
    mean, scale = target
    params |= {
        f"w{last}": params[f"w{last}"] * scale,
        f"b{last}": params[f"b{last}"] * scale + mean,
    }
    dense = Dense(first.shape[1], inner.dense.hidden, inner.dense.outputs)
    return Network(dense, params, inner.kind)


def train(table: Table, recipe: Recipe, seed: int) -> Trained:
    """Train one network.

    Args:
        table: of whose rows all weigh more than 0.
        recipe: how.
        seed: of initial weights, the order of rows, and which of them validate.

    Raises:
        EstimatorError: there are too few rows for a validation part, or the weights became
            infinite.
    """
    rows, held_out = _parts(table, recipe, seed)
    scales = learn_scales(table.x[rows], table.weights[rows])
    target = (0.0, 1.0)
    if table.kind == "regression":
        target = learn_scale(table.y[rows], table.weights[rows])
    batch = recipe.batch(len(rows))
    split = _split(table, rows, held_out, scales, target, batch or 0)
    population: Population = initialise(
        grid([recipe.hidden], [recipe.learning_rate], [state_of("estimator start", seed)]),
        split.train.x.shape[1],
        table.outputs,
        table.kind,
    )
    if recipe.sparsity:  # masks from the first epoch on: one program then does for all rounds
        population = population.masked(_nothing_removed(population))
    losses, checks = [], []
    for number, sparsity in enumerate(sparsities(recipe.sparsity)):
        fitted = fit(
            population.pruned(sparsity),
            split,
            epochs=recipe.epochs,
            batch_size=batch,
            optimizer="adam",
            seed=state_of("estimator order", seed, number),
            stop="validation" if recipe.early_stopping else "",
            patience=recipe.patience,
        )
        population = fitted.population
        losses.append(fitted.history.train_loss[:, 0])
        checks.append(fitted.history.validation_loss[:, 0])
    network = population[0]
    if not all(np.isfinite(values).all() for values in network.params.values()):
        raise EstimatorError(
            f"learning_rate {recipe.learning_rate:g}: weights became infinite; take a smaller one"
        )
    return Trained(scales, network, target, np.concatenate(losses), np.concatenate(checks))


def sparsities(level: float) -> list[float]:
    """The sparsity before each round of training: 0 first, then up to a level by equal shares.

    Example:
        >>> [round(share, 3) for share in sparsities(0.9)]
        [0.0, 0.438, 0.684, 0.822, 0.9]
    """
    rounds = ceil(log(1 - level) / log(1 - ROUND)) if level else 0
    return (
        [0.0]
        + [1 - (1 - level) ** (number / rounds) for number in range(1, rounds)]
        + ([level] if rounds else [])
    )


def _nothing_removed(population: Population) -> Mapping[str, np.ndarray]:
    return {name: np.ones(population.arrays[name].shape, bool) for name in population.layers_of(0)}


def _parts(
    table: Table, recipe: Recipe, seed: int
) -> tuple[Int[np.ndarray, " train"], Int[np.ndarray, " held_out"]]:
    """Rows that train, and rows that say when to stop."""
    everyone = np.arange(len(table.y))
    if not recipe.early_stopping:
        return everyone, everyone[:0]
    from sklearn.model_selection import train_test_split  # slow to import: only when needed

    parts: Any
    try:
        parts = train_test_split(
            everyone,
            test_size=recipe.validation_fraction,
            stratify=None if table.kind == "regression" else table.y,
            random_state=state_of("estimator validation", seed),
        )
    except ValueError as error:
        raise EstimatorError(
            f"early_stopping: too few rows for a validation part ({error})"
        ) from error
    return np.sort(parts[0]), np.sort(parts[1])


def _split(
    table: Table,
    rows: Int[np.ndarray, " train"],
    held_out: Int[np.ndarray, " held_out"],
    scales: Scales,
    target: tuple[float, float],
    least: int,
) -> Split:
    """Scaled rows, filled up to one batch with rows of weight 0: compiled programs are shared.

    Zero rows that fill up go through the only step of an epoch, so that they change nothing.
    """

    def labelled(some: np.ndarray, more: int) -> Labelled:
        x = np.pad(scales.apply(table.x[some]), ((0, more), (0, 0))).astype(np.float32)
        y = table.y[some]
        if table.kind == "regression":
            y = (y - target[0]) / target[1]
        y = np.pad(y, (0, more))
        return Labelled(x, y.astype(np.int32 if table.kind == "classes" else np.float32))

    more = max(0, least - len(rows))
    train, validation = labelled(rows, more), labelled(held_out, 0)
    weights = table.weights[rows] / table.weights[rows].mean()
    name = Target("table", table.kind, table.outputs)
    used = np.ones(train.x.shape[1], bool)
    return Split(train, validation, train.none, used, name, np.pad(weights, (0, more)))
