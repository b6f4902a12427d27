"""Training all networks of one cell, and reading them back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float32

from lowcap.data import Labelled, Split, Task, classes_task, load_referenced
from lowcap.data.corruptions import Corruption
from lowcap.networks import Population, together
from lowcap.runs import Cell, Files
from lowcap.streams import state_of, stream
from lowcap.studies.transfer.architectures import (
    LOOKED_AT,
    bands,
    fresh,
    is_colour,
    like,
    looked_at,
)
from lowcap.studies.transfer.plan import CellConfig
from lowcap.studies.transfer.settings import ARCHITECTURES
from lowcap.training import fit

OPTIMIZER = "momentum"

DENSE, UNTRAINED, PARTNER = "dense", "untrained", "fully connected"
STRANGER, SHUFFLED = "another seed", "shuffled labels"
"""The network that is looked into, and relatives whose answer is known: itself before training; a
fully connected one, beside convolutional networks; one of another seed; one trained on labels that
were shuffled."""

ALL = "population"
"""The dense networks of every size."""


class Data(NamedTuple):
    """One task's images as networks see them."""

    split: Split
    shift: Float32[np.ndarray, " features"]
    """What was subtracted from every image; 0 of grey images."""

    def shifted(self, corruption: Corruption) -> Corruption:
        """A corruption of images as they were before `shift` was subtracted."""
        return partial(_of_shifted, corruption=corruption, shift=self.shift)


class Trained(NamedTuple):
    """A cell's networks, and the data that they were trained on."""

    data: Data
    populations: list[Population]
    """The dense networks of every size, in ascending order."""
    relatives: dict[str, Population]
    """Where networks are looked into, one network each by what it is."""


def _of_shifted(images, rng, *, corruption: Corruption, shift: Float[np.ndarray, " features"]):
    mean = shift.reshape(images.shape[1:])
    return corruption(images + mean, rng) - mean


def prepared(split: Split) -> Data:
    """A task's images, colour photographs centred by the mean training value of each channel.

    Photographs are bright all over, unlike digits and clothes, which are mostly black. A network
    whose inputs have a mean far from 0 must first learn to ignore it, and small ones do not.
    """
    shape = split.target.shape
    features = split.train.x.shape[1]
    if shape is None or not is_colour(shape):
        return Data(split, np.zeros(features, np.float32))
    means = split.train.x.reshape(-1, shape[2]).mean(axis=0, dtype=np.float64)
    shift = np.tile(means, features // shape[2]).astype(np.float32)

    def centred(part: Labelled) -> Labelled:
        return Labelled(part.x - shift, part.y)

    parts = {name: centred(getattr(split, name)) for name in ("train", "validation", "test")}
    return Data(replace(split, **parts), shift)


def pair_data(cell: Cell) -> Data:
    """A pair's images; each seed has images of its own for training and validation."""
    config: CellConfig = cell.config
    dataset = load_referenced(cell.source, cell.data_sha256)
    return prepared(_some(classes_task(dataset, config.task), config))


def _some(task: Task, config: CellConfig) -> Split:
    """A division of as many training images of each class as the cell is to have."""
    order = stream("images of each class", config.seed, task.id).permutation(len(task.y))
    kept = [order[task.y[order] == label][: config.images] for label in np.unique(task.y)]
    return task.divide(np.concatenate(kept), config.seed)


def groups(classes: Sequence[int], count: int, seed: int) -> list[tuple[int, ...]]:
    """All classes dealt out to groups of `count` in an order that follows from the seed.

    What does not fill a group is left out. Each class is in one group, so that groups of every
    size hold easy and hard classes alike.
    """
    order = stream("groups of classes", seed).permutation(np.asarray(classes)).tolist()
    dealt = [order[start : start + count] for start in range(0, len(order) - count + 1, count)]
    return [tuple(sorted(group)) for group in dealt]


def group_data(cell: Cell) -> list[Data]:
    """The images of each group of classes."""
    config: CellConfig = cell.config
    dataset = load_referenced(cell.source, cell.data_sha256)
    dealt = groups(dataset.classes, config.classes, config.seed)
    return [prepared(_some(classes_task(dataset, group), config)) for group in dealt]


def train(cell: Cell) -> Mapping[str, bytes]:
    """Train the networks of one cell; contents of the files that are kept of them."""
    config: CellConfig = cell.config
    if config.classes:
        found = {}
        for data in group_data(cell):
            target = data.split.target
            start = fresh(config.architecture, config.sizes, config.seed, target)
            found[target.id] = _all_fitted(config, data, start, target.id)
        return files_of(found)
    data = pair_data(cell)
    start = fresh(config.architecture, config.sizes, config.seed, data.split.target)
    if not config.inside:
        return files_of({ALL: _all_fitted(config, data, start)})
    size = looked_at(config.architecture, config.sizes)
    (stranger,) = fresh(config.architecture, (size,), _other(config.seed), data.split.target)
    *trained, other = _all_fitted(config, data, [*start, stranger])
    shuffled = _on_shuffled_labels(config, data, _of_size(start, size))
    relatives = {STRANGER: other, SHUFFLED: shuffled}
    if config.architecture != ARCHITECTURES[0]:
        hidden = LOOKED_AT[ARCHITECTURES[0]]
        partner = fresh(ARCHITECTURES[0], (hidden,), config.seed, data.split.target)
        (relatives[PARTNER],) = _all_fitted(config, data, partner)
    return files_of({ALL: trained} | {name: [one] for name, one in relatives.items()})


def _other(seed: int) -> int:
    """The seed of another network, which no cell has."""
    return state_of("stranger", seed) % 10**9


def _all_fitted(
    config: CellConfig, data: Data, start: Sequence[Population], name: str = ""
) -> list[Population]:
    """All trained, as few populations as go together."""
    found: list[Population] = list(start)
    for band in bands(start):
        joined = together([wide for _, wide in band])
        parts = joined.apart(_fitted(config, data, joined.population, name))
        for (number, _), part in zip(band, parts, strict=True):
            found[number] = like(part, start[number])
    return found


def _fitted(config: CellConfig, data: Data, population: Population, name: str = "") -> Population:
    """Trained; each network keeps the weights of the epoch of its lowest validation loss."""
    order = stream("transfer batches", name, config.seed).integers(2**31)
    return fit(
        population,
        data.split,
        epochs=config.epochs,
        batch_size=config.batch_size,
        optimizer=OPTIMIZER,
        seed=int(order),
        stop="validation",
        patience=config.epochs,
    ).population


def _on_shuffled_labels(config: CellConfig, data: Data, population: Population) -> Population:
    """Trained on labels that say nothing of the images, to the last epoch."""
    rows = stream("shuffled labels", config.seed).permutation(len(data.split.train.y))
    labels = np.tile(data.split.train.y[rows], (len(population), 1))
    unscored = replace(data.split, validation=data.split.validation.none)
    return fit(
        population,
        unscored,
        epochs=config.epochs,
        batch_size=config.batch_size,
        optimizer=OPTIMIZER,
        seed=config.seed,
        labels=labels,
    ).population


def files_of(found: Mapping[str, Sequence[Population]]) -> dict[str, bytes]:
    """Contents of files by name: `population.safetensors`, or if there are several `population 0`,
    `population 1`, ..."""
    return {
        (f"{name} {number}" if len(several) > 1 else name) + ".safetensors": one.to_bytes()
        for name, several in found.items()
        for number, one in enumerate(several)
    }


def populations_of(files: Files) -> dict[str, list[Population]]:
    """The inverse of `files_of`."""
    found: dict[str, dict[int, Population]] = {}
    for file, content in files.items():
        name = file.removesuffix(".safetensors")
        first, _, last = name.rpartition(" ")
        name, number = (first, int(last)) if first and last.isdecimal() else (name, 0)
        found.setdefault(name, {})[number] = Population.from_bytes(content)
    return {name: [several[n] for n in sorted(several)] for name, several in found.items()}


def read(cell: Cell, files: Files) -> list[Trained]:
    """The networks that `train` kept with their data: of a pair, or of each group of classes."""
    config: CellConfig = cell.config
    found = populations_of(files)
    if config.classes:
        return [Trained(data, found[data.split.target.id], {}) for data in group_data(cell)]
    data, populations = pair_data(cell), found.pop(ALL)
    relatives = {name: one for name, (one,) in found.items()}
    if config.inside:
        size = looked_at(config.architecture, config.sizes)
        relatives[DENSE] = _of_size(populations, size)
        start = fresh(config.architecture, config.sizes, config.seed, data.split.target)
        relatives[UNTRAINED] = _of_size(start, size)
    return [Trained(data, populations, relatives)]


def _of_size(populations: Sequence[Population], size: int) -> Population:
    """The network of one size."""
    for one in populations:
        place = np.flatnonzero(one.keys["hidden"] == size)
        if len(place):
            return one.take(place)
    raise AssertionError(f"no network of size {size}")
