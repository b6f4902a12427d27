"""Arrays of an ``.npz`` file, whatever it claims to be: nothing is read whose size is not known."""

import lzma
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lowcap.errors import DataError
from lowcap.given import file_of, in_a_line
from lowcap.memory import in_words, share_of_free

_SUFFIX = ".npy"
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
"""How headers are read, by the version of the form. The third is for names of columns alone."""

_COPIES = 2
"""Of what is read: as it stands in the file, and divided into training and test rows."""

_DAMAGE = (
    OSError,
    ValueError,
    EOFError,
    RuntimeError,  # encrypted, or packed in a way that nobody knows
    LookupError,
    TypeError,
    SyntaxError,
    OverflowError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    tokenize.TokenError,
)
"""What reading a damaged archive, or a damaged header in it, may raise."""


class Stored(NamedTuple):
    """What was read of a file."""

    arrays: dict[str, np.ndarray]
    names: tuple[str, ...]
    """Of everything that the file holds, whether it was read or not."""

    @property
    def held(self) -> str:
        """All names in words."""
        return in_a_line(", ".join(self.names) or "nothing", 200)


def read_npz(path: str | Path, wanted: Collection[str]) -> Stored:
    """The wanted arrays of an ``.npz`` file, as far as it holds them; others are not looked at.

    Raises:
        DataError: there is no such file, it is damaged, holds pickles, or needs too much memory.
    """
    path = file_of(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _entries(archive)
            wanted = [name for name in wanted if name in entries]
            needed = sum(_size(archive, entries[name]) for name in wanted)
            _check_room(path, wanted, needed)
            arrays = {name: _array(archive, entries[name]) for name in wanted}
    except _DAMAGE as error:
        reason = in_a_line(error, 200) or type(error).__name__
        if _is_one_array(path):
            reason = "it is an .npy of one array; put arrays together with numpy.savez"
        raise DataError(f"{path}: not a readable .npz file without pickles ({reason})") from error
    return Stored(arrays, tuple(entries))


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """What stands in the archive, by its name there."""
    found: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(_SUFFIX)
        if name in found:
            raise ValueError(f"it holds '{name}' twice")
        found[name] = info
    return found


def _size(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    """Bytes of an array, as its header and the archive agree on."""
    with archive.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        if version not in _HEADERS:
            raise ValueError(f"{info.filename} is of an unknown version")
        shape, _, dtype = _HEADERS[version](stream)
        held = info.file_size - stream.tell()
    if dtype.hasobject:
        raise ValueError(
            f"{info.filename} holds Python objects, which are never loaded; save texts as texts, "
            "with .astype(str)"
        )
    if any(length < 0 for length in shape):
        raise ValueError(f"{info.filename} has the shape {shape}")
    announced = dtype.itemsize
    for length in shape:  # whole numbers of Python, which do not overflow
        announced *= length
    if announced != held:
        raise ValueError(
            f"{info.filename} announces {announced:,} bytes and holds {held:,}; it is damaged"
        )
    return announced


def _check_room(path: Path, names: Collection[str], size: int) -> None:
    """Refuse arrays that do not fit into memory, before any of it is taken."""
    limit = share_of_free(1)
    if _COPIES * size > limit:
        raise DataError(
            f"{path}: reading {', '.join(names)} would need {in_words(_COPIES * size)}, and this "
            f"machine has {in_words(limit)} to give: try fewer or smaller images or rows"
        )


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(info) as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)


def _is_one_array(path: Path) -> bool:
    """Whether the file is an ``.npy`` under another name."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(np.lib.format.MAGIC_PREFIX)) == np.lib.format.MAGIC_PREFIX
    except OSError:
        return False
