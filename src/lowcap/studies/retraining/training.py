"""Training all networks of one cell, and reading them back."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from lowcap.data import Split, load_referenced, pair_task, parse_task
from lowcap.networks import Fused, Population, grid, initialise, together
from lowcap.runs import Cell, Files
from lowcap.streams import state_of
from lowcap.studies.retraining.methods import (
    Course,
    Kind,
    Part,
    Trainer,
    gradual,
    iterative,
    one_shot,
    pruned_at_once,
    sizes_of,
)
from lowcap.studies.retraining.plan import CellConfig
from lowcap.studies.retraining.settings import LEARNING_RATES, units_left
from lowcap.training import POPULATION

LOOKED_AT = 32
"""The hidden size whose saliency maps and surviving weights are looked at, where it is there."""

EARLY = 0.1
"""The share of the training before pruning after which weights are kept, to go back to
(Frankle et al., 2020)."""

STRANGER = "stranger"
"""A dense network of another seed, with which a pruned network should have less in common."""


class Trained(NamedTuple):
    """A cell's networks, and the data that they were trained on."""

    split: Split
    parts: dict[Kind, Part]

    def dense(self, steps: int = 0) -> Part:
        """The dense networks after so many steps; unless given as many as before pruning."""
        kinds = [kind for kind in self.parts if kind.method == "dense"]
        wanted = steps or min(kind.steps for kind in kinds)
        return self.parts[next(kind for kind in kinds if kind.steps == wanted)]

    @property
    def most(self) -> int:
        """Gradient steps of what was pruned once: before pruning, and as many after it."""
        return next(kind.steps for kind in self.parts if kind.method == "fine-tuned")

    def one_shot(self, config: CellConfig) -> list[Part]:
        """The networks that were pruned once and not trained on; they follow from the dense."""
        part = self.dense()
        return one_shot(of_sizes(part.population, config.hidden), config.sparsity, part.kind.steps)


def of_sizes(population: Fused, hidden: tuple[int, ...]) -> Fused:
    """The members of these hidden sizes."""
    return population.take(np.flatnonzero(np.isin(sizes_of(population), hidden)))


def prepared(cell: Cell) -> Split:
    """The pair's images; each seed has validation images of its own."""
    config: CellConfig = cell.config
    task = pair_task(load_referenced(cell.source, cell.data_sha256), *parse_task(config.task))
    return task.split(config.seed)


def control_sizes(config: CellConfig) -> list[int]:
    """The sizes of dense networks: those that are pruned, and those that hold as many weights."""
    small = {units_left(size, level) for size in config.hidden for level in config.sparsity}
    return sorted({*config.hidden, *small} - {0})


def train(cell: Cell) -> Mapping[str, bytes]:
    """Train the networks of one cell; contents of the files that are kept of them."""
    config: CellConfig = cell.config
    split = prepared(cell)
    unscored = replace(split, validation=split.validation.none)
    trainer = Trainer(unscored, config.batch_size, config.seed, config.optimizer)
    before, after = trainer.steps(config.epochs), 2 * trainer.steps(config.epochs)

    def initial(sizes: list[int], name: str = "") -> Fused:
        seed = state_of(name, config.seed) % 10**9 if name else config.seed
        members = grid(sizes, [LEARNING_RATES[config.optimizer]], [seed])
        return initialise(members, split.train.x.shape[1])

    start = together([initial(control_sizes(config)), initial(_looked_at(config), STRANGER)])
    kept_after = max(1, round(EARLY * config.epochs))
    early = trainer(start.population, kept_after, "early")
    trained = trainer(early, config.epochs - kept_after, "before")
    dense, stranger = start.apart(trained)
    stages = [start.apart(one)[0] for one in (start.population, early, trained)]
    first, second, third = (of_sizes(one, config.hidden) for one in stages)
    course = Course(first, second, third, initial(list(config.hidden), "fresh"))
    at_once = [
        Part(Kind("dense", steps=after), dense, sizes_of(dense)),
        Part(Kind(STRANGER, steps=after), stranger, sizes_of(stranger)),
        *pruned_at_once(course, split, config.sparsity, config.scope, after),
    ]
    scope, levels = config.scope[0], config.sparsity
    parts = [
        Part(Kind("dense", steps=before), dense, sizes_of(dense)),
        *trainer.parts(at_once, config.epochs, "after"),
        *gradual(course.trained, trainer, levels, scope, config.epochs, after),
        *iterative(
            course.trained, trainer, levels, scope, config.round_share, config.round_epochs, before
        ),
    ]
    return files_of(_once(parts))


def _once(parts: list[Part]) -> list[Part]:
    """Without the dense networks beside iterative pruning of as many steps as others that came
    before them."""
    return list({part.kind: part for part in reversed(parts)}.values())[::-1]


def _looked_at(config: CellConfig) -> list[int]:
    return [LOOKED_AT if LOOKED_AT in config.hidden else max(config.hidden)]


def files_of(parts: list[Part]) -> dict[str, bytes]:
    """All networks as one population, and a list of what each member is."""
    joined = together([part.population for part in parts])
    described = {
        "kinds": [part.kind for part in parts],
        "part": joined.part.tolist(),
        "hidden": [part.hidden.tolist() for part in parts],
    }
    return {POPULATION: joined.population.to_bytes(), "kinds.json": json.dumps(described).encode()}


def read(cell: Cell, files: Files) -> Trained:
    """The cell's data, and the networks that `train` kept."""
    described = json.loads(files["kinds.json"])
    population = Population.from_bytes(files[POPULATION])
    parts = {}
    for number, (kind, hidden) in enumerate(
        zip(described["kinds"], described["hidden"], strict=True)
    ):
        own = population.take(np.flatnonzero(np.equal(described["part"], number)))
        assert isinstance(own, Fused)
        parts[Kind(*kind)] = Part(Kind(*kind), own, np.array(hidden))
    return Trained(prepared(cell), parts)
