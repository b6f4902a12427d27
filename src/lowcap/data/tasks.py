"""Tasks: two classes of a data set to tell apart, and their train / validation / test splits."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32

from lowcap.data.datasets import Dataset, load_dataset
from lowcap.errors import DataError, SettingsError

VALIDATION_SHARE = 0.2


class Labelled(NamedTuple):
    """Images as floats in [0, 1] and their labels, 0 or 1."""

    images: Float32[np.ndarray, "images pixels"]
    labels: Float32[np.ndarray, " images"]


@dataclass(frozen=True, eq=False)
class Split:
    """One division of a task. Validation data choose, test data report."""

    train: Labelled
    validation: Labelled
    test: Labelled
    active: Bool[np.ndarray, " pixels"]
    """Pixels that are not 0 in every image of the task; only these can change a weight."""


@dataclass(frozen=True, eq=False)
class Task:
    """Telling class `classes[1]` (label 1) from `classes[0]` (label 0) of a data set."""

    dataset: Dataset
    classes: tuple[int, int]

    @property
    def id(self) -> str:
        """The name of the task in tables, such as ``4-9``."""
        return "{}-{}".format(*self.classes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Height and width of one image."""
        return self.dataset.shape

    def split(self, seed: int) -> Split:
        """A stratified 80/20 split of all training images, drawn from `seed`."""
        chosen = np.flatnonzero(np.isin(self.dataset.labels, self.classes))
        return self.divide(chosen, seed)

    def divide(self, chosen: np.ndarray, seed: int) -> Split:
        """Split the training images at the indices `chosen`, in that order, 80/20 by label.

        The indices go through scikit-learn's `train_test_split` with ``random_state=seed``, so
        the same order and seed give the same division as code that splits the arrays themselves.
        """
        from sklearn.model_selection import train_test_split  # slow to import: only when needed

        labels = self.dataset.labels[chosen]
        try:
            train, validation = train_test_split(
                chosen, test_size=VALIDATION_SHARE, stratify=labels, random_state=seed
            )
        except ValueError as error:
            raise DataError(
                f"task {self.id} of {self.dataset.name}: too few images to split ({error})"
            ) from error
        tested = np.flatnonzero(np.isin(self.dataset.test_labels, self.classes))
        everything = np.flatnonzero(np.isin(self.dataset.labels, self.classes))
        active = (self.dataset.images[everything] != 0).any(axis=0)
        active |= (self.dataset.test_images[tested] != 0).any(axis=0)
        return Split(
            self._labelled(self.dataset.images[train], self.dataset.labels[train]),
            self._labelled(self.dataset.images[validation], self.dataset.labels[validation]),
            self._labelled(self.dataset.test_images[tested], self.dataset.test_labels[tested]),
            active,
        )

    def _labelled(self, images: np.ndarray, labels: np.ndarray) -> Labelled:
        scaled = images.astype(np.float32)
        if images.dtype == np.uint8:
            scaled /= 255
        return Labelled(scaled, (labels == self.classes[1]).astype(np.float32))


def parse_task(text: str) -> tuple[int, int]:
    """The two classes of a task's name: ``"9-4"`` gives ``(4, 9)``.

    Raises:
        SettingsError: the text is not two different class numbers joined by a hyphen.
    """
    parts = text.split("-")
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        raise SettingsError(f"task '{text}': write two class numbers joined by '-', such as 4-9")
    low, high = sorted(map(int, parts))
    if low == high:
        raise SettingsError(f"task '{text}': the two classes must differ")
    return low, high


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
    for label in (low, high):
        for part, labels in (("training", held.labels), ("test", held.test_labels)):
            if label not in labels:
                raise DataError(
                    f"task {low}-{high}: {held.name} has no {part} images of class {label} "
                    f"(its classes: {', '.join(map(str, held.classes))})"
                )
    return Task(held, (low, high))
