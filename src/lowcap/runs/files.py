"""Writing files so that no reader, crash or power cut ever meets half of one."""

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from lowcap.errors import RunError

PARTIAL = ".partial-"
"""How names begin of what is not yet whole; whoever holds the run's lock may remove it."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the file system's refusals into one clear line that names the path."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise RunError(
                f"{path}: the disk is full; free some space and run the same command again, "
                "finished cells are kept"
            ) from error
        raise RunError(f"{path}: cannot be written ({error.strerror or error})") from error


class Sink:
    """A new file that is written from its beginning to its end.

    Closing it waits for the disk: a rename must not overtake what it renames, or a power cut
    leaves an empty file under the final name.
    """

    def __init__(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        for name in ("O_BINARY", "O_CLOEXEC"):  # each on some systems only
            flags |= getattr(os, name, 0)
        self._handle = os.open(path, flags, 0o644)
        self.closed = False

    def write(self, content: bytes | memoryview) -> int:
        """Write all of it."""
        if self.closed:  # its handle may be another file's by now
            raise ValueError("the file is closed")
        left = memoryview(content).cast("B")
        size = len(left)
        while left:
            left = left[os.write(self._handle, left) :]
        return size

    def flush(self) -> None:
        """Nothing waits in memory of this process."""

    def close(self) -> None:
        """Wait for the disk, and close the file."""
        if not self.closed:
            self.closed = True
            try:
                os.fsync(self._handle)
            finally:
                os.close(self._handle)

    def abandon(self) -> None:
        """Close the file, which is not needed any more."""
        if not self.closed:
            self.closed = True
            os.close(self._handle)


def encoded(text: str) -> bytes:
    """Text as UTF-8; names of files that Python could not read come out as they were."""
    return text.encode("utf-8", "surrogateescape")


def write_new(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file that is not there yet, and wait for the disk."""
    sink = Sink(path)
    try:
        for chunk in chunks:
            sink.write(chunk)
        sink.close()
    finally:
        sink.abandon()


def partial(folder: Path) -> Path:
    """A new name in a folder for what is not yet whole."""
    return folder / f"{PARTIAL}{token_hex(8)}"


def write_whole(path: Path, content: str | bytes | Iterable[bytes]) -> None:
    """Write a file under a temporary name, then rename it: readers never see half of it.

    What has the name already is replaced.
    """
    if isinstance(content, str):
        content = encoded(content)
    chunks = [content] if isinstance(content, bytes) else content
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = partial(path.parent)
        try:
            write_new(temporary, chunks)
            if path.is_dir() and not path.is_symlink():
                os.rename(path, partial(path.parent))  # a folder cannot be replaced by a file
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can say so."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network folders cannot
            raise
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all that is in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def leftovers(folder: Path) -> list[Path]:
    """What interrupted writers left in a folder."""
    return sorted(folder.glob(f"{PARTIAL}*"))
