"""The figure of all verdicts at a glance: claims by conditions, each cell a verdict and a number.

Places are in inches from the top left corner.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from textwrap import wrap
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from lowcap.report.figure import Figure
from lowcap.report.layout import (
    ASIDE,
    GAP,
    HEADING,
    LEAST_ROW,
    LETTER,
    LINE,
    MARGIN,
    NAME,
    WIDTH,
    Column,
    Group,
    Row,
    columns_of,
    groups_of,
)
from lowcap.report.links import claim_id, finding_id
from lowcap.report.page import VERDICTS, number
from lowcap.report.palette import (
    FAILED,
    HELD,
    INK,
    LINES,
    NONE,
    NONE_PALE,
    PAPER,
    QUIET,
    UNDECIDED,
    UNDECIDED_PALE,
)
from lowcap.report.sheet import area, mark, sheet, write

ID = "overview"

READ = (
    "Each cell is the verdict on one claim, in its primary reading, and its effect; where a claim "
    "has several parts, that of the part which decides most clearly, or is furthest from it. "
    "A cell leads to its finding, a row to its claim."
)


class Look(NamedTuple):
    """How a verdict is drawn."""

    mark: str
    area: str
    ink: str
    edge: str


LOOKS = {
    "holds": Look("✓", HELD, PAPER, HELD),
    "fails": Look("✗", FAILED, PAPER, FAILED),
    "undecided": Look("?", UNDECIDED_PALE, UNDECIDED, UNDECIDED_PALE),
    "not measurable this way": Look("∅", NONE_PALE, NONE, NONE_PALE),
    "not measured": Look("–", PAPER, NONE, LINES),
    "about other data": Look("≠", PAPER, NONE, LINES),
}
"""What is decided stands out; marks tell verdicts apart where colours do not."""


def overview_figure(
    claims: pd.DataFrame,
    title: str,
    note: str = "",
    caption: str = "",
    replicates: Mapping[str, int] | None = None,
) -> Figure:
    """Verdicts and effects of the primary readings, claims by conditions; each cell is a link.

    Args:
        claims: the claims table.
        title: above the drawing.
        note: below it, in small letters: what the numbers rest on.
        caption: for the page, in front of how the figure is read.
        replicates: by condition, how many seeds stand under its name.
    """
    primary = claims[claims["primary"]]
    counts = replicates or {}
    columns = columns_of(list(primary["condition"].unique()))
    groups = groups_of(primary, columns[0].left)
    notes = wrap(note, int((WIDTH - 2 * MARGIN) / (7.5 * LETTER)))
    heads = max(column.words.count("\n") + 1 for column in columns)
    top = 0.95 + NAME * heads + 0.3 * any(c.group for c in columns) + 0.17 * bool(counts)
    start = top - HEADING * bool(groups[0].heading)  # it stands beside the columns' names
    end = start + sum(group.height for group in groups)
    height = end + 0.25 * bool(notes) + 0.15 * len(notes) + MARGIN
    drawing, axes = sheet(WIDTH, height)
    write(axes, MARGIN, 0.27, title, INK, 12.5, weight="bold")
    legend(axes, 0.62, sorted(primary["verdict"].unique(), key=VERDICTS.index))
    _heads(axes, columns, counts, top, heads)
    links = _body(axes, start, groups, columns, primary)
    for place, words in enumerate(notes):
        write(axes, MARGIN, end + 0.3 + 0.15 * place, words, QUIET, 7.5)
    return Figure(ID, title, f"{caption} {READ}".strip(), drawing, links=links)


def legend(axes: Axes, y: float, verdicts: Iterable[str]) -> None:
    """How each verdict is drawn, in a line."""
    x = MARGIN
    for verdict in verdicts:
        look = LOOKS[verdict]
        area(axes, x, y - 0.1, 0.27, 0.2, look.area, look.edge)
        write(axes, x + 0.135, y, look.mark, look.ink, 9, ha="center")
        write(axes, x + 0.35, y, verdict, INK, 8.5)
        x += 0.35 + 0.3 + len(verdict) * 8.5 * LETTER


def _heads(axes: Axes, columns: Sequence[Column], counts: Mapping[str, int], foot: float,
           lines: int) -> None:  # fmt: skip
    """Data sets above their columns, and each column's name above its number of seeds."""
    above = foot - 0.13
    if counts:
        for column in columns:
            seeds = f"n = {counts[column.condition]}" if column.condition in counts else ""
            middle = column.left + column.width / 2
            write(axes, middle, above, seeds, QUIET, 7, ha="center")
        above -= 0.17
    for column in columns:
        middle = column.left + column.width / 2
        write(
            axes, middle, above - NAME * (lines - 1) / 2, column.words, INK, 7.5,
            ha="center", linespacing=1.1,
        )  # fmt: skip
    for group, members in groupby(columns, lambda column: column.group):
        if group:
            several = list(members)
            left, right = several[0].left + GAP / 2, several[-1].left + several[-1].width - GAP / 2
            y = above - NAME * (lines - 1) - 0.14
            mark(axes, (left, right), (y, y), color=QUIET, linewidth=0.8)
            write(
                axes, (left + right) / 2, y - 0.06, group, INK, 9,
                ha="center", va="bottom", weight="bold",
            )  # fmt: skip


def _body(axes: Axes, y: float, groups: Sequence[Group], columns: Sequence[Column],
          primary: pd.DataFrame) -> dict[str, str]:  # fmt: skip
    """All rows from `y` on; what parts of them lead to, each with its name."""
    links: dict[str, str] = {}
    known: list[dict[str, Any]] = primary.to_dict("records")  # type: ignore[assignment]
    cells = {(found["claim"], found["condition"]): found for found in known}
    for group in groups:
        if group.heading:
            write(axes, MARGIN, y + 0.2, group.heading, QUIET, 8, weight="bold")
            y += HEADING
        for row in group.rows:
            _row(axes, y, columns[0].left - ASIDE, row, links)
            for column in columns:
                found = cells.get((row.claim, column.condition))
                if found is not None:
                    cell(axes, y, row.height, column, found, links)
            y += row.height
    return links


def _row(axes: Axes, y: float, edge: float, row: Row, links: dict[str, str]) -> None:
    """A claim's statement, a link to it, under a thin line."""
    target = f"#{claim_id(row.claim)}"
    links[target] = f"{row.statement} ({row.claim})"
    mark(axes, (MARGIN, WIDTH - MARGIN), (y, y), color=LINES, linewidth=0.6, zorder=0)
    cell = area(axes, MARGIN, y + GAP / 2, edge - MARGIN, row.height - GAP, PAPER, PAPER)
    cell.set_url(target)
    first = y + row.height / 2 - LINE * (len(row.lines) - 1) / 2
    for place, words in enumerate(row.lines):
        write(axes, MARGIN, first + LINE * place, words, INK, 8.5)


def brief(value: float, unit: str) -> str:
    """An effect in few digits: what is less than half a thousandth is about nothing."""
    if unit == "%" or not abs(value) < 1:
        return number(value, unit)
    return number(float(f"{value:.2g}") if abs(value) >= 5e-4 else 0.0, unit)


def cell(axes: Axes, y: float, tall: float, column: Column, found: Mapping[str, Any],
          links: dict[str, str]) -> None:  # fmt: skip
    """A verdict's area with its mark and effect, a link to the finding."""
    look = LOOKS[found["verdict"]]
    effect = brief(found["effect"], found["unit"])
    target = f"#{finding_id(found['claim'], column.condition)}"
    part = f" ({found['part']})" if found["part"] else ""
    said = "" if effect == "–" else f", {effect}{part}"
    links[target] = f"{found['verdict']}{said}: {column.condition}: {found['statement']}"
    shape = area(
        axes, column.left + GAP / 2, y + GAP / 2, column.width - GAP, tall - GAP,
        look.area, look.edge,
    )  # fmt: skip
    shape.set_url(target)
    middle, height = column.left + column.width / 2, y + tall / 2
    if effect == "–":
        write(axes, middle, height, look.mark, look.ink, 10, ha="center")
        return
    across = column.width > 1.0 or tall < LEAST_ROW  # mark and effect side by side
    write(
        axes, middle - 0.3 * across, height - 0.085 * (not across), look.mark, look.ink, 10,
        ha="center", weight="bold",
    )  # fmt: skip
    words = "\n".join(wrap(effect, 10)) if len(effect) > 10 else effect
    room = (column.width - GAP - 0.35 * across) / (1.2 * LETTER * max(map(len, words.split("\n"))))
    size = min(room, 6 if "\n" in words else 7.5 + across)
    write(
        axes, middle + 0.12 * across, height + 0.085 * (not across), words, look.ink, size,
        ha="center", linespacing=1,
    )  # fmt: skip
