"""What the page shows of a run on images: its tasks, real images, and networks that it trained."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, UInt8

from lowcap.data import Dataset, load_dataset, parse_task
from lowcap.errors import RunError
from lowcap.explorer.networks import Shown
from lowcap.explorer.page import Content
from lowcap.runs import Store
from lowcap.streams import stream
from lowcap.studies.low_capacity.protocols import PROTOCOLS
from lowcap.studies.low_capacity.settings import RATE_TASK
from lowcap.studies.low_capacity.training import LOOKED_AT
from lowcap.studies.opened import Run
from lowcap.studies.opened import open as open_run

TRAINING, TESTS = 1000, 500
"""Images of all classes together: to train on in the page, and to look at and to test with."""

IMAGE_BYTES = 1_250_000
"""Before compression; of larger images there are fewer."""

FIRST_SIZES, SMALL, LARGEST = (24, 4, 2, 12), (2, 4), 64
"""Hidden sizes that are wanted first; those wanted with more seeds; the largest of the paper."""

SEVERAL, MOST_SEEDS = 3, 5
"""Seeds of the small networks, and of any: more than that are not even read."""


def image_content(run: Path, data_dir: Path | None = None) -> Content:
    """The page's content from a run of the study low-capacity.

    Args:
        run: the run's directory.
        data_dir: where to look first for the data set.

    Raises:
        RunError: no network of the run is stored, or the data set is another one than the run's.
        DataError: the data set is not here.
    """
    opened, record = open_run(run), Store(run).record()
    dataset = load_dataset(opened.settings.dataset, data_dir)
    if dataset.sha256 != record["data"][0]["sha256"]:
        raise RunError(f"{run}: was made on other data than those of {opened.settings.dataset}")
    networks = sorted(_networks(opened), key=_wish)
    if not networks:
        raise RunError(f"{run}: holds no trained networks to look at")
    known = {one.keys["task"] for one in networks}
    tasks = [task for task in opened.settings.tasks if task in known]
    labels = sorted({label for task in tasks for label in parse_task(task)})
    arrays: dict[str, np.ndarray] = {}
    per_class = _per_class(dataset, len(labels))
    for part, count in zip(("train", "test"), per_class, strict=True):
        images, numbers = _some(dataset, part, labels, count)
        arrays |= {f"{part}_images": images, f"{part}_labels": numbers}
    arrays |= {f"used_{task}": _used(dataset, parse_task(task)) for task in tasks}
    names = dataset.class_names or tuple(map(str, range(max(labels) + 1)))
    used = {one.keys["protocol"] for one in networks}
    description = {
        "kind": "images",
        "title": f"{record['study']} on {dataset.name}",
        "dataset": dataset.name,
        "shape": list(dataset.shape),
        "rounded": dataset.images.dtype != np.uint8,
        "training_images": len(dataset.labels),
        "tasks": [
            {"id": task, "labels": list(parse_task(task)),
             "names": [names[label] for label in parse_task(task)]}
            for task in tasks
        ],
        "protocols": {name: one.summary for name, one in PROTOCOLS.items() if name in used},
    }  # fmt: skip
    return Content(description, arrays, networks)


def _networks(run: Run) -> Iterator[Shown]:
    """Every network of the run that was trained for everything, not for a comparison of rates."""
    fits = run.fits[run.fits["stored"]]
    rates = fits["learning_rates"].map(len)
    fits = fits[(fits["batch_size"] == "protocol") & (fits["factors"].map(len) == 0) & (rates == 1)]
    few = fits.groupby(["protocol", "task"]).head(MOST_SEEDS)
    for protocol, task, seed in zip(few["protocol"], few["task"], few["seed"], strict=True):
        keys: dict[str, Any] = {"protocol": protocol, "task": task, "seed": int(seed)}
        population = run.population(purpose="everything", **keys)
        for network in population:
            size = network.dense.hidden[0]
            yield Shown(keys | {"hidden": size}, network)


def _wish(one: Shown) -> tuple[Any, ...]:
    """What decides which networks come first, as not all have room.

    First the sizes that the paper speaks of, of one seed, as published and as corrected, and the
    largest on the paper's own task; then more seeds of the smallest; the published procedure with
    fresh seeds; the rest by size.
    """
    keys = one.keys
    protocol, size = keys["protocol"], keys["hidden"]
    seeds = PROTOCOLS[protocol].seeds(LOOKED_AT)
    number = seeds.index(keys["seed"]) if keys["seed"] in seeds else LOOKED_AT
    fresh = protocol == "replicated"
    largest = size == LARGEST and keys["task"] == RATE_TASK
    if number == 0 and (size in FIRST_SIZES or largest):
        level = 2 if fresh else 0
    elif number < SEVERAL and size in SMALL:
        level = 3 if fresh else 1
    else:
        level = 4 + 2 * number + fresh
    return level, size > LARGEST // 2 and not largest, size, number, protocol, keys["task"]


def _per_class(dataset: Dataset, classes: int) -> tuple[int, int]:
    """How many training and test images of each class there is room for."""
    room = min(1.0, IMAGE_BYTES / ((TRAINING + TESTS) * dataset.images.shape[1]))
    return max(1, int(room * TRAINING / classes)), max(1, int(room * TESTS / classes))


def _some(
    dataset: Dataset, part: str, labels: Sequence[int], count: int
) -> tuple[UInt8[np.ndarray, "images pixels"], UInt8[np.ndarray, " images"]]:
    """Some images of each class, classes by turns, and their labels."""
    images, known = (
        (dataset.images, dataset.labels)
        if part == "train"
        else (dataset.test_images, dataset.test_labels)
    )
    drawn: list[Int[np.ndarray, " some"]] = []
    for label in labels:
        rows = np.flatnonzero(known == label)
        drawn.append(stream("explorer images", part, label).permutation(rows)[:count])
    longest = max(map(len, drawn))
    order = [rows[place] for place in range(longest) for rows in drawn if place < len(rows)]
    chosen = images[order]
    if chosen.dtype != np.uint8:
        chosen = np.rint(255 * chosen).astype(np.uint8)
    return chosen, known[order].astype(np.uint8)


def _used(dataset: Dataset, labels: Sequence[int]) -> UInt8[np.ndarray, " pixels"]:
    """Which pixels are not 0 in every image of a task."""
    train, test = np.isin(dataset.labels, labels), np.isin(dataset.test_labels, labels)
    used: Bool[np.ndarray, " pixels"] = (dataset.images[train] != 0).any(axis=0)
    return (used | (dataset.test_images[test] != 0).any(axis=0)).astype(np.uint8)
