"""From a run's finished cells to tables, verdicts, figures and page."""

import dataclasses
import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from lowcap import interrupt
from lowcap.claims import Tables, with_rates
from lowcap.errors import RunError
from lowcap.report import (
    EXPLORER,
    Page,
    Printed,
    Words,
    first_statements,
    headlines,
    printing,
    rates_sketches,
    summed_up,
    with_explorer,
)
from lowcap.runs import (
    Cell,
    Generation,
    LackingTableError,
    Store,
    StoredTables,
    default_workers,
    file_digest,
    phase,
    record_text,
)
from lowcap.runs.store import RECORD
from lowcap.shown import line
from lowcap.studies.drawing import drawing, make_ready
from lowcap.studies.rates import CALIBRATION, known_rates
from lowcap.studies.recorded import Recorded

if TYPE_CHECKING:
    from lowcap.studies.study import Study


PAGE = "report.html"


class Result(NamedTuple):
    """What a run gives to its caller."""

    out: Path
    tables: Mapping[str, pd.DataFrame]
    claims: pd.DataFrame
    failures: list[tuple[Cell, str]]

    def __repr__(self) -> str:
        failed = f"{len(self.failures)} cells failed" if self.failures else ""
        return line(
            "Result", f"of the main readings {_counted(self.claims)}", failed, str(self.out)
        )

    @property
    def report(self) -> Path:
        """The page."""
        return self.out / PAGE


def publish(
    study: "Study",
    store: Store,
    record: Mapping[str, Any],
    failures: list[tuple[Cell, str]],
    workers: int | None,
    collected: dict[int, Tables] | None = None,
) -> Result:
    """Write tables, verdicts, figures and page of what is finished; they change all at once.

    Raises:
        RunError: no cell is finished, or too little for a page.
    """
    workers = workers or default_workers()
    if workers > 1:
        make_ready(study.name)
    run = Recorded(study, store, record, collected)
    phase("collecting tables")
    known = known_rates(study.name, run.names, store.root)
    store.sync()
    with store.published.generation() as made:
        tables = run.written = store.collect_into(run.cells, made.tables)
        if not tables:
            reason = f" (the first failure: {failures[0][1]})" if failures else ""
            raise RunError(f"{store.root}: no finished cell to report on{reason}")
        try:
            claims = _write_page(run, made, known, workers)
        except LackingTableError as error:
            raise RunError(
                f"{store.root}: too little for a page, {error}; run the same command again"
            ) from error
        record = dict(record) | {"cells": len(run.cells)}
        made.write(RECORD, record_text(record))
        calibration = store.root / CALIBRATION
        if calibration.exists():
            made.inputs[CALIBRATION] = file_digest(calibration)
    store.forget_running()
    phase("")
    shown = StoredTables(store.published.folder / "tables", tables.names)
    return Result(store.root, shown, claims, failures)


def _write_page(run: Recorded, made: Generation, known: pd.DataFrame, workers: int) -> pd.DataFrame:
    """Verdicts, figures and page; returns the verdicts."""
    study, store, record = run.study, run.store, run.record
    names = record.get("claims", ())
    drawn = _judged_and_drawn(run, made, known, workers)
    claims, words, figures = drawn.claims, drawn.words, drawn.figures
    interrupt.check()
    phase("writing the page")
    for figure in [drawn.overview, *figures] if drawn.overview else figures:
        made.write(f"figures/{figure.id}.svg", figure.svg)
        made.write(f"figures/{figure.id}.png", figure.png)
    digests = {f"{one.name} sha256": one.sha256[:16] for one in run.data}
    page = Page(
        claims=claims,
        figures=figures,
        words=replace(words, facts={**words.facts, **_facts(run)}),
        command=command_line(study, run.settings, record.get("until_decided"), names),
        redraw=f"lowcap report {shlex.quote(str(store.root))}",
        calibrate=f"lowcap calibrate {study.name} --run {shlex.quote(str(store.root))}"
        + (" --looks" if run.sequential else ""),
        configuration=_spoken(dataclasses.asdict(run.looks[-1]) | digests),
        environment={"versions": record["versions"], "machine": record["machine"]},
        overview=drawn.overview,
        narrow=drawn.narrow,
        explorer=(store.root / EXPLORER).is_file(),
    )
    made.write(PAGE, page.html())
    return claims


class _Drawn(NamedTuple):
    """What a page is made of."""

    claims: pd.DataFrame
    words: Words
    figures: list[Printed]
    overview: Printed | None
    narrow: Printed | None


def _judged_and_drawn(run: Recorded, made: Generation, known: pd.DataFrame, workers: int) -> _Drawn:
    """Verdicts and words, while other processes draw; figures of verdicts are drawn last."""
    study, tables, names = run.study, run.last, run.record.get("claims", ())
    # Figures show a whole run; of a few claims their numbers are shown.
    sketches = [] if names else study.figures(tables)
    phase("judging claims")
    with drawing(workers) as executor, printing(sketches, executor) as finished:
        claims = with_rates(run.judge(), known, run.replicates())
        made.write("claims.parquet", claims.to_parquet(index=False))
        with printing(rates_sketches(claims), executor) as rated:
            if names:
                words = _brief(run, claims)
            else:
                words = study.describe(tables, claims, run.looks[-1], run.names)
            phase("drawing figures")
            figures, overview, narrow = finished(), None, None
            if not names:
                overview, narrow = summed_up(
                    claims, words.title, run.replicates(), figures, study.overview, executor
                )
            figures += rated()
    return _Drawn(claims, words, figures, overview, narrow)


def link_explorer(store: Store) -> None:
    """Let a page that was published before the one to play with lead to it; all else stays.

    Raises:
        RunError: another process is writing to the run; it will find the page itself.
    """
    shown = store.published.folder
    try:
        page = (shown / PAGE).read_text(encoding="utf-8")
        files, inputs = store.published.files(), store.published.inputs()
    except (OSError, RunError):  # nothing is published yet
        return
    linked = with_explorer(page)
    if linked == page:
        return
    with store.locked(), store.published.generation() as made:
        for name in files:
            if name != PAGE:
                _same(shown / name, made.folder / name)
        made.write(PAGE, linked)
        made.inputs.update(inputs)


def _same(old: Path, new: Path) -> None:
    """The file at another place too, which takes no room where the system has such links."""
    try:
        os.link(old, new)
    except OSError:
        shutil.copy2(old, new)


def _facts(run: Recorded) -> dict[str, str]:
    store = run.store
    held = [(cell, store.seconds(cell)) for cell in run.cells if store.holds(cell)]
    seconds = sum(seconds for _, seconds in held)
    facts = {"training and measuring": f"{seconds:,.0f} core-seconds", **run.study.facts(held)}
    if len(held) < len(run.cells):
        facts["cells finished"] = f"{len(held)} of {len(run.cells)}"
    if run.sequential:
        facts["looks at the data"] = str(len(run.looks))
    return facts


def _spoken(settings: Mapping[str, Any]) -> dict[str, str]:
    """Settings as the page shows them; those left to the protocol are not shown."""
    return {
        name.replace("_", " "): ", ".join(map(str, value))
        if isinstance(value, list | tuple)
        else str(value)
        for name, value in settings.items()
        if value is not None and value != ()
    }


def plain_words(
    tables: Tables, claims: pd.DataFrame, settings: Any, datasets: Sequence[str]
) -> Words:
    """A page's words for any study: how many of its main readings hold, and what it says itself."""
    documented = (type(settings).__doc__ or "").splitlines()
    return Words(
        title=f"{settings.study} on {', '.join(datasets)}",
        subtitle=documented[0] if documented else "",
        answer=f"Of the main readings {_counted(claims)}.",
        headlines=headlines(claims, first_statements(claims)),
        notes=[],
        conditions={str(name): "" for name in claims["condition"].unique()},
        facts={},
    )


def _counted(claims: pd.DataFrame) -> str:
    counts = claims[claims["primary"]]["verdict"].value_counts()
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) or "none was judged"


def _brief(run: Recorded, claims: pd.DataFrame) -> Words:
    """The words of a page about a few claims."""
    words = plain_words({}, claims, run.settings, run.names)
    return replace(
        words,
        title=f"{words.title}: {len(run.claims)} of its claims",
        subtitle="Only what these claims need was computed: "
        + ", ".join(claim.id for claim in run.claims)
        + ".",
        headlines=(),
        notes=["The same command without --claims adds all other claims, and the figures."],
    )


def command_line(
    study: "Study", settings: Any, until_decided: float | None = None, claims: Sequence[str] = ()
) -> str:
    """The command that gives these settings."""
    words = ["lowcap", "run", study.name]
    for entry in dataclasses.fields(settings):
        value = getattr(settings, entry.name)
        if value != entry.default or entry.name == "dataset":
            values = value if isinstance(value, tuple) else (value,)
            words += [f"--{entry.name.replace('_', '-')}", *map(str, values)]
    if claims:
        words += ["--claims", *claims]
    if until_decided is not None:
        words += ["--until-decided", f"{until_decided:g}"]
    return " ".join(words)
