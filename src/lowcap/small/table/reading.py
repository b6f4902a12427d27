"""A user's file of rows, read into one form whatever it is: CSV, Parquet or ``.npz``."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lowcap.errors import DataError, SettingsError
from lowcap.given import file_of
from lowcap.small.table.arrays import Part, read_arrays
from lowcap.small.table.cells import COUNTED, is_number, no_such, shown
from lowcap.small.table.checks import check_alike, check_features, check_groups, check_target
from lowcap.small.table.copies import copies, shared_rows
from lowcap.small.table.sampling import chosen
from lowcap.small.table.text import Limits, Rows, read_csv
from lowcap.streams import stream

FORMS = (".csv", ".parquet", ".npz")


class Sampled(NamedTuple):
    """How many rows were taken of how many."""

    rows: int
    of: int


@dataclass(frozen=True, eq=False)
class Source:
    """Rows of a user's file: features as they stand there, and what is to be predicted."""

    path: Path
    table: pd.DataFrame
    """The features; its index holds each row's number in the file, from 1, without the header."""
    target: pd.Series
    groups: pd.Series | None
    """Rows of one group must never stand on both sides of a fold."""
    shape: tuple[int, ...] | None
    """Height and width (and channels) if the features are the pixels of images, else None."""
    sha256: str
    sampled: Sampled
    dropped: tuple[str, ...] = ()
    """Columns that the user left out."""
    test: "Source | None" = None
    """Rows that nothing is learned from or chosen on."""
    remark: str = ""
    """Of test rows: what is to be said of them beside the training rows."""
    shared: int = 0
    """Of test rows: how many also stand among the training rows."""
    unread: tuple[str, ...] = ()
    """Arrays of an ``.npz`` that nothing is done with."""

    @property
    def notes(self) -> list[str]:
        """What was done to the rows, a line each; nothing if all were taken as they are."""
        rows, of = self.sampled
        notes = []
        if rows < of:
            notes.append(f"{self.path.name}: took {rows:,} of {of:,} rows, drawn at random")
        if self.dropped:
            notes.append(f"{self.path.name}: left out {', '.join(self.dropped)}, as asked")
        if self.unread:
            others = shown(", ".join(self.unread), 200)
            notes.append(f"{self.path.name}: not looked at: {others}")
        notes += [self.remark] if self.remark else []
        return notes + (self.test.notes if self.test else [])


def read_source(
    path: str | Path,
    target: str | None = None,
    *,
    groups: str | None = None,
    drop: Sequence[str] = (),
    test: str | Path | None = None,
    limits: Limits | None = None,
) -> Source:
    """Read a file of rows, and refuse whatever in it a network could not honestly learn from.

    Args:
        path: a ``.csv`` (commas, a header, UTF-8), a ``.parquet``, or an ``.npz`` with ``x`` and
            ``y`` or ``images`` and ``labels``, and perhaps ``test_x``, ``test_y``, ``groups``.
        target: the column to predict; an ``.npz`` needs none.
        groups: a column whose equal values never stand on both sides of a fold; no feature.
        drop: columns to leave out.
        test: another file of rows of the same columns, which nothing is learned from.
        limits: how much of a long file is kept; beyond, a random sample is.

    Raises:
        DataError: the file, a column or a cell is not as it must be; one line says which.
        SettingsError: the arguments do not go together.
    """
    limits = limits or Limits()
    path = _file(path)
    if path.suffix.lower() == ".npz":
        source = _from_arrays(path, target, groups, drop, limits)
    else:
        source = _from_table(path, target, groups, drop, limits)
    if source.shape is None:
        check_features(source.table, str(path))
    check_target(source.target, str(path))
    if source.groups is not None:
        check_groups(source.groups, str(path))
    if test is None:
        return source
    return replace(source, test=_test_of(source, _file(test), groups, drop, limits))


def _file(path: str | Path) -> Path:
    path = file_of(path)
    if path.suffix.lower() not in FORMS:
        raise DataError(f"{path}: give a .csv, .parquet or .npz file")
    if not path.stat().st_size:
        raise DataError(f"{path}: is empty")
    return path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rows(path: Path, limits: Limits, part: str, texts: Sequence[str] = ()) -> Rows:
    """The rows of a CSV or Parquet file, at most as many as the limits allow."""
    generator = stream("rows of a user's file", part)
    try:
        if path.suffix.lower() == ".csv":
            rows = read_csv(path, limits, generator, texts)
        else:
            from lowcap.small.table.parquet import read_parquet  # slow to import: only when needed

            rows = read_parquet(path, limits, generator)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({shown(error, 200)})") from error
    if not len(rows.table):
        raise DataError(f"{path}: has a header but no rows")
    return rows


def _from_table(
    path: Path, target: str | None, groups: str | None, drop: Sequence[str], limits: Limits
) -> Source:
    if target is None:
        raise SettingsError(f"{path}: say which column to predict")
    if target == groups:
        raise SettingsError(f"column '{target}' cannot be both the target and the groups")
    if target in drop or (groups is not None and groups in drop):
        raise SettingsError("the target and the groups cannot be left out")
    rows = _rows(path, limits, "train")
    special = [target] if groups is None else [target, groups]
    for name in (*special, *drop):
        if name not in rows.table.columns:
            raise DataError(f"{path}: {no_such(name, rows.table.columns)}")
    return Source(
        path,
        rows.table.drop(columns=[*special, *drop]),
        rows.table[target],
        None if groups is None else rows.table[groups],
        None,
        _digest(path),
        Sampled(len(rows.table), rows.of),
        tuple(drop),
    )


def _from_arrays(
    path: Path, target: str | None, groups: str | None, drop: Sequence[str], limits: Limits
) -> Source:
    train, test, others = read_arrays(path)
    if target not in (None, train.target.name):
        raise SettingsError(f"{path}: its target is '{train.target.name}', not '{target}'")
    if groups not in (None, "groups") or (groups and train.groups is None):
        raise SettingsError(f"{path}: the groups of an .npz are its array 'groups'")
    if drop:
        raise SettingsError(f"{path}: columns of an .npz cannot be left out; save it without them")
    digest = _digest(path)
    source = replace(_of_part(path, train, digest, limits, "train"), unread=others)
    if test is None:
        return source
    found = _of_part(path, test, digest, limits, "test")
    return replace(source, test=_checked(found, source, f"{path}: test rows"))


def _of_part(path: Path, part: Part, digest: str, limits: Limits, name: str) -> Source:
    of, columns = part.table.shape
    kept = chosen(of, limits.most(columns), stream("rows of a user's file", name))
    table, target, groups = part.table, part.target, part.groups
    if len(kept) < of:
        table, target = table.iloc[kept], target.iloc[kept]
        groups = None if groups is None else groups.iloc[kept]
    return Source(path, table, target, groups, part.shape, digest, Sampled(len(kept), of))


def _test_of(
    source: Source, path: Path, groups: str | None, drop: Sequence[str], limits: Limits
) -> Source:
    """The test rows of a file of their own, checked against the training rows."""
    if source.test is not None:
        raise SettingsError(f"{source.path}: has test rows of its own; give no test file")
    digest = _digest(path)
    if digest == source.sha256:
        raise DataError(f"{path}: holds the training rows themselves; test on others")
    where = str(path)
    if path.suffix.lower() == ".npz":
        part, inner, others = read_arrays(path)
        if inner is not None:
            raise DataError(f"{path}: is a test file, and has test rows of its own")
        found = replace(_of_part(path, part, digest, limits, "test"), unread=others)
    else:
        every = {str(source.target.name): source.target}
        every |= {} if source.groups is None else {str(source.groups.name): source.groups}
        every |= {name: source.table[name] for name in source.table.columns}
        texts = [name for name, values in every.items() if not is_number(values)]
        rows = _rows(path, limits, "test", texts)
        name = str(source.target.name)
        if name not in rows.table.columns:
            raise DataError(f"{path}: {no_such(name, rows.table.columns)}")
        grouped = groups is not None and groups in rows.table.columns
        special = [name, *([groups] if grouped else []), *(c for c in drop if c in rows.table)]
        found = Source(
            path,
            rows.table.drop(columns=special),
            rows.table[name],
            rows.table[groups] if grouped else None,
            None,
            digest,
            Sampled(len(rows.table), rows.of),
        )
    return _fitting(found, source, where)


def _fitting(found: Source, source: Source, where: str) -> Source:
    """Test rows with the training rows' columns in their order."""
    if found.shape != source.shape:
        raise DataError(f"{where}: its images are {found.shape}, those for training {source.shape}")
    lacking = [name for name in source.table.columns if name not in found.table.columns]
    if lacking:
        raise DataError(f"{where}: {no_such(lacking[0], found.table.columns)}")
    more = [name for name in found.table.columns if name not in source.table.columns]
    if more:
        raise DataError(f"{where}: has column '{more[0]}', which the training rows lack")
    found = replace(found, table=found.table[list(source.table.columns)])
    found = _checked(found, source, where)
    if found.groups is not None and source.groups is not None:
        both = found.groups[found.groups.isin(source.groups.unique())]
        if len(both):
            raise DataError(
                f"{where}: group {shown(both.iloc[0])} of column '{both.name}' (row "
                f"{both.index[0]}, {COUNTED}) is also in the training rows; a group stands on "
                "one side only"
            )
    return found


def _checked(found: Source, source: Source, where: str) -> Source:
    """Test rows whose values are of the kinds of the training rows'; one label is enough."""
    check_target(found.target, where, least=1)
    check_alike(found.target, source.target, f"{where}: target column '{source.target.name}'")
    for name in source.table.columns:
        check_alike(found.table[name], source.table[name], f"{where}: column '{name}'")
    shared = shared_rows(found.table, found.target, source.table, source.target)
    return replace(found, remark=_remark(found, source, shared), shared=shared)


def _remark(found: Source, source: Source, count: int) -> str:
    """What to say of test rows that are training rows as well; nothing if none is.

    Rows of few categories equal each other by nature, in the training rows too: such test rows are
    no mistake.
    """
    if not count:
        return ""
    of = len(found.target)
    among = copies(source.table, source.target)
    if among.twins >= count / of / 2 and not among.odd:
        return (
            f"{count:,} of {of:,} test rows also stand among the training rows, which often "
            "equal each other"
        )
    if count == of:
        raise DataError(f"{found.path}: all test rows are training rows too; test on others")
    return (
        f"{count:,} of {of:,} test rows also stand among the training rows, so that the score "
        "on them flatters"
    )
