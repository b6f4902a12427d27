"""How a data set is named in a plan, and found again by a worker: in its files, or as it is sent.

A worker on another machine may have no file. Data are then sent to it, and known by their digest.
"""

import io
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lowcap.data import sources
from lowcap.data.datasets import BUILT_IN, Dataset, load_dataset
from lowcap.errors import DataError

_ARRAYS = ("images", "labels", "test_images", "test_labels")

_taken: dict[str, Dataset] = {}
"""What was sent to this process, by its digest."""


class DataReference(NamedTuple):
    """Enough to name a data set in a cell and to find it in another process."""

    name: str
    sha256: str
    source: tuple[str, str | None] = ("", None)
    """Name or path, and the folder to look in first."""


def load_referenced(source: tuple[str, str | None], sha256: str) -> Dataset:
    """The data set, loaded once a process.

    Raises:
        DataError: what is found is not the data that was meant.
    """
    return _taken[sha256] if sha256 in _taken else _from_files(source, sha256)


@lru_cache(maxsize=2)
def _from_files(source: tuple[str, str | None], sha256: str) -> Dataset:
    dataset = load_dataset(*source)
    if dataset.sha256 != sha256:
        raise DataError(f"{dataset.name}: a worker found other data than the run was planned with")
    return dataset


def lacks_referenced(source: tuple[str, str | None], sha256: str) -> bool:
    """Whether this machine has no such data; nothing is downloaded to find out."""
    name, folder = source
    if not name or sha256 in _taken:
        return False
    if name in sources.SOURCES:
        here = sources.locate(sources.SOURCES[name], Path(folder) if folder else None) is not None
    else:
        here = name == BUILT_IN or Path(name).is_file()
    if not here:
        return True
    try:
        load_referenced(source, sha256)
    except (DataError, OSError):
        return True
    return False


def packed(dataset: Dataset) -> bytes:
    """A data set as it is sent: an uncompressed npz without pickles."""
    stream = io.BytesIO()
    np.savez(
        stream,
        name=np.array(dataset.name),
        shape=np.array(dataset.shape),
        class_names=np.array(dataset.class_names, dtype=np.str_),
        **{name: getattr(dataset, name) for name in _ARRAYS},
    )
    return stream.getvalue()


def take_referenced(content: bytes, sha256: str) -> None:
    """Keep a data set that was sent, for `load_referenced`.

    Raises:
        DataError: it is damaged, or not the one that was meant.
    """
    if sha256 in _taken:
        return
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as sent:
            dataset = Dataset(
                str(sent["name"]),
                *(sent[name] for name in _ARRAYS),
                shape=tuple(sent["shape"].tolist()),
                class_names=tuple(sent["class_names"].tolist()),
            )
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"data of digest {sha256[:12]} arrived damaged ({error})") from error
    if dataset.sha256 != sha256:
        raise DataError(
            f"{dataset.name}: the data that arrived have digest {dataset.sha256[:12]}, "
            f"those of the run {sha256[:12]}"
        )
    _taken[sha256] = dataset
