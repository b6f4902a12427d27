"""The figure that sums up all verdicts: intervals where there is room for them, marks elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor

import pandas as pd

from lowcap.report.figure import Figure, Printed, styled
from lowcap.report.forest import MOST, forest_figure
from lowcap.report.overview import overview_figure
from lowcap.report.sketch import Sketch, printing

NOTE = (
    "n: seeds, samples or runs. Bars: 95 % intervals of the primary readings, each fixed before "
    "looking at the data. Where a claim has several parts, that which decides is shown."
)


def summed_up(
    claims: pd.DataFrame,
    title: str,
    replicates: Mapping[str, int],
    figures: Sequence[Printed],
    overview: Callable[[pd.DataFrame, Mapping[str, int]], Figure] | None = None,
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
    primary = claims[claims["primary"]]
    if primary.empty:
        return None, None
    if primary["condition"].nunique() > MOST:
        grid = overview or (lambda c, n: overview_figure(c, title, NOTE, replicates=n))
        with styled():
            return grid(claims, replicates).printed(), None
    tables = {
        "claims": primary,
        "replicates": pd.DataFrame({"name": list(replicates), "count": list(replicates.values())}),
        "figures": pd.DataFrame(
            {"id": [one.id for one in figures], "title": [one.title for one in figures]}
        ),
    }
    sketches = [Sketch(_forest, tables, (title, form)) for form in ("wide", "narrow")]
    with printing(sketches, executor) as finished:
        wide, narrow = finished()
    return wide, narrow


def _forest(tables: Mapping[str, pd.DataFrame], title: str, form: str) -> Figure:
    counts, figures = tables["replicates"], tables["figures"]
    return forest_figure(
        tables["claims"],
        title,
        NOTE,
        {str(name): int(n) for name, n in zip(counts["name"], counts["count"], strict=True)},
        dict(zip(figures["id"], figures["title"], strict=True)),
        narrow=form == "narrow",
    )
