"""The figure that sums up all verdicts: intervals where there is room for them, marks elsewhere."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from lowcap.report.figure import Figure, Printed, styled
from lowcap.report.forest import MOST, forest_figure
from lowcap.report.overview import overview_figure

NOTE = (
    "n: seeds, or runs. Bars: 95 % intervals of the primary readings, each fixed before looking at "
    "the data. Where a claim has several parts, that which decides is shown."
)


def summed_up(
    claims: pd.DataFrame,
    title: str,
    replicates: Mapping[str, int],
    figures: Sequence[Printed],
    overview: Callable[[pd.DataFrame, Mapping[str, int]], Figure] | None = None,
) -> tuple[Printed | None, Printed | None]:
    """The figure of all verdicts, and its form for narrow screens where it has one.

    Args:
        claims: the claims table.
        title: the page's.
        replicates: by condition, how many seeds it has.
        figures: the page's others, which claims lead to.
        overview: a study's own grid of verdicts, for many conditions.
    """
    primary = claims[claims["primary"]]
    if primary.empty:
        return None, None
    with styled():
        if primary["condition"].nunique() > MOST:
            grid = overview or (lambda c, n: overview_figure(c, title, NOTE, replicates=n))
            return grid(claims, replicates).printed(), None
        titles = {figure.id: figure.title for figure in figures}
        wide, narrow = (
            forest_figure(claims, title, NOTE, replicates, titles, narrow=form)
            for form in (False, True)
        )
        return wide.printed(), narrow.printed(for_page=True)
