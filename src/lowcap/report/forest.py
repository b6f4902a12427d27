"""The figure of all verdicts with their intervals: one line a claim, one strip a condition.

Places are in inches from the top left corner. The wide form suits a page and a paper, the narrow
one a telephone.
"""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lowcap.report.distances import Distance, distance, reach
from lowcap.report.figure import Figure
from lowcap.report.layout import GAP, LETTER, MARGIN
from lowcap.report.links import claim_id, finding_id
from lowcap.report.overview import LOOKS, brief
from lowcap.report.page import interval, number
from lowcap.report.palette import (
    ACCENT,
    FAILED,
    FAILED_PALE,
    HELD,
    HELD_PALE,
    INK,
    LINES,
    NONE,
    PAPER,
    QUIET,
    UNDECIDED,
)
from lowcap.report.sheet import area, link, mark, sheet, write

ID = "forest"

READ = (
    "One line a claim. The dot is what was found and the bar its 95 % interval; the upright line "
    "is the bound that was fixed beforehand. Right of it the claim holds: a bar wholly on the "
    "green side holds, wholly on the red side fails, and one that crosses the line leaves the "
    "claim undecided. A diamond is the paper's own number. Every line has its own scale; an arrow "
    "says that a bar goes on. Each part leads to its finding, its claim or its figure."
)

INKS = {"holds": HELD, "fails": FAILED, "undecided": UNDECIDED}
"""What a verdict is written and drawn in; all others are grey."""

MOST = 3
"""Conditions side by side: with more there is no room for intervals."""

STRIPS = {1: 4.2, 2: 2.75, 3: 1.95}
"""Inches: how wide the strips are, by how many stand side by side."""

WIDE, NARROW = 11.0, 3.9
"""Inches, whatever is drawn: letters have one size on the page."""

LIMIT, LINE, SMALL = 1.02, 0.165, 0.135
"""Inches: the column of bounds, a line of a statement, a line of small letters."""


class Row(NamedTuple):
    """A claim with what was found under each condition."""

    claim: str
    statement: Sequence[str]
    paper: Sequence[str]
    """The paper's number in lines of small letters."""
    bound: str
    figure: str
    cells: Sequence[Mapping[str, Any]]
    reach: float

    @property
    def height(self) -> float:
        """In inches, of its words."""
        return LINE * len(self.statement) + SMALL * len(self.paper)


def forest_figure(
    claims: pd.DataFrame,
    title: str,
    note: str = "",
    replicates: Mapping[str, int] | None = None,
    figures: Mapping[str, str] | None = None,
    *,
    narrow: bool = False,
) -> Figure:
    """Effects and intervals of the primary readings against their bounds.

    Args:
        claims: the claims table.
        title: above the drawing.
        note: below it, in small letters.
        replicates: by condition, how many seeds stand under its name.
        figures: the titles of the page's figures by id; those that a claim names are linked.
        narrow: strips under the statement instead of beside it.
    """
    primary = claims[claims["primary"]]
    counts, shown = replicates or {}, figures or {}
    conditions = list(primary["condition"].unique())
    alone = len(conditions) > 1 and not primary["claim"].duplicated().any()
    columns = [""] if alone else conditions
    width = NARROW if narrow else WIDE
    strip = STRIPS[min(len(columns), MOST)]
    room = width - 2 * MARGIN if narrow else width - 3 * MARGIN - LIMIT - strip * len(columns)
    rows = list(rows_of(primary, room))
    lay = _narrow if narrow else _wide
    titles = wrap(title, int((width - 2 * MARGIN) / (13 * LETTER)))
    notes = wrap(note, int((width - 2 * MARGIN) / (7.5 * LETTER)))
    top = 0.12 + 0.2 * len(titles)
    heads = 0.1 if narrow else 0.5
    legend = 0.42 + 0.2 * narrow
    body = sum(_height(row, narrow) for row in rows)
    drawing, axes = sheet(width, top + legend + heads + body + 0.15 * len(notes) + 2 * MARGIN)
    for place, words in enumerate(titles):
        write(axes, MARGIN, 0.22 + 0.2 * place, words, INK, 12, weight="bold")
    _legend(axes, top + 0.12, narrow)
    y = top + legend
    if not narrow:
        _heads(axes, y, columns, counts, strip)
    y += heads
    links: dict[str, str] = {}
    for row in rows:
        mark(axes, (MARGIN, width - MARGIN), (y, y), color=LINES, linewidth=0.6, zorder=0)
        links |= lay(axes, y, row, columns, shown)
        y += _height(row, narrow)
    for place, words in enumerate(notes):
        write(axes, MARGIN, y + 0.18 + 0.15 * place, words, QUIET, 7.5)
    return Figure(ID, title, READ, drawing, links=links, on_page_only=narrow)


def rows_of(primary: pd.DataFrame, room: float) -> Iterator[Row]:
    """The claims in order, their statements in lines that fit into so many inches."""
    for claim, found in primary.groupby("claim", sort=False):
        cells: list[dict[str, Any]] = found.to_dict("records")  # type: ignore[assignment]
        first = cells[0]
        value = str(first["paper_value"])
        far = [one for one in map(distance, cells) if one is not None]
        yield Row(
            str(claim),
            wrap(first["statement"], int(room / (8.5 * LETTER))),
            wrap(f"Paper: {value}", int(room / (7.5 * LETTER))) if value else [],
            bound_words(cells),
            str(first["figure"]),
            cells,
            reach(far),
        )


def bound_words(cells: Sequence[Mapping[str, Any]]) -> str:
    """The bound of a claim in a few words; "by part" where its parts have several."""
    regions = {
        (cell["holds_from"], cell["holds_to"], cell["unit"])
        for cell in cells
        if np.isfinite(cell["effect"])
    }
    if len(regions) != 1:
        return "by part" if regions else ""
    ((start, end, unit),) = regions
    if np.isnan(start) or np.isnan(end):
        return ""
    if np.isinf(end):
        return f"above {number(start, unit)}"
    if np.isinf(start):
        return f"below {number(end, unit)}"
    low, high = number(start, unit), number(end, unit)
    return low if low == high else f"{low} to {high}"


def _height(row: Row, narrow: bool) -> float:
    if narrow:
        return row.height + 0.3 + 0.36 * len(row.cells) + 0.14
    return max(0.56, row.height + 0.16)


def _legend(axes: Axes, y: float, narrow: bool) -> None:
    """What marks mean, in one line; in two on a narrow drawing."""
    x = MARGIN
    marks = [("found, with its interval", "o"), ("the paper's number", "D"), ("bound", "|")]
    for words, marker in marks:
        if marker == "o":
            mark(axes, (x, x + 0.3), (y, y), color=QUIET, linewidth=1.8)
        face = PAPER if marker == "D" else QUIET
        size = 11 if marker == "|" else 5
        colour = INK if marker == "|" else QUIET
        mark(axes, x + 0.15, y, marker, color=colour, ms=size, mfc=face)
        write(axes, x + 0.38, y, words, INK, 8)
        x += 0.6 + len(words) * 8 * LETTER
        if narrow and marker == "D":
            x, y = MARGIN, y + 0.22
    for words, colour in (("does not hold", FAILED_PALE), ("holds", HELD_PALE)):
        area(axes, x, y - 0.08, 0.3, 0.16, colour)
        write(axes, x + 0.38, y, words, INK, 8)
        x += 0.6 + len(words) * 8 * LETTER


def _heads(axes: Axes, y: float, columns: Sequence[str], counts: Mapping[str, int],
           strip: float) -> None:  # fmt: skip
    """Names of conditions above their strips, each with its number of seeds."""
    write(axes, _left(columns, strip, 0) - LIMIT, y + 0.3, "holds if", QUIET, 7.5)
    for place, name in enumerate(columns):
        left = _left(columns, strip, place)
        lines = wrap(name, int(strip / (9 * LETTER)))
        write(axes, left, y + 0.12, "\n".join(lines), INK, 8.5, weight="bold")
        if name in counts:
            write(axes, left, y + 0.3, f"n = {counts[name]}", QUIET, 7.5)


def _left(columns: Sequence[str], strip: float, place: int) -> float:
    """Where a strip begins on the wide drawing."""
    return WIDE - MARGIN - strip * (len(columns) - place)


def _wide(axes: Axes, y: float, row: Row, columns: Sequence[str], shown: Mapping[str, str]
          ) -> dict[str, str]:  # fmt: skip
    """A claim's statement, bound and strips side by side; where its parts lead to."""
    strip = STRIPS[min(len(columns), MOST)]
    tall, edge = _height(row, False), _left(columns, strip, 0) - LIMIT
    links = _words(axes, MARGIN, y + (tall - row.height) / 2, edge - 2 * MARGIN, row)
    write(axes, edge, y + tall / 2 - 0.09, row.bound, INK, 7.5)
    links |= _to_figure(axes, edge, y + tall / 2 + 0.1, row, shown)
    for cell in row.cells:
        place = 0 if columns == [""] else columns.index(cell["condition"])
        left = _left(columns, strip, place)
        named = cell["condition"] if columns == [""] else ""
        links |= _cell(axes, left, y + (tall - 0.46) / 2, strip - 0.25, 0.46, cell, row, named)
    return links


def _narrow(axes: Axes, y: float, row: Row, columns: Sequence[str], shown: Mapping[str, str]
            ) -> dict[str, str]:  # fmt: skip
    """The same one below the other."""
    links = _words(axes, MARGIN, y + 0.07, NARROW - 2 * MARGIN, row)
    y += 0.07 + row.height + 0.13
    write(axes, MARGIN, y, f"holds if {row.bound}" if row.bound else "", QUIET, 7.5)
    links |= _to_figure(axes, NARROW - 0.6, y, row, shown)
    y += 0.12
    for cell in row.cells:
        left, wide = MARGIN, NARROW - 2 * MARGIN
        links |= _cell(axes, left, y, wide, 0.36, cell, row, cell["condition"])
        y += 0.36
    return links


def _words(axes: Axes, x: float, y: float, width: float, row: Row) -> dict[str, str]:
    """A statement over the paper's number, a link to the claim."""
    for place, words in enumerate(row.statement):
        write(axes, x, y + LINE * (place + 0.5), words, INK, 8.5)
    below = y + LINE * len(row.statement)
    for place, words in enumerate(row.paper):
        write(axes, x, below + SMALL * (place + 0.5), words, QUIET, 7.5)
    target = f"#{claim_id(row.claim)}"
    link(axes, x - GAP, y - GAP, width, row.height + 2 * GAP, target)
    return {target: " ".join(row.statement)}


def _to_figure(axes: Axes, x: float, y: float, row: Row, shown: Mapping[str, str]
               ) -> dict[str, str]:  # fmt: skip
    if row.figure not in shown:
        return {}
    target = f"#{row.figure}"
    write(axes, x, y, "figure", ACCENT, 7.5)
    link(axes, x - GAP, y - 0.09, 0.5, 0.18, target)
    return {target: f"Figure: {shown[row.figure]}"}


def _cell(axes: Axes, x: float, y: float, width: float, tall: float, cell: Mapping[str, Any],
          row: Row, named: str) -> dict[str, str]:  # fmt: skip
    """A verdict in words over its strip, a link to the finding."""
    verdict, effect = cell["verdict"], brief(cell["effect"], cell["unit"])
    ink = INKS.get(verdict, NONE)
    words = f"{LOOKS[verdict].mark} {verdict}" + (f" · {named}" if named else "")
    write(axes, x, y + 0.09, words, ink, 7.5, weight="bold")
    if effect != "–" and verdict != "not measurable this way":
        write(axes, x + width, y + 0.09, effect, INK, 7.5, ha="right")
    far = distance(cell)
    if far is not None:
        _strip(axes, x, y + tall - 0.12, width, far, row.reach, ink)
    target = f"#{finding_id(cell['claim'], cell['condition'])}"
    link(axes, x - GAP, y - GAP / 2, width + 2 * GAP, tall, target)
    said = "" if effect == "–" else f", {number(cell['effect'], cell['unit'])} {interval(cell)}"
    part = f" ({cell['part']})" if cell["part"] else ""
    return {target: f"{verdict}{said}{part}: {cell['condition']}: {' '.join(row.statement)}"}


def _strip(axes: Axes, x: float, y: float, width: float, far: Distance, scale: float,
           ink: str) -> None:  # fmt: skip
    """An effect, its interval, the bound in the middle, and the paper's number."""
    half, middle, high = width / 2, x + width / 2, 0.075

    def place(value: float) -> float:
        return middle + half * float(np.clip(value / scale, -1, 1))

    for left, colour in ((x, FAILED_PALE), (middle, HELD_PALE)):
        area(axes, left, y - high, half, 2 * high, colour).set_zorder(0)
    ends = y - high - 0.02, y + high + 0.02
    mark(axes, (middle, middle), ends, color=INK, lw=1.1, zorder=1)
    if not (np.isnan(far.low) or np.isnan(far.high)):
        mark(axes, (place(far.low), place(far.high)), (y, y), color=ink, lw=2, zorder=2)
        for end, marker in ((far.low, "<"), (far.high, ">")):
            if abs(end) > scale:
                mark(axes, place(end), y, marker, color=ink, ms=4, zorder=2)
    mark(axes, place(far.effect), y, "o", color=ink, ms=5, zorder=3)
    if np.isfinite(far.paper):
        mark(axes, place(far.paper), y, "D", mfc=PAPER, mec=INK, mew=1, ms=4.5, zorder=4)
