"""Ways to prune and retrain, all of them on populations: what each starts from, and its rounds.

Pruning removes the smallest weights of networks that were trained for some epochs; as many epochs
follow. Methods that only differ in what they start from then train side by side, as one population.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from lowcap.data import Split
from lowcap.networks import (
    FIRST_LAYER,
    GLOBAL,
    ROUNDED,
    Fused,
    UnitScore,
    random_masks,
    strongest_units,
    together,
    unit_scores,
    without_units,
)
from lowcap.streams import stream
from lowcap.studies.retraining.schedule import gradual_sparsities, round_sparsities
from lowcap.training import Fitted, fit

RULES = {rule.name: rule for rule in (GLOBAL, FIRST_LAYER, ROUNDED)}
UNIT_SCORES: tuple[UnitScore, ...] = ("norm", "contribution")


class Kind(NamedTuple):
    """What tells the networks of a cell apart, beside their hidden size."""

    method: str
    scope: str = ""
    """Within which weights the smallest were removed; of whole units, by what they were chosen."""
    sparsity: float = 0.0
    """The share of the weights that was to be removed."""
    steps: int = 0
    """Gradient steps of the whole procedure: before pruning, and after it."""


class Part(NamedTuple):
    """Some networks of one kind."""

    kind: Kind
    population: Fused
    hidden: Int[np.ndarray, " members"]
    """The hidden size that each of them had before pruning."""


class Course(NamedTuple):
    """The networks of a cell at three times before they are pruned, and others to start from."""

    initial: Fused
    early: Fused
    trained: Fused
    fresh: Fused
    """Initial weights of another seed."""


class Trainer(NamedTuple):
    """How networks of a cell are trained: always on the same data, in an order of its own each."""

    split: Split
    batch_size: int
    seed: int
    optimizer: str

    def __call__(self, population: Fused, epochs: int, *name: str | int) -> Fused:
        """Train all members side by side; `name` tells this training's order of batches apart."""
        order = stream("retraining batches", *name, self.seed).integers(2**31)
        fitted: Fitted = fit(
            population,
            self.split,
            epochs=epochs,
            batch_size=self.batch_size,
            optimizer=self.optimizer,
            seed=int(order),
        )
        assert isinstance(fitted.population, Fused)
        return fitted.population

    def parts(self, parts: Sequence[Part], epochs: int, *name: str | int) -> list[Part]:
        """Train several parts side by side, as one population."""
        joined = together([part.population for part in parts])
        found = joined.apart(self(joined.population, epochs, *name))
        return [part._replace(population=one) for part, one in zip(parts, found, strict=True)]

    def steps(self, epochs: int) -> int:
        """Gradient steps in so many passes over the training data."""
        return epochs * -(-len(self.split.train.y) // self.batch_size)


def sizes_of(population: Fused) -> Int[np.ndarray, " members"]:
    """The hidden size of each member."""
    return np.asarray(population.layout.hidden)


def pruned_at_once(
    course: Course, split: Split, levels: Sequence[float], scopes: Sequence[str], steps: int
) -> list[Part]:
    """Everything that is pruned once and then trained on, as it is before that."""
    found: list[Part] = []
    hidden = sizes_of(course.trained)

    def add(method: str, scope: str, level: float, population: Fused) -> None:
        found.append(Part(Kind(method, scope, level, steps), population, hidden))

    for scope in scopes:
        for level in levels:
            pruned = course.trained.pruned(level, RULES[scope])
            assert pruned.masks is not None
            add("fine-tuned", scope, level, pruned)
            if scope == scopes[0]:
                add("rewound", scope, level, course.initial.masked(pruned.masks))
                add("rewound-early", scope, level, course.early.masked(pruned.masks))
                add("fresh", scope, level, course.fresh.masked(pruned.masks))
                masks = random_masks(pruned, split.active, _random(course.trained, level))
                add("random", scope, level, course.trained.masked(masks))
    for by in UNIT_SCORES:
        worth = unit_scores(course.trained, split.train.x, by)
        for level in levels:
            thinned = _fewer_units(course.trained, worth, level)
            if thinned is not None:
                population, before = thinned
                found.append(Part(Kind("units", by, level, steps), population, before))
    return found


def _random(population: Fused, level: float) -> Callable[[int], np.random.Generator]:
    members = population.members
    return lambda m: stream("random masks", members[m].seed, members[m].hidden, str(level))


def _fewer_units(population: Fused, worth: np.ndarray, level: float):
    """Networks with so many fewer units, and what they had; None where none would be left."""
    left = (1 - level) * sizes_of(population)
    if not (enough := left > 1 - 1e-9).any():
        return None
    left = np.round(left).astype(int)
    some = population.take(np.flatnonzero(enough))
    kept = strongest_units(some, worth[enough[population.owner]], left[enough])
    thinned = without_units(some, kept)
    return thinned.population, sizes_of(some)[thinned.member]


def iterative(
    dense: Fused, train: Trainer, levels: Sequence[float], scope: str,
    share: float, epochs: int, before: int,
) -> list[Part]:  # fmt: skip
    """Prune a little, train, prune again; dense networks of the same number of steps beside them.

    Args:
        dense: trained networks.
        train: how.
        levels: sparsities at which networks are kept.
        scope: within which weights the smallest are removed.
        share: of the weights that are left, how many each round removes.
        epochs: of each round.
        before: gradient steps that the networks were trained for.
    """
    found: list[Part] = []
    hidden, steps = sizes_of(dense), before
    one, other = dense, dense
    for number, sparsity in enumerate(round_sparsities(levels, share)):
        pruned = one.pruned(sparsity, RULES[scope])
        steps += train.steps(epochs)
        kinds = Kind("iterative", scope, sparsity, steps), Kind("dense", "", 0.0, steps)
        start = [Part(kinds[0], pruned, hidden), Part(kinds[1], other, hidden)]
        both = train.parts(start, epochs, "round", number)
        one, other = (part.population for part in both)
        if sparsity in levels:
            found += both
    return found


def gradual(
    dense: Fused, train: Trainer, levels: Sequence[float], scope: str, epochs: int, steps: int
) -> list[Part]:
    """Prune more before every epoch, to each level by a schedule of its own."""
    plans = {level: gradual_sparsities(level, epochs) for level in levels}
    hidden = sizes_of(dense)
    parts = [Part(Kind("gradual", scope, level, steps), dense, hidden) for level in levels]
    for epoch in range(epochs):
        pruned = [
            part._replace(
                population=part.population.pruned(plans[part.kind.sparsity][epoch], RULES[scope])
            )
            for part in parts
        ]
        parts = train.parts(pruned, 1, "gradual", epoch)
    return parts


def one_shot(dense: Fused, levels: Sequence[float], steps: int) -> list[Part]:
    """Pruned once by every rule, and not trained on."""
    hidden = sizes_of(dense)
    return [
        Part(Kind("one-shot", scope, level, steps), dense.pruned(level, rule), hidden)
        for scope, rule in RULES.items()
        for level in levels
    ]
