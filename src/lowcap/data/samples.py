"""Samples for many-class networks: few training images, standardised; random labels."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int, Int32

from lowcap.data.datasets import Dataset
from lowcap.data.tasks import Labelled, Split, Target, as_floats
from lowcap.errors import SettingsError
from lowcap.streams import state_of, stream


@dataclass(frozen=True, eq=False, repr=False)
class Sample(Split):
    """A training sample of a data set and test images, standardised alike; nothing to validate."""

    test_places: Int[np.ndarray, " tests"] = field(kw_only=True)
    """Where the test images stand in the data set, by which they are the same under any seed."""

    def random_labels(self, seed: int) -> Int32[np.ndarray, " images"]:
        """A class for each training image, uniform and independent of the image."""
        generator = stream("random labels", seed)
        return generator.integers(self.target.outputs, size=len(self.train.y)).astype(np.int32)


def sample(dataset: Dataset, images: int, tests: int, seed: int = 0) -> Sample:
    """Draw training images by class in equal shares as far as they go; and test images.

    Pixels are shifted and scaled by the mean and standard deviation of all the drawn training
    pixels. Labels become 0, 1, ... in the order of the data set's classes.

    Args:
        dataset: where from.
        images: how many training images.
        tests: how many test images; all of them if there are fewer.
        seed: seed of the draw.

    Raises:
        SettingsError: the data set has too few images, or the images are all the same.
    """
    from sklearn.model_selection import train_test_split  # slow to import: only when needed

    known = len(dataset.labels)
    if not len(dataset.classes) <= images < known:
        raise SettingsError(
            f"{dataset.name}: cannot draw {images} training images, there are {known} of "
            f"{len(dataset.classes)} classes"
        )
    taught, _ = train_test_split(
        np.arange(known),
        train_size=images,
        stratify=dataset.labels,
        random_state=state_of("training sample", seed),
    )
    tested = stream("test sample", seed).permutation(len(dataset.test_labels))[:tests]
    train, test = as_floats(dataset.images[taught]), as_floats(dataset.test_images[tested])
    mean, deviation = train.mean(dtype=np.float64), train.std(dtype=np.float64)
    if deviation == 0:
        raise SettingsError(f"{dataset.name}: all pixels are the same")
    numbers = np.searchsorted(dataset.classes, dataset.labels[taught]).astype(np.int32)
    test_numbers = np.searchsorted(dataset.classes, dataset.test_labels[tested]).astype(np.int32)
    taught_rows = Labelled(((train - mean) / deviation).astype(np.float32), numbers)
    return Sample(
        taught_rows,
        taught_rows.none,
        Labelled(((test - mean) / deviation).astype(np.float32), test_numbers),
        np.ones(train.shape[1], bool),
        Target(dataset.name, "classes", len(dataset.classes), dataset.shape),
        test_places=tested,
    )
