"""From a user's file to a folder with the answer, the frontier, the page and the networks."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lowcap.small.candidates import candidates
from lowcap.small.export.c_parts import Exported
from lowcap.small.export.manifest import PAGE, check_folder, write_folder
from lowcap.small.export.quantised import Quantised
from lowcap.small.figure import ID, draw
from lowcap.small.folds import some_rows
from lowcap.small.frontier import as_exported, frontier
from lowcap.small.kept import ANSWER, Kept, kept_files
from lowcap.small.page import page
from lowcap.small.prepared import Prepared, plain, prepare
from lowcap.small.pruned import sparse_scores
from lowcap.small.record import Found, answer_fields
from lowcap.small.request import Request
from lowcap.small.scored import Scored, final_score
from lowcap.small.search.answer import answer
from lowcap.small.search.metrics import Metric, find_metric, of_label
from lowcap.small.search.references import references
from lowcap.small.search.search import Searched, search
from lowcap.small.settle import settle
from lowcap.small.table.cells import shown
from lowcap.small.table.columns import brief
from lowcap.small.table.shipped import SHIPPED
from lowcap.small.table.target import TargetColumn

CALIBRATION, VECTORS = 2000, 500
"""Rows that are kept to set the ranges of whole numbers by, and to test exported code with."""
_SEARCH_SHARE = 0.5
"""Of the time that may be taken."""

Watch = Callable[[str, int, int], None]
"""Called with what is done, how much of it is done, and how much there is."""


class Outcome(NamedTuple):
    """What a run found, as it was written."""

    out: Path
    answer: dict[str, Any]
    lines: tuple[str, ...]
    """What to say of it, the answer's sentence last."""


def conduct(
    request: Request,
    out: Path,
    *,
    say: Callable[[str], None] | None = None,
    watch: Watch | None = None,
    command: str = "",
    explorer: Callable[[Kept], str | None] | None = None,
) -> Outcome:
    """Find how small a network can be and write all of it; nothing is written if anything fails.

    Args:
        request: what is asked.
        out: a new folder, an empty one, or one that an earlier run wrote, which is replaced.
        say: called with a line at a time of what is done to the rows and columns.
        watch: see `Watch`.
        command: how the run was asked for, for the page.
        explorer: makes the page to play with of what the run keeps, or None where it cannot.

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
    metric = of_label(
        find_metric(request.metric, prepared.target.kind), prepared.target.classes, request.positive
    )
    more = _counted(metric, prepared.target)
    prepared = replace(prepared, notes=(*prepared.notes, *more))
    for line in (*prepared.notes, *brief(prepared.columns, prepared.words)):
        if say is not None:
            say(line)
    found = _found(request, prepared, metric, started, watch)
    seconds = time.monotonic() - started
    if late := _late(request, seconds):
        found = found._replace(notes=(*found.notes, late))
    report = answer_fields(request, found, seconds)
    kept = Kept(report, found.models, found.calibration, found.vectors, prepared.train.sha256)
    files: dict[str, str | bytes] = dict(
        kept_files(kept.candidates, kept.calibration, kept.vectors)
    )
    files[ANSWER] = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    for name, table in (
        ("frontier", found.table),
        ("scores", found.searched.table()),
        ("references", found.references),
    ):
        files[f"{name}.parquet"] = table.to_parquet(index=False)
    figure = draw(found.table, found.told, found.settled, found.references).printed()
    files |= {f"{ID}.svg": figure.svg, f"{ID}.png": figure.png}
    played = None if explorer is None else explorer(kept)
    if played is not None:
        files[PAGE] = played
    files["report.html"] = page(
        report, found.table, found.searched, figure, out, command,
        brief(prepared.columns, prepared.words), explorer=played is not None,
    )  # fmt: skip
    write_folder(out, files, kept.data)
    return Outcome(out, report, (*found.notes, report["test"]["sentence"], report["sentence"]))


def _counted(metric: Metric, target: TargetColumn) -> list[str]:
    """Which label a metric counts as positive, where it makes a difference."""
    if metric.name != "f1":
        return []
    one, other = target.classes[metric.positive], target.classes[1 - metric.positive]
    return [f"F1 is that of finding {shown(one)}; for {shown(other)} give --positive"]


def _late(request: Request, seconds: float) -> str:
    """A line on time that was exceeded; empty if it was not."""
    if seconds <= 60 * request.minutes:
        return ""
    return (
        f"took {seconds / 60:.1f} minutes, more than the {request.minutes:g} asked for: the first "
        "repeat and one network of each kind are always finished"
    )


def _found(
    request: Request, prepared: Prepared, metric: Metric, started: float, watch: Watch | None
) -> Found:
    def seen(what: str) -> Callable[[int, int], None] | None:
        return None if watch is None else partial(watch, what)

    searched = search(
        prepared.task,
        request.settings,
        metric=metric,
        standardise=prepared.standardise,
        minutes=_SEARCH_SHARE * request.minutes,
        progress=seen("searching"),
    )
    told = answer(searched, tolerance=request.tolerance, at_least=request.at_least)
    left = 60 * request.minutes - (time.monotonic() - started)
    scores, sizes, notes = sparse_scores(prepared, searched, told, left, seen("thinning out"))
    if watch is not None:
        watch("training on all rows", 0, 1)
    models = candidates(prepared, searched, sizes)
    rows = some_rows(np.arange(len(prepared.train.table)), CALIBRATION, "all")
    calibration = plain(prepared.columns, prepared.train.table.iloc[rows])
    exported = as_exported(models, calibration)
    table = frontier(scores, exported, searched)
    settled = settle(told, table, scores, searched, request.bits, request.budget)
    chosen = exported[settled.hidden, settled.sparsity, settled.bits]
    test_rows = plain(prepared.columns, prepared.test.table)
    vectors = test_rows.iloc[some_rows(np.arange(len(test_rows)), VECTORS, "vectors")]
    test = scored_on_test(prepared, searched, chosen, test_rows)
    others = references(prepared.task, searched.divisions[: searched.settings.folds],
                        searched.metric)  # fmt: skip
    notes = (*searched.notes, *notes)
    return Found(
        prepared, searched, told, table, settled, chosen, models, calibration, vectors, others,
        test, notes,
    )  # fmt: skip


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
