"""Whether a directory of `lowcap small` or `lowcap export` is as it was written."""

from collections.abc import Iterator
from pathlib import Path

from lowcap.runs.files import leftovers, remove
from lowcap.runs.published import file_digest
from lowcap.runs.verify import Wrong
from lowcap.small.export.manifest import MANIFEST, PAGE, read_manifest
from lowcap.small.kept import ANSWER


def holds_small(folder: Path) -> bool:
    """Whether a directory is one of `lowcap small` or `lowcap export`."""
    return (folder / MANIFEST).exists() or (folder / ANSWER).exists()


def verify_small(folder: Path, *, mend: bool = False) -> list[Wrong]:
    """Hold every file of a directory, and of exports inside it, against its manifest.

    Args:
        folder: of `lowcap small` or `lowcap export`.
        mend: remove what is damaged, so that the same command may write the directory again.
    """
    found = [*_wrong(folder)]
    for one in found if mend else ():
        if not one.gone:
            remove(one.path)
    return found


def _wrong(folder: Path) -> Iterator[Wrong]:
    manifest = folder / MANIFEST
    try:
        expected = read_manifest(folder)
    except FileNotFoundError:
        yield Wrong(manifest, "missing; remove the directory and run again", gone=True)
        return
    except (OSError, ValueError) as error:
        reason = f"cannot be read ({error}); remove the directory and run again"
        yield Wrong(manifest, reason, gone=True)
        return
    for name, digest in expected.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            yield Wrong(path, "missing", gone=True)
        elif file_digest(path) != digest:
            yield Wrong(path, "not as it was written")
    left = leftovers(folder)
    for path in sorted(folder.iterdir()):
        if path.is_dir() and (path / MANIFEST).exists():
            yield from _wrong(path)
        elif path in left:
            yield Wrong(path, "left by an interrupted writer")
        elif path.name not in {*expected, MANIFEST, PAGE}:
            yield Wrong(path, "was not written by lowcap", gone=True)
