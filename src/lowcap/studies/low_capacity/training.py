"""Training the networks of one cell by its protocol."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from lowcap.data import Labelled, Split, Task, load_referenced, pair_task, parse_task
from lowcap.networks import Fused, Population, grid
from lowcap.runs import Cell, Files
from lowcap.streams import state_of, stream
from lowcap.studies.low_capacity.plan import CellConfig
from lowcap.studies.low_capacity.protocols import PROTOCOLS, Protocol
from lowcap.training import Fitted, History, fit

PICTURED = ("4-9", 24)
"""The task and hidden size whose hidden space and saliency the paper shows."""

LOOKED_AT = 10
"""Hidden space and saliency are looked at in so many seeds: they vary little from seed to seed."""

FALLING = 0.005
"""Nats: by more than this between three quarters of training and its end, validation loss still
falls. Ours."""

LONGEST = 2.5
"""Training that still falls goes on until so many times the least number of steps."""


class Trained(NamedTuple):
    """A cell's networks and what they were trained on."""

    task: Task
    split: Split
    initial: Fused
    fitted: Fitted
    relatives: Mapping[str, Population]
    """Networks whose answer is known, where hidden space and saliency are looked at."""


def train(cell: Cell) -> Trained:
    """Train the networks of one cell by its protocol."""
    config: CellConfig = cell.config
    task, split, initial = _prepared(cell)
    fitted = _fit(config, split, initial)
    return Trained(task, split, initial, fitted, _relatives(config, task, split))


def files_of(cell: Cell) -> dict[str, bytes]:
    """Train the networks of one cell; contents of the files that are kept of them."""
    trained = train(cell)
    relatives = {
        f"{name}.safetensors": population.to_bytes()
        for name, population in trained.relatives.items()
    }
    return trained.fitted.files() | relatives


def read(cell: Cell, files: Files) -> Trained:
    """What `files_of` kept, with the data and the initial weights, which follow from the cell."""
    relatives = {
        name: Population.from_bytes(files[f"{name}.safetensors"])
        for name in RELATIVES
        if f"{name}.safetensors" in files
    }
    return Trained(*_prepared(cell), Fitted.of_files(files), relatives)


def _prepared(cell: Cell) -> tuple[Task, Split, Fused]:
    config: CellConfig = cell.config
    protocol = protocol_of(config)
    task = pair_task(load_referenced(cell.source, cell.data_sha256), *parse_task(config.task))
    members = grid(config.hidden, config.learning_rates, [config.seed], [protocol.initialiser])
    return task, protocol.split(task, config.seed), protocol.initial(task, members)


def protocol_of(config: CellConfig) -> Protocol:
    """The cell's protocol; a mixture where it belongs to the factorial."""
    if not config.factors:
        return PROTOCOLS[config.protocol]
    start, division, batch = (PROTOCOLS[name] for name in config.factors)
    return replace(
        batch, initialiser=start.initialiser, initial=start.initial, split=division.split
    )


RELATIVES = ("another seed", "shuffled labels")
"""Networks of the paper's size trained as the cell's are, but from other initial weights, or on
labels that say nothing."""


def looks_inside(config: CellConfig) -> bool:
    """Whether the cell holds the network whose hidden space and saliency are looked at."""
    task, hidden = PICTURED
    return (
        config.purpose == "everything"
        and config.task == task
        and hidden in config.hidden
        and config.seed in protocol_of(config).seeds(LOOKED_AT)
    )


def _relatives(config: CellConfig, task: Task, split: Split) -> dict[str, Population]:
    if not looks_inside(config):
        return {}
    protocol, found = protocol_of(config), {}
    for name in RELATIVES:
        seed = state_of(name, config.seed) % 10**9
        members = grid([PICTURED[1]], seed=[seed], initialiser=[protocol.initialiser])
        data = _shuffled(split, config.seed) if name == "shuffled labels" else split
        found[name] = _fit(config, data, protocol.initial(task, members)).population
    return found


def _shuffled(split: Split, seed: int) -> Split:
    def mixed(part: Labelled, name: str) -> Labelled:
        return Labelled(part.x, stream("shuffled labels", name, seed).permutation(part.y))

    train, validation = mixed(split.train, "train"), mixed(split.validation, "validation")
    return replace(split, train=train, validation=validation)


def steps_per_epoch(config: CellConfig, split: Split) -> int:
    """Gradient steps in one pass over the training data."""
    batch_size = batch_size_of(config)
    return -(-len(split.train.y) // batch_size) if batch_size else 1


def batch_size_of(config: CellConfig) -> int | None:
    """Rows a step; None for all of them."""
    if config.batch_size == "protocol":
        return protocol_of(config).batch_size
    return None if config.batch_size == "full" else config.batch_size


def _fit(config: CellConfig, split: Split, initial: Population) -> Fitted:
    """Train for the epochs asked for, or to the plateau where the protocol says so."""
    per_epoch = steps_per_epoch(config, split)
    plateau = protocol_of(config).plateau and config.purpose != "batch sizes"
    epochs = max(config.epochs, -(-config.least_steps // per_epoch)) if plateau else config.epochs
    # Learning rates are compared at equal steps, and the slowest would go on for ever.
    goes_on = plateau and config.purpose != "learning rates"
    most = int(LONGEST * config.least_steps / per_epoch) if goes_on else 0
    watched = (
        most > epochs
        or config.purpose == "batch sizes"
        or (config.purpose == "everything" and config.protocol != "replicated")
    )
    if not watched:  # nobody looks at its curves, so validation data need no pass each epoch
        split = replace(split, validation=split.validation.none)

    def segment(start: Population, epochs: int, number: int) -> Fitted:
        seed = config.seed if number == 0 else state_of("segment", config.seed, number)
        return fit(
            start,
            split,
            epochs=epochs,
            batch_size=batch_size_of(config),
            seed=seed,
            precision=config.precision,
        )

    fitted, number = segment(initial, epochs, 0), 0
    while (left := most - len(fitted.history.train_loss)) > 0:
        if still_falling(fitted.history).mean() <= 0.5:
            break
        number += 1
        more = segment(fitted.population, min(left, epochs), number)
        fitted = replace(more, history=_joined(fitted.history, more.history))
    return fitted


def still_falling(history: History) -> np.ndarray:
    """Of each member, whether its validation loss fell by more than FALLING in the last quarter."""
    return last_fall(history) > FALLING


def last_fall(history: History) -> np.ndarray:
    """By how much each member's validation loss fell in the last quarter of training, in nats.

    Means over a twentieth of the epochs, since single epochs go up and down.
    """
    losses = history.validation_loss
    width = max(1, len(losses) // 20)
    third = max(width, 3 * len(losses) // 4)
    return losses[third - width : third].mean(axis=0) - losses[-width:].mean(axis=0)


def _joined(one: History, other: History) -> History:
    train_loss, train_score, validation_loss, validation_score = (
        np.concatenate([getattr(one, name), getattr(other, name)])
        for name in ("train_loss", "train_score", "validation_loss", "validation_score")
    )
    return History(train_loss, train_score, validation_loss, validation_score, one.score)
