"""The page of a run: the sentence first, then the figure, the columns, the scores, the way on."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from lowcap.report import Printed
from lowcap.report.palette import DARK_PAGE, LIGHT_PAGE
from lowcap.small.export.manifest import PAGE
from lowcap.small.search.search import Searched
from lowcap.small.search.wording import number, units


def page(
    report: Mapping[str, Any],
    table: pd.DataFrame,
    searched: Searched,
    figure: Printed,
    out: Path,
    command: str,
    lines: Sequence[str],
    *,
    explorer: bool = False,
) -> str:
    """The page as one HTML document that needs no network.

    Args:
        report: the content of ``answer.json``.
        table: the frontier.
        searched: scores of the folds.
        figure: of the frontier.
        out: the run's folder, for commands.
        command: how the run was asked for.
        lines: what was done to the columns, those alike in one line.
        explorer: whether a page to play with stands beside it.
    """
    loader = jinja2.ChoiceLoader(
        [jinja2.PackageLoader("lowcap.small"), jinja2.PackageLoader("lowcap.report")]
    )
    env = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    env.filters["number"] = number
    env.filters["units"] = units
    own = table[table["bits"] == report["bits"]]
    badge = {"holds": "holds", "undecided": "undecided", "not reached": "fails"}
    return env.get_template("answer.html.j2").render(
        report=report,
        badge=badge[report["verdict"]],
        words=searched.metric.words,
        rows=own.to_dict("records"),
        folds=_folds(searched),
        repeats=searched.settings.repeats,
        figure=figure,
        out=out,
        command=command,
        lines=lines,
        explorer=PAGE if explorer else None,
        light=LIGHT_PAGE,
        dark=DARK_PAGE,
    )


def _folds(searched: Searched) -> list[dict[str, Any]]:
    """Each size's scores in all folds."""
    return [
        {"hidden": size, "scores": [float(score) for score in scores]}
        for size, scores in zip(searched.settings.sizes, searched.scores, strict=True)
    ]
