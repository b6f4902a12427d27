"""What networks score against what they cost."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lowcap.errors import SettingsError
from lowcap.plot.sheet import axes_on
from lowcap.report import styled
from lowcap.report.marks import level
from lowcap.report.palette import BLUE, INK, QUIET, RED
from lowcap.report.scales import decades

COSTS = {"flash_bytes": "bytes of flash, code apart", "parameters": "parameters"}
ANSWERS = ("answer",)


def frontier(found: Any, *, enough: float | None = None, ax: Axes | None = None) -> Axes:
    """Scores of networks of every size against what they cost, with their 95 % intervals.

    The line is the best score for so much or less; hidden sizes stand beside the dots; the answer
    is circled.

    Args:
        found: a search such as a fitted `SmallestNetworkCV`, the folder of a run of `lowcap small`,
            or a frontier table such as its `frontier.parquet`.
        enough: a score to mark as good enough.
        ax: where to draw.

    Raises:
        SettingsError: it is none of these.

    Example:
        >>> search = lowcap.SmallestNetworkCV().fit(x, y)
        >>> lowcap.plot.frontier(search)
    """
    table = _read(found) if isinstance(found, str | Path) else getattr(found, "frontier_", found)
    cost = next((name for name in COSTS if name in getattr(table, "columns", ())), None)
    if not isinstance(table, pd.DataFrame) or cost is None or "score" not in table:
        raise SettingsError(
            "give a fitted SmallestNetworkCV, or a table with columns score and "
            f"{' or '.join(COSTS)}"
        )
    table = table[table[cost] > 0].sort_values(cost)
    with styled():
        axes = axes_on(ax, (6.4, 4))
        best = table[table["score"] >= table["score"].cummax()]
        axes.plot(best[cost], best["score"], color=BLUE, lw=1.2, drawstyle="steps-post")
        if {"low", "high"} <= set(table):
            axes.vlines(table[cost], table["low"], table["high"], color=BLUE, lw=1, alpha=0.5)
        axes.plot(table[cost], table["score"], "o", ms=4, color=BLUE)
        for row in table.to_dict("records"):
            beside = (8, 5) if row.get("standing") in ANSWERS else (4, 4)  # out of the circle
            axes.annotate(
                str(row["hidden"]), (row[cost], row["score"]), beside, color=QUIET, fontsize=7.5,
                textcoords="offset points",
            )  # fmt: skip
        if "standing" in table:
            kept = table[table["standing"].isin(ANSWERS)]
            axes.plot(kept[cost], kept["score"], "o", ms=11, mfc="none", color=INK, mew=1.6)
        if enough is not None:
            level(axes, y=enough, colour=RED)
        decades(axes.xaxis)
        axes.set(xlabel=COSTS[cost], ylabel="score on held-out rows")
        count = len(np.unique(table["hidden"]))
        axes.set_title(f"Score and size: {len(table)} networks of {count} hidden sizes")
    return axes


def _read(folder: str | Path) -> pd.DataFrame:
    file = Path(folder) / "frontier.parquet"
    if not file.is_file():
        raise SettingsError(f"{folder}: no run of `lowcap small` here (it has no {file.name})")
    return pd.read_parquet(file)
