"""Tasks of telling some classes of a data set apart, by their names such as 4-9 or 3-5-8."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Int, Int64

from lowcap.data.datasets import Dataset, load_dataset
from lowcap.data.tasks import Target, Task
from lowcap.errors import DataError, SettingsError


def parse_task(text: str) -> tuple[int, int]:
    """The two classes of a task's name: ``"9-4"`` gives ``(4, 9)``.

    Raises:
        SettingsError: the text is not two different class numbers joined by a hyphen.
    """
    parts = text.split("-")
    if len(parts) != 2 or not _are_numbers(parts):
        raise SettingsError(f"task '{text}': write two class numbers joined by '-', such as 4-9")
    low, high = sorted(map(int, parts))
    if low == high:
        raise SettingsError(f"task '{text}': the two classes must differ")
    return low, high


def parse_classes(text: str) -> tuple[int, ...]:
    """The classes of a task's name: ``"3-5-8"`` gives ``(3, 5, 8)``, ``"9-4"`` gives ``(4, 9)``.

    More than two classes stay in their order, for they are numbered in it.

    Raises:
        SettingsError: the text is not two or more different class numbers joined by hyphens.
    """
    parts = text.split("-")
    if len(parts) < 2 or not _are_numbers(parts):
        raise SettingsError(
            f"task '{text}': write two or more class numbers joined by '-', such as 4-9 or 3-5-8"
        )
    if len(parts) == 2:
        return parse_task(text)
    classes = tuple(map(int, parts))
    for label in classes:
        if classes.count(label) > 1:
            raise SettingsError(f"task '{text}': class {label} stands in it more than once")
    return classes


def _are_numbers(parts: Sequence[str]) -> bool:
    return all(part.isascii() and part.isdecimal() for part in parts)


def pair_task(
    dataset: str | Dataset, first: int, second: int, *, data_dir: str | Path | None = None
) -> Task:
    """The task of telling two classes of a data set apart; the lower one is class 0.

    Raises:
        DataError: the data set cannot be loaded, or lacks one of the classes.
        SettingsError: the two classes are the same.
    """
    held = load_dataset(dataset, data_dir) if isinstance(dataset, str) else dataset
    low, high = parse_task(f"{first}-{second}")
    return _task(held, (low, high))


def classes_task(
    dataset: str | Dataset, classes: Iterable[int] | str, *, data_dir: str | Path | None = None
) -> Task:
    """The task of telling several classes of a data set apart.

    Args:
        dataset: a data set or its name, see `load_dataset`.
        classes: labels, or the name of the task such as ``"3-5-8"``; the task numbers them 0, 1,
            2, ... in this order. Two of them are the pair that `pair_task` gives.
        data_dir: a folder to look in first for the data set.

    Raises:
        DataError: the data set cannot be loaded, or lacks one of the classes.
        SettingsError: there are fewer than two classes, or one stands there twice.

    Example:
        >>> task = classes_task("fashion-mnist", [2, 4, 6])  # pullover, coat, shirt
        >>> fitted = fit(grid(hidden=[4, 8]), task.split(seed=0))
    """
    held = load_dataset(dataset, data_dir) if isinstance(dataset, str) else dataset
    text = classes if isinstance(classes, str) else "-".join(map(str, classes))
    return _task(held, parse_classes(text))


def _task(held: Dataset, classes: tuple[int, ...]) -> Task:
    """The task of the given classes, which differ, numbered in their order."""
    name = "-".join(map(str, classes))
    for label in classes:
        for part, labels in (("training", held.labels), ("test", held.test_labels)):
            if label not in labels:
                raise DataError(
                    f"task {name}: {held.name} has no {part} images of class {label} "
                    f"(its classes: {', '.join(map(held.named, held.classes))})"
                )
    train, tests = np.isin(held.labels, classes), np.isin(held.test_labels, classes)
    pair = len(classes) == 2
    target = Target(name, "binary", 1, held.shape)
    if not pair:
        target = Target(name, "classes", len(classes), held.shape)
    kept = np.float32 if pair else np.int32
    return Task(
        target,
        held.images[train],
        _numbered(held.labels[train], classes).astype(kept),
        held.test_images[tests],
        _numbered(held.test_labels[tests], classes).astype(kept),
    )


def _numbered(
    labels: Int64[np.ndarray, " rows"], classes: tuple[int, ...]
) -> Int[np.ndarray, " rows"]:
    """The place of each label among the classes."""
    order = np.argsort(classes)
    return order[np.searchsorted(np.array(classes)[order], labels)]
