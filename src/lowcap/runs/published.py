"""What a run shows: tables, verdicts, figures and page, which change all at once.

    RUN/published/<n>/      tables/, figures/, claims.parquet, report.html, run.json, published.json
    RUN/published/current   a link to the newest of them, replaced by one rename
    RUN/tables, RUN/figures, RUN/claims.parquet, RUN/report.html, RUN/run.json    links through it

``published.json`` lists the SHA-256 of every file. On systems without links the files are put in
their places one by one instead, the list last: then a reader may meet old and new ones together
for that moment, and `lowcap verify` tells if it did not end.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lowcap.errors import RunError
from lowcap.json_files import read_json
from lowcap.runs.files import encoded, leftovers, partial, remove, sync_folder, write_new, writing

LIST = "published.json"
PLACES = ("tables", "figures", "claims.parquet", "report.html", "run.json")
"""What a run shows, at the top of its directory."""
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
_OWN = (".parquet", ".svg", ".png")
"""How files end that earlier versions wrote into folders without a list."""


class Generation:
    """What is about to be published, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables, self.figures = folder / "tables", folder / "figures"
        self.inputs: dict[str, str] = {}
        """The SHA-256 of files at the top of the run that what is published follows from."""

    def write(self, name: str, content: str | bytes) -> None:
        """Write a file of it."""
        data = encoded(content) if isinstance(content, str) else content
        with writing(self.folder / name):
            write_new(self.folder / name, [data])


class Published:
    """The published side of a run's directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "published"
        self.current = self.home / "current"

    @property
    def folder(self) -> Path:
        """Where what is shown lies."""
        return self.current if self.current.is_dir() else self.root

    def files(self) -> dict[str, str]:
        """The SHA-256 of every file that was published, by its place.

        Raises:
            RunError: nothing was published, or its list is damaged.
        """
        return self._list()["files"]

    def inputs(self) -> dict[str, str]:
        """The SHA-256 of files at the top of the run that the published ones follow from.

        Raises:
            RunError: nothing was published, or its list is damaged.
        """
        return self._list()["inputs"]

    def _list(self) -> dict[str, dict[str, str]]:
        path = self.folder / LIST
        try:
            found = read_json(path)
            said = found.pop("sha256")
        except FileNotFoundError:
            raise RunError(f"{self.root}: nothing is published here (it has no {LIST})") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RunError(f"{path}: cannot be read ({error})") from error
        if said != _digest(found):
            raise RunError(f"{path}: is not as it was written")
        return found

    def tidy(self) -> None:
        """Remove what interrupted publishing left; call it under the run's lock."""
        for path in self.leftovers():
            remove(path)

    def leftovers(self) -> list[Path]:
        """What interrupted publishing left, and what is not shown any more."""
        shown = self._target()
        old = [one for one in self.home.glob("*") if one.name.isdigit() and one.name != shown]
        return [*leftovers(self.home), *old, *self._between()]

    def _between(self) -> list[Path]:
        """What interrupted writers of earlier versions left between tables and figures."""
        return [
            path
            for name in ("tables", "figures")
            if not (self.root / name).is_symlink()
            for path in leftovers(self.root / name)
        ]

    @contextmanager
    def generation(self) -> Iterator[Generation]:
        """Write what is to be shown; it is shown when all of it was written.

        Yields:
            Where to write it.
        """
        with writing(self.root):
            folder = partial(self.home)
            for one in (folder, folder / "tables", folder / "figures"):
                one.mkdir(parents=True)
        try:
            made = Generation(folder)
            yield made
            with writing(self.root):
                self._publish(folder, made.inputs)
        except BaseException:
            remove(folder)
            raise
        self.tidy()

    def _publish(self, folder: Path, inputs: Mapping[str, str]) -> None:
        digests = {
            str(path.relative_to(folder).as_posix()): file_digest(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        self._carry_over(folder, set(digests))
        listed: dict[str, Any] = {"files": digests, "inputs": dict(inputs)}
        listed["sha256"] = _digest(listed)
        text = json.dumps(listed, indent=2, ensure_ascii=False) + "\n"
        write_new(folder / LIST, [text.encode("utf-8")])
        for one in (folder / "tables", folder / "figures", folder):
            sync_folder(one)
        if not self._can_link():
            self._put_one_by_one(folder, digests)
            return
        number = 1 + max((int(one.name) for one in self.home.iterdir() if one.name.isdigit()),
                         default=0)  # fmt: skip
        os.rename(folder, self.home / str(number))
        sync_folder(self.home)
        for name in PLACES:  # where nothing was shown before, nothing is until the last rename
            self._link(self.root / name, f"published/current/{name}")
        sync_folder(self.root)
        self._link(self.current, str(number))
        sync_folder(self.home)

    def _carry_over(self, folder: Path, names: set[str]) -> None:
        """Keep what a user has put beside the tables and figures shown so far."""
        try:
            known = set(self.files())
        except RunError:
            known = None
        for name in ("tables", "figures"):
            place = self.root / name
            real = os.path.realpath(self.folder / name)
            ours = not place.is_symlink() or os.path.realpath(place) == real
            if not place.is_dir() or not ours:  # a link of the user's: nothing there is ours
                continue
            for path in place.iterdir():
                told = f"{name}/{path.name}"
                old = path.suffix in _OWN if known is None else told in known
                if old or told in names or path in leftovers(place):
                    continue
                if path.is_dir():
                    shutil.copytree(path, folder / told, symlinks=True)
                else:
                    shutil.copy2(path, folder / told, follow_symlinks=False)

    def _target(self) -> str | None:
        """The name of the generation that is shown."""
        with suppress(OSError):
            return os.readlink(self.current)
        return None

    def _can_link(self) -> bool:
        trial = partial(self.home)
        try:
            os.symlink("trial", trial)
        except NotImplementedError:
            return False
        except OSError as error:  # a full disk is no system without links
            if hasattr(error, "winerror") or error.errno in _NO_LINKS:
                return False
            raise
        trial.unlink()
        return True

    def _link(self, place: Path, target: str) -> None:
        """Make a place a link, by one rename where it is a link or a file already."""
        if place.is_symlink() and os.readlink(place) == target:
            return
        trial = partial(self.home)
        os.symlink(target, trial)
        if place.is_dir() and not place.is_symlink():  # as earlier versions had it
            os.rename(place, partial(self.home))
        os.replace(trial, place)

    def _put_one_by_one(self, folder: Path, digests: Mapping[str, str]) -> None:
        try:
            old = set(self.files())
        except RunError:
            old = {
                f"{name}/{path.name}"
                for name in ("tables", "figures")
                for path in (self.root / name).glob("*")
                if path.suffix in _OWN
            }
        for name in ("tables", "figures"):
            place = self.root / name
            if place.is_symlink():
                place.unlink()
            place.mkdir(exist_ok=True)
        for name in [*digests, LIST]:
            os.replace(folder / name, self.root / name)
        for name in old - set(digests):
            (self.root / name).unlink(missing_ok=True)
        remove(folder)


def file_digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _digest(listed: Mapping[str, Any]) -> str:
    text = json.dumps(listed, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
