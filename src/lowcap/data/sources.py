"""Where the files of a data set are: given folders, the cache, or a mirror."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pooch

from lowcap.data import cifar
from lowcap.errors import DataError
from lowcap.given import path_of

State = Literal["whole", "damaged", "missing"]

FILES = {
    "train_images": "train-images-idx3-ubyte.gz",
    "train_labels": "train-labels-idx1-ubyte.gz",
    "test_images": "t10k-images-idx3-ubyte.gz",
    "test_labels": "t10k-labels-idx1-ubyte.gz",
}
"""The four IDX files of MNIST and its relatives, by what they hold."""

Form = Literal["idx", "cifar", "npz"]
"""Four IDX files, the archive of CIFAR-10's binary version, or one file as a user's own."""


@dataclass(frozen=True)
class Source:
    """A data set whose files are known byte by byte."""

    name: str
    description: str
    sha256: dict[str, str]
    mirrors: tuple[str, ...]
    """Addresses that the files are fetched from; none if nobody publishes them."""
    folders: tuple[str, ...]
    """Sub-folders in which users keep it (our name, torchvision's, the folder itself)."""
    files: dict[str, str] = field(default_factory=lambda: FILES)
    """The names of the files, by what they hold."""
    form: Form = "idx"
    """How the files are read."""


SOURCES = {
    "mnist": Source(
        "mnist",
        "70,000 handwritten digits, 28 x 28",
        {
            "train_images": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "train_labels": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "test_images": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "test_labels": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        ("mnist", "MNIST/raw", "."),
    ),
    "fashion-mnist": Source(
        "fashion-mnist",
        "70,000 pictures of clothes, 28 x 28",
        {
            "train_images": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "train_labels": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "test_images": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "test_labels": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
        (
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
        ("fashion-mnist", "FashionMNIST/raw", "."),
    ),
    "cifar-10": Source(
        "cifar-10",
        "60,000 colour photographs of ten kinds of things, 32 x 32",
        {"archive": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"},
        (
            "https://www.cs.toronto.edu/~kriz/",
            "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
        ),
        ("cifar-10", "."),
        {"archive": cifar.ARCHIVE},
        "cifar",
    ),
    "cifar-10-small": Source(
        "cifar-10-small",
        "6,000 + 2,000 photographs from a JPEG copy of CIFAR-10, 32 x 32",
        {"arrays": "78831e45972d95364c2fcfe2a3e6eebe659286b5761bbef2bb899f63f312bf7d"},
        (),
        ("cifar-10-small", "."),
        {"arrays": "cifar-10-small.npz"},
        "npz",
    ),
}

FETCHED = tuple(name for name, source in SOURCES.items() if source.mirrors)
"""The data sets that can be fetched."""


def cache_dir() -> Path:
    """The folder for downloads and derived files: ``LOWCAP_CACHE``, else the system's own."""
    return path_of(os.environ.get("LOWCAP_CACHE") or pooch.os_cache("lowcap"))


def _search_path(source: Source, data_dir: Path | None) -> Iterator[Path]:
    given = [data_dir, os.environ.get("LOWCAP_DATA")]
    for root in (path_of(folder) for folder in given if folder):
        yield from (root / folder for folder in source.folders)
    yield cache_dir() / source.name


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def state(source: Source, folder: Path) -> State:
    """Whether the files of `source` lie in `folder`, and are the canonical ones."""
    paths = {role: folder / name for role, name in source.files.items()}
    if not all(path.is_file() for path in paths.values()):
        return "missing"
    whole = all(_sha256(path) == source.sha256[role] for role, path in paths.items())
    return "whole" if whole else "damaged"


def locate(source: Source, data_dir: Path | None = None) -> Path | None:
    """The first folder of the search path that holds all files of `source`, if any.

    Every relative of MNIST uses the same four names, so a folder that holds another known data
    set is passed over.
    """
    for folder in _search_path(source, data_dir):
        if not all((folder / name).is_file() for name in source.files.values()):
            continue
        others = (other for other in SOURCES.values() if other is not source)
        alike = (other for other in others if other.files == source.files)
        if any(state(other, folder) == "whole" for other in alike):
            continue
        return folder
    return None


def verify(source: Source, folder: Path) -> None:
    """Compare every file's SHA-256 with the canonical one.

    Raises:
        DataError: a file differs; the message names it.
    """
    for role, name in source.files.items():
        digest = _sha256(folder / name)
        if digest != source.sha256[role]:
            raise DataError(
                f"{folder / name}: not the canonical {source.name} file (sha256 {digest[:12]}..., "
                f"expected {source.sha256[role][:12]}...); {_remedy(source)}"
            )


def missing(source: Source) -> str:
    """The line that says what a data set is that is not here, and how to get it."""
    return f"{source.name}: not here ({source.description}); {_remedy(source)}"


def _remedy(source: Source) -> str:
    if source.mirrors:
        return f"run 'lowcap data fetch {source.name}'"
    return f"it is not published: {_by_hand(source)}"


def _by_hand(source: Source) -> str:
    files = "the four files" if source.form == "idx" else next(iter(source.files.values()))
    return f"put {files} into a folder and name it with --data-dir or LOWCAP_DATA"


def fetch(source: Source) -> Path:
    """Download what the cache lacks of `source`, trying its mirrors in turn.

    Each file is checked against its SHA-256 before it takes its place, so an interrupted or
    damaged download leaves nothing behind.

    Raises:
        DataError: no mirror delivered a whole file, or there is none.
    """
    if not source.mirrors:
        raise DataError(missing(source))
    folder = cache_dir() / source.name
    downloader: Any = pooch.HTTPDownloader(progressbar=False, timeout=30)
    for role, name in source.files.items():
        failures = []
        for mirror in source.mirrors:
            try:
                pooch.retrieve(
                    mirror + name,
                    known_hash=f"sha256:{source.sha256[role]}",
                    fname=name,
                    path=folder,
                    downloader=downloader,
                )
                break
            except ValueError:
                failures.append(f"{mirror} sent a damaged file")
            except OSError as error:  # requests' exceptions are OSErrors
                failures.append(f"{mirror} did not answer ({type(error).__name__})")
        else:
            raise DataError(
                f"{source.name}: cannot download {name} ({'; '.join(failures)}); "
                f"{_by_hand(source)}, or use the built-in --dataset mnist-5k"
            )
    return folder
