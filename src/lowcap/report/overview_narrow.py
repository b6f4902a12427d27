"""The figure of all verdicts at a glance for a telephone: cells under each claim.

Places are in inches from the top left corner.
"""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from lowcap.report.figure import Figure
from lowcap.report.layout import (
    ASIDE,
    HEADING,
    LETTER,
    LINE,
    MARGIN,
    Column,
    Group,
    Row,
    groups_of,
    split_condition,
)
from lowcap.report.links import claim_id
from lowcap.report.overview import ID, READ, cell, legend
from lowcap.report.page import VERDICTS
from lowcap.report.palette import INK, LINES, PAPER, QUIET
from lowcap.report.sheet import area, mark, sheet, write

WIDTH = 3.9
"""Inches, whatever is drawn: letters have one size on the page."""

NAMES, TALL, HEADS, AFTER = 0.95, 0.28, 0.2, 0.12
"""Inches: the column of names beside cells, a line of cells, their heads, below a claim."""


class Line(NamedTuple):
    """Cells that stand side by side, such as those of one data set."""

    name: str
    columns: Sequence[Column]


def narrow_overview(
    claims: pd.DataFrame,
    title: str,
    note: str = "",
    caption: str = "",
    replicates: Mapping[str, int] | None = None,
) -> Figure:
    """Verdicts and effects of the primary readings; see `lowcap.report.overview_figure`."""
    primary = claims[claims["primary"]]
    lines = lines_of(list(primary["condition"].unique()))
    heads = any(one.name for line in lines for one in line.columns)
    groups = groups_of(primary, WIDTH - MARGIN + ASIDE)
    body = _height(groups, lines, heads)
    titles = wrap(title, int((WIDTH - 2 * MARGIN) / (12.5 * LETTER)))
    notes = wrap(_seeds(replicates or {}) + note, int((WIDTH - 2 * MARGIN) / (7.5 * LETTER)))
    verdicts = sorted(primary["verdict"].unique(), key=VERDICTS.index)
    top = 0.15 + 0.2 * len(titles)
    start = top + 0.3 * -(-len(verdicts) // 2)
    end = start + body
    drawing, axes = sheet(WIDTH, end + 0.15 * len(notes) + 0.3)
    for place, words in enumerate(titles):
        write(axes, MARGIN, 0.2 + 0.2 * place, words, INK, 12, weight="bold")
    for place in range(0, len(verdicts), 2):
        legend(axes, top + 0.15 + 0.15 * place, verdicts[place : place + 2])
    links = _body(axes, start, groups, lines, primary)
    for place, words in enumerate(notes):
        write(axes, MARGIN, end + 0.15 + 0.15 * place, words, QUIET, 7.5)
    words = f"{caption} {READ}".strip()
    return Figure(ID, title, words, drawing, links=links, on_page_only=True)


def _seeds(replicates: Mapping[str, int]) -> str:
    """How many seeds stand behind the conditions, in a sentence: from the fewest to the most."""
    if not replicates:
        return ""
    least, most = min(replicates.values()), max(replicates.values())
    return f"n = {least}. " if least == most else f"n = {least} to {most}. "


def _body(
    axes: Axes, y: float, groups: Sequence[Group], lines: Sequence[Line], primary: pd.DataFrame
) -> dict[str, str]:
    """All claims from `y` on; what parts of them lead to, each with its name."""
    links: dict[str, str] = {}
    known: list[dict[str, Any]] = primary.to_dict("records")  # type: ignore[assignment]
    cells = {(one["claim"], one["condition"]): one for one in known}
    heads = any(one.name for line in lines for one in line.columns)
    longest = max((line.columns for line in lines), key=len)
    for group in groups:
        if group.heading:
            write(axes, MARGIN, y + 0.2, group.heading, QUIET, 8, weight="bold")
            y += HEADING
        for row in group.rows:
            y = _statement(axes, y, row, links)
            if heads:
                for column in longest:
                    middle = column.left + column.width / 2
                    write(axes, middle, y + HEADS / 2, column.name, QUIET, 7, ha="center")
                y += HEADS
            for line in lines:
                write(axes, MARGIN, y + TALL / 2, line.name, QUIET, 7.5)
                for column in line.columns:
                    found = cells.get((row.claim, column.condition))
                    if found is not None:
                        cell(axes, y, TALL, column, found, links)
                y += TALL
            y += AFTER
    return links


def lines_of(conditions: Sequence[str]) -> list[Line]:
    """A line for each data set with what is compared on it; one for each condition otherwise."""
    split = [split_condition(condition) for condition in conditions]
    names = list(dict.fromkeys(name for group, name in split)) if all(g for g, _ in split) else [""]
    width = (WIDTH - MARGIN - NAMES) / len(names)
    found: dict[str, list[Column]] = {}
    for condition, (group, name) in zip(conditions, split, strict=True):
        line, head = (group, name) if names != [""] else (condition, "")
        left = NAMES + width * names.index(head)
        found.setdefault(line, []).append(Column(condition, group, head, left, width))
    return [Line(name, columns) for name, columns in found.items()]


def _height(groups: Sequence[Group], lines: Sequence[Line], heads: bool) -> float:
    """Of all claims with their cells, in inches."""
    each = 0.1 + HEADS * heads + TALL * len(lines) + AFTER
    headings = sum(HEADING * bool(group.heading) for group in groups)
    return headings + sum(LINE * len(row.lines) + each for group in groups for row in group.rows)


def _statement(axes: Axes, y: float, row: Row, links: dict[str, str]) -> float:
    """A claim's statement, a link to it, under a thin line; where it ends."""
    target = f"#{claim_id(row.claim)}"
    links[target] = f"{row.statement} ({row.claim})"
    mark(axes, (MARGIN, WIDTH - MARGIN), (y, y), color=LINES, linewidth=0.6, zorder=0)
    end = y + LINE * len(row.lines) + 0.1
    area(axes, MARGIN, y + 0.02, WIDTH - 2 * MARGIN, end - y - 0.02, PAPER, PAPER).set_url(target)
    for place, words in enumerate(row.lines):
        write(axes, MARGIN, y + 0.14 + LINE * place, words, INK, 8.5)
    return end
