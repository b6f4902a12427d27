"""The figure that sums up all verdicts: intervals where there is room for them, marks elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor

import pandas as pd

from lowcap.report.figure import Figure, Printed, styled
from lowcap.report.forest import MOST, forest_figure
from lowcap.report.overview import overview_figure
from lowcap.report.overview_narrow import narrow_overview
from lowcap.report.page import about_others, judged_here
from lowcap.report.sketch import Sketch, printing

Draw = Callable[[pd.DataFrame, str, str, str, Mapping[str, int]], Figure]
"""`overview_figure`, or its form for narrow screens."""

Overview = Callable[[pd.DataFrame, Mapping[str, int], Draw], Figure]
"""A study's grid of verdicts: claims and replicates by condition, drawn with the study's words."""

NOTE = (
    "n: seeds, samples or runs. Bars: 95 % intervals of the primary readings, each fixed before "
    "looking at the data. Where a claim has several parts, that which decides most clearly, or is "
    "furthest from it, is shown."
)


def summed_up(
    claims: pd.DataFrame,
    title: str,
    replicates: Mapping[str, int],
    figures: Sequence[Printed],
    overview: Overview | None = None,
    executor: Executor | None = None,
) -> tuple[Printed | None, Printed | None]:
    """The figure of all verdicts, and its form for narrow screens where it has one.

    Args:
        claims: the claims table.
        title: the page's.
        replicates: by condition, how many seeds it has.
        figures: the page's others, which claims lead to.
        overview: a study's own grid of verdicts, for many conditions.
        executor: where to draw; without one, here.
    """

    def plain(claims: pd.DataFrame, counts: Mapping[str, int], draw: Draw) -> Figure:
        return draw(claims, title, note, "", counts)

    note = note_of(claims)
    claims = judged_here(claims)
    primary = claims[claims["primary"]]
    if primary.empty:
        return None, None
    if primary["condition"].nunique() > MOST:
        with styled():
            wide, narrow = (
                (overview or plain)(claims, replicates, draw).printed()
                for draw in (overview_figure, narrow_overview)
            )
        return wide, narrow
    tables = {
        "claims": primary,
        "replicates": pd.DataFrame({"name": list(replicates), "count": list(replicates.values())}),
        "figures": pd.DataFrame(
            {"id": [one.id for one in figures], "title": [one.title for one in figures]}
        ),
    }
    sketches = [Sketch(_forest, tables, (title, note, form)) for form in ("wide", "narrow")]
    with printing(sketches, executor) as finished:
        wide, narrow = finished()
    return wide, narrow


def note_of(claims: pd.DataFrame) -> str:
    """What stands below the drawing; claims that speak of other data are counted there."""
    return " ".join([NOTE, *(f"Not drawn: {others}." for others in about_others(claims))])


def _forest(tables: Mapping[str, pd.DataFrame], title: str, note: str, form: str) -> Figure:
    counts, figures = tables["replicates"], tables["figures"]
    return forest_figure(
        tables["claims"],
        title,
        note,
        {str(name): int(n) for name, n in zip(counts["name"], counts["count"], strict=True)},
        dict(zip(figures["id"], figures["title"], strict=True)),
        narrow=form == "narrow",
    )
