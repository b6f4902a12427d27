"""From a user's file to a folder with the answer, the frontier, the page and the networks."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lowcap.data import Kind
from lowcap.errors import SettingsError
from lowcap.runs import environment
from lowcap.small.candidates import candidates
from lowcap.small.export.c_parts import Exported
from lowcap.small.export.manifest import check_folder, write_folder
from lowcap.small.export.quantised import Quantised
from lowcap.small.figure import ID, draw
from lowcap.small.folds import fold_scores, some_rows
from lowcap.small.frontier import as_exported, cost, frontier
from lowcap.small.holdout import Scored, final_score
from lowcap.small.kept import ANSWER, kept_files
from lowcap.small.page import page
from lowcap.small.prepared import Prepared, plain, prepare
from lowcap.small.search.answer import Answer, answer
from lowcap.small.search.metrics import find_metric
from lowcap.small.search.references import references
from lowcap.small.search.search import Searched, search
from lowcap.small.search.settings import Settings
from lowcap.small.search.wording import number
from lowcap.small.settle import Settled, settle
from lowcap.small.table.columns import brief
from lowcap.small.table.reading import Source, read_source
from lowcap.small.table.shipped import SHIPPED, shipped_source
from lowcap.small.table.text import Limits

LIMITS = Limits(rows=20_000, cells=20_000_000)
"""Of the rows that are read; of more, a random sample is."""
CALIBRATION, VECTORS = 2000, 500
"""Rows that are kept to set the ranges of whole numbers by, and to test exported code with."""
_SEARCH_SHARE = 0.5
"""Of the time that may be taken."""

Watch = Callable[[str, int, int], None]
"""Called with what is done, how much of it is done, and how much there is."""


@dataclass(frozen=True)
class Request:
    """What a user asks."""

    data: str
    """A file, or the name of a table that ships with scikit-learn."""
    target: str | None = None
    groups: str | None = None
    drop: tuple[str, ...] = ()
    test: str | None = None
    kind: Kind | None = None
    metric: str | None = None
    tolerance: float | None = None
    at_least: float | None = None
    budget: Mapping[str, int] = field(default_factory=dict)
    bits: int = 8
    minutes: float = 5.0
    settings: Settings = field(default_factory=Settings)

    def read(self) -> Source:
        """The rows asked for.

        Raises:
            DataError: they cannot be learned from.
            SettingsError: the request contradicts itself.
        """
        if self.tolerance is not None and self.at_least is not None:
            raise SettingsError("give a tolerance or a level, not both")
        if self.tolerance is not None and not self.tolerance >= 0:
            raise SettingsError(f"tolerance {self.tolerance:g}: must not be negative")
        if not self.minutes > 0:
            raise SettingsError(f"minutes {self.minutes:g}: must be above 0")
        if self.data not in SHIPPED:
            return read_source(
                self.data, self.target, groups=self.groups, drop=self.drop, test=self.test,
                limits=LIMITS,
            )  # fmt: skip
        if (self.groups, self.drop, self.test) != (None, (), None):
            raise SettingsError(f"{self.data}: comes as it is; groups, drop and test need a file")
        if self.target not in (None, "target"):
            raise SettingsError(f"{self.data}: its target is 'target', not '{self.target}'")
        return shipped_source(self.data)


class Outcome(NamedTuple):
    """What a run found, as it was written."""

    out: Path
    answer: dict[str, Any]
    lines: tuple[str, ...]
    """What to say of it, the answer's sentence last."""


class Found(NamedTuple):
    """What a run found, before it is written."""

    prepared: Prepared
    searched: Searched
    told: Answer
    table: pd.DataFrame
    settled: Settled
    exported: Exported
    files: dict[str, bytes]
    """Candidates and rows for later."""
    references: pd.DataFrame
    test: Scored
    notes: tuple[str, ...]


def conduct(
    request: Request,
    out: Path,
    *,
    say: Callable[[str], None] | None = None,
    watch: Watch | None = None,
    command: str = "",
) -> Outcome:
    """Find how small a network can be and write all of it; nothing is written if anything fails.

    Args:
        request: what is asked.
        out: a new folder, an empty one, or one that an earlier run wrote, which is replaced.
        say: called with a line at a time of what is done to the rows and columns.
        watch: see `Watch`.
        command: how the run was asked for, for the page.

    Raises:
        DataError: the file cannot be read or learned from.
        SettingsError: a setting is impossible, or no network meets the budget.
        RunError: the folder cannot be written.
    """
    started = time.monotonic()
    source = request.read()
    check_folder(out)
    kind = request.kind or SHIPPED.get(request.data)
    prepared = prepare(source, kind=kind, folds=request.settings.folds)
    find_metric(request.metric, prepared.target.kind)
    for line in (*prepared.notes, *brief(prepared.columns, prepared.words)):
        if say is not None:
            say(line)
    found = _found(request, prepared, started, watch)
    report = _answer(request, found, time.monotonic() - started)
    files: dict[str, str | bytes] = dict(found.files)
    files[ANSWER] = json.dumps(_finite(report), indent=2, ensure_ascii=False) + "\n"
    for name, table in (
        ("frontier", found.table),
        ("scores", found.searched.table()),
        ("references", found.references),
    ):
        files[f"{name}.parquet"] = table.to_parquet(index=False)
    figure = draw(found.table, found.told, found.settled, found.references).printed()
    files |= {f"{ID}.svg": figure.svg, f"{ID}.png": figure.png}
    files["report.html"] = page(
        report, found.table, found.searched, figure, out, command,
        brief(prepared.columns, prepared.words),
    )  # fmt: skip
    write_folder(out, files, prepared.train.sha256)
    return Outcome(out, report, (*found.notes, report["test"]["sentence"], report["sentence"]))


def _found(request: Request, prepared: Prepared, started: float, watch: Watch | None) -> Found:
    def seen(what: str) -> Callable[[int, int], None] | None:
        return None if watch is None else partial(watch, what)

    searched = search(
        prepared.task,
        request.settings,
        metric=request.metric,
        standardise=prepared.standardise,
        minutes=_SEARCH_SHARE * request.minutes,
        progress=seen("searching"),
    )
    told = answer(searched, tolerance=request.tolerance, at_least=request.at_least)
    left = 60 * request.minutes - (time.monotonic() - started)
    scores, sizes, notes = _thinned(prepared, searched, told, left, seen("thinning out"))
    if watch is not None:
        watch("training on all rows", 0, 1)
    models = candidates(prepared, searched, sizes)
    rows = some_rows(np.arange(len(prepared.train.table)), CALIBRATION, "all")
    calibration = plain(prepared.columns, prepared.train.table.iloc[rows])
    exported = as_exported(models, calibration)
    table = frontier(scores, exported, searched)
    settled = settle(told, table, scores, searched, request.bits, request.budget)
    kept = exported[settled.hidden, settled.sparsity, settled.bits]
    test_rows = plain(prepared.columns, prepared.test.table)
    vectors = test_rows.iloc[some_rows(np.arange(len(test_rows)), VECTORS, "vectors")]
    test = scored_on_test(prepared, searched, kept, test_rows)
    others = references(prepared.task, searched.divisions[: searched.settings.folds],
                        searched.metric)  # fmt: skip
    files = kept_files(models, calibration, vectors)
    notes = (*searched.notes, *notes)
    return Found(prepared, searched, told, table, settled, kept, files, others, test, notes)


def _thinned(
    prepared: Prepared,
    searched: Searched,
    told: Answer,
    seconds: float,
    progress: Callable[[int, int], None] | None,
) -> tuple[pd.DataFrame, tuple[int, ...], tuple[str, ...]]:
    """Scores of thinned networks: all sizes in the first repeat, the answer's in all of them.

    Where time is short, fewer sizes; thinning all of them takes about as long as four repeats of
    the search.
    """
    sizes, folds = searched.settings.sizes, searched.settings.folds
    repeats = searched.settings.repeats
    kept = told.reference if told.hidden is None else told.hidden
    notes: tuple[str, ...] = ()
    started = time.monotonic()
    if 5 * searched.seconds / repeats > seconds:
        sizes = tuple(sorted({kept, told.reference}))
        notes = ("other sizes than the answer's and the largest were not thinned out: no time",)
    places = list(range(len(searched.divisions)))
    others = places[folds:] if told.hidden is not None else []
    total, done = folds + len(others), 0

    def one() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    found = [fold_scores(prepared, searched, places[:folds], sizes, progress=one)]
    for start in range(0, len(others), folds):
        if time.monotonic() - started > seconds:
            notes += (f"pruning was judged in {1 + start // folds} of {repeats} repeats: no time",)
            break
        some = others[start : start + folds]
        found.append(fold_scores(prepared, searched, some, [kept], progress=one))
    return pd.concat(found, ignore_index=True), sizes, notes


def scored_on_test(
    prepared: Prepared, searched: Searched, exported: Exported, rows: pd.DataFrame
) -> Scored:
    """The score of what is exported on the test rows."""
    if isinstance(exported, Quantised):
        logits = exported.logits(exported.coding.encode(rows))
    else:
        logits = exported.network.logits(exported.inputs(rows))
    y = prepared.target.encode(prepared.test.target)
    return final_score(searched.metric, np.asarray(logits, float), y, prepared.test.groups)


def _answer(request: Request, found: Found, seconds: float) -> dict[str, Any]:
    """The content of ``answer.json``."""
    told, settled, prepared = found.told, found.settled, found.prepared
    row = found.table[
        (found.table["hidden"] == settled.hidden)
        & (found.table["sparsity"] == settled.sparsity)
        & (found.table["bits"] == settled.bits)
    ].iloc[0]
    holds = settled.verdict == "holds"
    form = "in whole numbers" if settled.bits == 8 else "in floating point"
    test = found.test._asdict()
    test["sentence"] = (
        f"On {found.test.rows:,} test rows that nothing was chosen on, the network that is "
        f"exported, {form}, scores {number(found.test.score)} [{number(found.test.low)}, "
        f"{number(found.test.high)}]."
    )
    return {
        "sentence": settled.sentence,
        "verdict": settled.verdict,
        "hidden": settled.hidden if holds else None,
        "sparsity": settled.sparsity if holds else None,
        "bits": settled.bits,
        "score": settled.score,
        "low": settled.low,
        "high": settled.high,
        "reference": told.reference,
        "reference_score": told.reference_score,
        "constant_score": told.constant_score,
        "not_excluded": list(told.not_excluded),
        "tolerance": told.tolerance,
        "at_least": told.at_least,
        "metric": told.metric,
        "reason": told.reason,
        "parameters": int(row["parameters"]),
        **cost(found.exported)._asdict(),
        "kept": {"hidden": settled.hidden, "sparsity": settled.sparsity,
                 **{name: float(row[name]) for name in ("score", "low", "high")}},
        "test": test,
        "budget": dict(request.budget),
        "data": {
            "name": prepared.train.path.name,
            "sha256": prepared.train.sha256,
            "training_rows": len(prepared.task.y),
            "of": prepared.train.sampled.of,
            "columns": list(prepared.words),
            "rows": list(prepared.notes),
            "target": prepared.target.name,
            "kind": prepared.target.kind,
        },
        "settings": asdict(found.searched.settings),
        "notes": list(found.notes),
        "seconds": round(seconds, 1),
        "versions": environment()["versions"],
    }  # fmt: skip


def _finite(value: Any) -> Any:
    """The same without infinities, which JSON does not know."""
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
