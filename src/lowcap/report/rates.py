"""The figure of how often judges err: dots with Wilson intervals, and what they may err."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lowcap.claims import LEVEL, misses, wilson
from lowcap.report.figure import Figure
from lowcap.report.grid import entry, framed, panels
from lowcap.report.palette import BLUE, INK, QUIET, RED
from lowcap.report.sketch import Sketch

ID = "calibration"
HOLDS, FAILS = BLUE, RED
_ROW = 0.19
"""Inches of height for each reading."""


def rates_sketches(claims: pd.DataFrame) -> list[Sketch]:
    """The figure of the rates in a claims table, to be drawn; none where no rate is known."""
    known = claims["simulations"].notna().any()
    return [Sketch(_of_tables, {"claims": claims})] if known else []


def _of_tables(tables: Mapping[str, pd.DataFrame]) -> Figure:
    return draw_rates(tables["claims"])


def draw_rates(claims: pd.DataFrame) -> Figure:
    """Rates of false verdicts, one row a reading, one panel a condition, primary readings first.

    Args:
        claims: the claims table; its rows with `simulations` are shown.
    """
    known = claims[claims["simulations"].notna()]
    conditions = list(dict.fromkeys(known["condition"]))
    rows = _rows(known)
    shares = known[["false_holds", "false_fails"]].to_numpy(float)
    limits = {one: wilson(*one) for one in set(_counted(known))}
    highest = max((high for _, high in limits.values()), default=LEVEL)
    size = (3.2 + 2.3 * len(conditions), 1.5 + _ROW * len(rows))
    below = "false verdicts, % of simulated runs"
    drawing, grid = panels(1, conditions, size, below=below, sharey=True, sharex=True)
    for axes, condition in zip(grid[0], conditions, strict=True):
        axes.axvline(100 * LEVEL, color=INK, linewidth=0.9)
        of_condition = known[known["condition"] == condition]
        for side, colour, step in (("false_holds", HOLDS, -0.17), ("false_fails", FAILS, 0.17)):
            found = of_condition[np.isfinite(of_condition[side].to_numpy(float))]
            names = zip(found["claim"], found["reading"], strict=True)
            places = np.array([rows.index(name) + step for name in names])
            counted = zip(found[side], found["simulations"], strict=True)
            bars = np.reshape([limits[one] for one in counted], (-1, 2))
            axes.hlines(places, *(100 * bars.T), color=colour, linewidth=1, alpha=0.7)
            leads = found["primary"].to_numpy(bool)
            _dots(axes, 100 * found[side].to_numpy(float), places, leads, colour)
        axes.set_xlim(0, 100 * max(1.08 * highest, 2 * LEVEL))
        axes.grid(axis="y", visible=False)
    _name_rows(grid[0][0], rows, known)
    entries = [
        entry("“holds” wrongly", HOLDS, "", "o", ms=4),
        entry("“fails” wrongly", FAILS, "", "o", ms=4),
        entry(f"{100 * LEVEL:g} %", INK, lw=0.9),
    ]
    framed(drawing, entries=entries, above=True)
    return Figure(ID, "How often the judges err", _caption(known, shares), drawing)


def _rows(known: pd.DataFrame) -> list[tuple[str, str]]:
    """Claims and readings from top to bottom, those that lead somewhere first."""
    leads = known.groupby(["claim", "reading"], sort=False)["primary"].any()
    return [*leads.index[leads.to_numpy()], *leads.index[~leads.to_numpy()]]


def _counted(known: pd.DataFrame) -> list[tuple[float, float]]:
    return [
        (row[side], row["simulations"])
        for row in known.to_dict("records")
        for side in ("false_holds", "false_fails")
        if np.isfinite(row[side])
    ]


def _dots(axes, shares: np.ndarray, places: np.ndarray, leads: np.ndarray, colour: str) -> None:
    """Rates in per cent, filled where their reading is a claim's primary one."""
    for kept, face in ((leads, colour), (~leads, "none")):
        if kept.any():  # an empty line that nothing clips has no place in the layout
            axes.plot(
                shares[kept], places[kept], "o", color=colour, markerfacecolor=face, markersize=3.6,
                clip_on=False,
            )  # fmt: skip


def _name_rows(axes, rows: list[tuple[str, str]], known: pd.DataFrame) -> None:
    claims = [claim for claim, _ in rows]
    names = [f"{c}: {r}" if claims.count(c) > 1 and r else c for c, r in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    primary = set(zip(*known.loc[known["primary"], ["claim", "reading"]].to_numpy().T, strict=True))
    for label, row in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_color(INK if row in primary else QUIET)


def _caption(known: pd.DataFrame, shares: np.ndarray) -> str:
    missing = sum(misses(share, trials) for share, trials in _counted(known))
    runs = sorted({int(n) for n in known["simulations"]})
    each = f"{runs[0]:,}" if len(runs) == 1 else f"{runs[0]:,} to {runs[-1]:,}"
    verdict = (
        "None errs more often than that beyond what chance in the simulation explains"
        if not missing
        else f"{missing} of {np.isfinite(shares).sum()} rates lie above it beyond what chance in "
        "one simulation explains"
    )
    looks = " in up to four looks" if (known["looks"] > 1).any() else ""
    return (
        f"How often each judge says “holds” where the claim is not true, and “fails” where it is "
        f"not false, in {each} simulated runs a world{looks}, with this run's spread and number of "
        "seeds; the worst world is shown, as a rule one whose truth lies exactly at the bound. "
        "Bars: 95 % Wilson intervals. The line: 2.5 %, which a judge may err by on either side. "
        f"Filled: primary readings. {verdict}."
    )
