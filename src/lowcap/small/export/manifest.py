"""A folder of exported files that appears all at once, and a manifest to hold it against."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from lowcap.errors import RunError
from lowcap.json_files import read_json
from lowcap.runs import environment

MANIFEST = "manifest.json"
PAGE = "explorer.html"
"""Made of the other files at any time: in no manifest, but lost with the folder."""
_PARTIAL = ".partial-"


def write_folder(
    folder: Path,
    files: Mapping[str, str | bytes],
    data: str,
    budget: Mapping[str, int] | None = None,
) -> None:
    """Write the files and ``manifest.json`` into a folder, all of them or none.

    They are written beside it first; then one rename puts them there. A folder that an earlier
    export wrote is replaced.

    Args:
        folder: where they go; what is not an earlier export is left alone. An export inside an
            earlier one goes with it.
        files: content by file name. The page to play with is written too, but not listed, since it
            may be written again.
        data: the digest of the data that the model was trained on.
        budget: bytes of "flash" and "ram" that the user has for the model, if any was named.

    Raises:
        RunError: the folder holds something else, or cannot be written.
    """
    contents = {n: c.encode() if isinstance(c, str) else c for n, c in files.items()}
    if bad := [name for name in contents if Path(name).name != name or name == MANIFEST]:
        raise RunError(f"{bad[0]!r} is no name for a file of an export")
    listed = {name: content for name, content in contents.items() if name != PAGE}
    manifest: dict[str, Any] = {
        "data": data,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in listed.items()},
        "versions": environment()["versions"],
    }
    if budget:
        manifest["budget"] = dict(budget)
    contents[MANIFEST] = (json.dumps(manifest, indent=2) + "\n").encode()
    if folder.exists() and not _replaceable(folder):
        raise RunError(f"{folder}: holds something that is no export; name another folder")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_PARTIAL))
        try:
            for name, content in contents.items():
                _write(partial / name, content)
            os.chmod(partial, 0o755)
            _put(partial, folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise RunError(f"{folder}: cannot be written ({error.strerror or error})") from error


def read_manifest(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file that a folder's manifest lists, by its name.

    Raises:
        OSError: there is no manifest, or it cannot be read.
        ValueError: it is damaged.
    """
    files = read_json(folder / MANIFEST).get("files")
    if not isinstance(files, dict) or not all(isinstance(one, str) for one in files.values()):
        raise ValueError("it lists no files")
    return files


def read_kept_budget(folder: Path) -> dict[str, int]:
    """The bytes of "flash" and "ram" that the user has, as a folder's manifest tells them.

    Raises:
        RunError: the manifest cannot be read.
    """
    try:
        told = read_json(folder / MANIFEST).get("budget")
    except (OSError, ValueError) as error:
        raise RunError(f"{folder / MANIFEST}: cannot be read ({error})") from error
    return sensible_budget(told)


def sensible_budget(told: object) -> dict[str, int]:
    """A budget from a file: what in it is one, and nothing else."""
    named = told if isinstance(told, dict) else {}
    return {
        name: most for name in ("flash", "ram")
        if isinstance(most := named.get(name), int) and most > 0
    }  # fmt: skip


def _replaceable(folder: Path) -> bool:
    """Whether nothing but what an export wrote is lost with the folder."""
    if not folder.is_dir() or folder.is_symlink():
        return False
    names = {path.name for path in folder.iterdir()}
    if not names:
        return True
    try:
        known = set(read_manifest(folder))
    except (OSError, ValueError):
        return False
    return not _strange(folder, names - known)


def _strange(folder: Path, names: set[str]) -> set[str]:
    """Those that no export wrote: neither a manifest nor a folder with one of its own."""
    return {
        name
        for name in names - {MANIFEST, PAGE}
        if not (folder / name / MANIFEST).is_file() or not _replaceable(folder / name)
    }


def check_folder(folder: Path) -> None:
    """Refuse a folder that `write_folder` would not write, before anything is computed for it.

    Raises:
        RunError: it holds something else, or cannot be written.
    """
    if folder.exists() and not _replaceable(folder):
        raise RunError(f"{folder}: holds something that is no export; name another folder")
    above = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise RunError(f"{folder}: cannot be written")


def _write(path: Path, content: bytes) -> None:
    """Write a file and wait for the disk: a rename must not overtake what it renames."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _put(partial: Path, folder: Path) -> None:
    """Rename the new folder to its place; an old one steps aside, and back if that fails."""
    if not folder.exists():
        os.rename(partial, folder)
        return
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_PARTIAL))
    os.rename(folder, aside / "old")
    try:
        os.rename(partial, folder)
    except BaseException:
        os.rename(aside / "old", folder)
        raise
    finally:
        if folder.exists():
            with suppress(OSError):
                shutil.rmtree(aside)


def verify(folder: Path) -> dict[str, str]:
    """Hold every file against its SHA-256 in the manifest.

    Returns:
        The digests by file name.

    Raises:
        RunError: a file is missing, changed, or not among those that were written.
    """
    try:
        digests = read_manifest(folder)
    except FileNotFoundError:
        raise RunError(f"{folder}: no export here (it has no {MANIFEST})") from None
    except (OSError, ValueError) as error:
        raise RunError(f"{folder / MANIFEST}: cannot be read ({error})") from error
    for name, digest in digests.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise RunError(f"{folder}: {name} is missing")
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise RunError(f"{folder}: {name} is not as it was written")
    if strange := _strange(folder, {path.name for path in folder.iterdir()} - set(digests)):
        raise RunError(f"{folder}: {min(strange)} was not written by the export")
    return digests
