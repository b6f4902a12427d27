"""The figure of all verdicts at a glance: claims by conditions, each cell a verdict and a number.

Places are in inches from the top left corner, so that a cell has the same size whatever is drawn.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from textwrap import wrap
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Rectangle

from lowcap.report.figure import Figure
from lowcap.report.links import claim_id, finding_id
from lowcap.report.page import VERDICTS, number
from lowcap.report.palette import (
    FAILED,
    FAILED_PALE,
    HELD,
    HELD_PALE,
    INK,
    LINES,
    NONE,
    NONE_PALE,
    PAPER,
    QUIET,
    UNDECIDED,
    UNDECIDED_PALE,
)

ID = "overview"

WIDTH = 11.0
"""Inches, whatever the number of columns: letters have one size on the page."""

MARGIN, GAP, LETTER = 0.12, 0.05, 0.0078
"""Around all; between cells; the width of a letter for each point of its size, as a rule."""

WIDEST_CELL, CELLS = 1.35, 7.3
"""Inches: a cell at most, all cells of a row at most."""

LINE, NAME, LEAST_ROW, HEADING, GROUP_GAP = 0.165, 0.125, 0.46, 0.3, 0.12
"""Inches: a line of a statement and of a column's name, a row at least, a heading between rows,
between data sets."""


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
}
"""What is decided stands out; marks tell verdicts apart where colours do not."""


class Column(NamedTuple):
    """A condition and where it stands."""

    condition: str
    group: str
    name: str
    left: float
    width: float


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
    columns = _columns(list(primary["condition"].unique()))
    groups = _groups(primary)
    edge = columns[0].left - 0.15
    letters = int((edge - MARGIN) / (8.5 * LETTER))
    lines = {claim: wrap(words, letters) for _, rows in groups for claim, words in rows}
    notes = wrap(note, int((WIDTH - 2 * MARGIN) / (7.5 * LETTER)))
    heads = max(_name_of(column).count("\n") + 1 for column in columns)
    top = 0.95 + NAME * heads + 0.3 * any(c.group for c in columns) + 0.17 * bool(counts)
    y = top - HEADING * bool(groups[0][0])  # the first heading stands beside the columns' names
    height = (
        y
        + sum(HEADING for section, _ in groups if section)
        + sum(_height(found) for found in lines.values())
        + 0.25 * bool(notes) + 0.15 * len(notes) + MARGIN
    )  # fmt: skip
    axes = _sheet(height)
    links: dict[str, str] = {}
    _write(axes, MARGIN, 0.27, title, INK, 12.5, weight="bold")
    _legend(axes, 0.62, sorted(primary["verdict"].unique(), key=VERDICTS.index))
    _heads(axes, columns, counts, top, heads)
    cells = {(row["claim"], row["condition"]): row for row in primary.to_dict("records")}
    for section, rows in groups:
        if section:
            _write(axes, MARGIN, y + 0.2, section, QUIET, 8, weight="bold")
            y += HEADING
        for claim, statement in rows:
            tall = _height(lines[claim])
            _row(axes, y, tall, edge, claim, statement, lines[claim], links)
            for column in columns:
                row = cells.get((claim, column.condition))
                if row is not None:
                    _cell(axes, y, tall, column, row, links)
            y += tall
    for place, words in enumerate(notes):
        _write(axes, MARGIN, y + 0.3 + 0.15 * place, words, QUIET, 7.5)
    read = (
        "Each cell is the verdict on one claim, in its primary reading, and its effect; where a "
        "claim has several parts, that of the part which decides. A cell leads to its finding, a "
        "row to its claim."
    )
    text = f"{caption} {read}".strip()
    return Figure(ID, title, text, axes.get_figure(root=True), links=links)


def _columns(conditions: Sequence[str]) -> list[Column]:
    """Conditions side by side, those of one data set without a gap between them."""
    split = [_parts(condition) for condition in conditions]
    gaps = sum(1 for one, other in zip(split, split[1:], strict=False) if one[0] != other[0])
    width = min(WIDEST_CELL, (CELLS - gaps * GROUP_GAP) / len(conditions))
    left = WIDTH - MARGIN - width * len(conditions) - gaps * GROUP_GAP
    found: list[Column] = []
    for condition, (group, name) in zip(conditions, split, strict=True):
        if found and group != found[-1].group:
            left += GROUP_GAP
        found.append(Column(condition, group, name, left, width))
        left += width
    return found


def _parts(condition: str) -> tuple[str, str]:
    """The data set and the rest of "mnist, conv 5x5"; no data set where there is no comma."""
    group, _, name = condition.rpartition(", ")
    return group, name


def _groups(primary: pd.DataFrame) -> list[tuple[str, list[tuple[str, str]]]]:
    """Claims with their statements by section; under no heading if sections are no groups."""
    once = primary.drop_duplicates("claim")
    sections = once["section"].unique()
    if not 1 < len(sections) <= len(once) / 2:
        return [("", _named(once))]
    return [(_heading(s), _named(once[once["section"] == s])) for s in sections]


def _named(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["claim"], rows["statement"], strict=True))


def _heading(section: str) -> str:
    return f"Section {section}" if section[:1].isdigit() else section[:1].upper() + section[1:]


def _height(lines: Sequence[str]) -> float:
    return max(LEAST_ROW, LINE * len(lines) + 0.14)


def _sheet(height: float) -> Axes:
    """Axes as large as the drawing, in inches from its top left corner."""
    drawing = Drawing(figsize=(WIDTH, height))
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    return axes


def _write(axes: Axes, x: float, y: float, words: str, colour: str, size: float, **look) -> None:
    axes.text(x, y, words, color=colour, fontsize=size, **({"va": "center"} | look))


def _area(axes: Axes, x: float, y: float, width: float, height: float, colour: str, edge: str):
    area = Rectangle((x, y), width, height, facecolor=colour, edgecolor=edge, linewidth=0.8)
    axes.add_patch(area)
    return area


def _legend(axes: Axes, y: float, verdicts: Iterable[str]) -> None:
    x = MARGIN
    for verdict in verdicts:
        look = LOOKS[verdict]
        _area(axes, x, y - 0.1, 0.27, 0.2, look.area, look.edge)
        _write(axes, x + 0.135, y, look.mark, look.ink, 9, ha="center")
        _write(axes, x + 0.35, y, verdict, INK, 8.5)
        x += 0.35 + 0.3 + len(verdict) * 8.5 * LETTER


def _name_of(column: Column) -> str:
    """A column's name in lines that fit above it."""
    letters = max(5, int(column.width / (7.5 * LETTER)))
    return "\n".join(wrap(column.name, letters, break_long_words=False))


def _heads(axes: Axes, columns: Sequence[Column], counts: Mapping[str, int], foot: float,
           lines: int) -> None:  # fmt: skip
    """Data sets above their columns, and each column's name above its number of seeds."""
    above = foot - 0.13
    if counts:
        for column in columns:
            seeds = f"n = {counts[column.condition]}" if column.condition in counts else ""
            middle = column.left + column.width / 2
            _write(axes, middle, above, seeds, QUIET, 7, ha="center")
        above -= 0.17
    for column in columns:
        middle = column.left + column.width / 2
        _write(
            axes, middle, above - NAME * (lines - 1) / 2, _name_of(column), INK, 7.5,
            ha="center", linespacing=1.1,
        )  # fmt: skip
    for group, members in groupby(columns, lambda column: column.group):
        if group:
            several = list(members)
            left, right = several[0].left + GAP / 2, several[-1].left + several[-1].width - GAP / 2
            y = above - NAME * (lines - 1) - 0.14
            axes.plot([left, right], [y, y], color=QUIET, linewidth=0.8)
            _write(
                axes, (left + right) / 2, y - 0.06, group, INK, 9,
                ha="center", va="bottom", weight="bold",
            )  # fmt: skip


def _row(axes: Axes, y: float, tall: float, edge: float, claim: str, statement: str,
         lines: Sequence[str], links: dict[str, str]) -> None:  # fmt: skip
    """A claim's statement, a link to it, under a thin line."""
    target = f"#{claim_id(claim)}"
    links[target] = f"{statement} ({claim})"
    axes.plot([MARGIN, WIDTH - MARGIN], [y, y], color=LINES, linewidth=0.6, zorder=0)
    area = _area(axes, MARGIN, y + GAP / 2, edge - MARGIN, tall - GAP, PAPER, PAPER)
    area.set_url(target)
    first = y + tall / 2 - LINE * (len(lines) - 1) / 2
    for place, words in enumerate(lines):
        _write(axes, MARGIN, first + LINE * place, words, INK, 8.5)


def _cell(axes: Axes, y: float, tall: float, column: Column, row: Mapping[str, Any],
          links: dict[str, str]) -> None:  # fmt: skip
    """A verdict's area with its mark and effect, a link to the finding."""
    look = LOOKS[row["verdict"]]
    effect = number(row["effect"], row["unit"])
    target = f"#{finding_id(row['claim'], column.condition)}"
    part = f" ({row['part']})" if row["part"] else ""
    said = "" if effect == "–" else f", {effect}{part}"
    links[target] = f"{row['verdict']}{said}: {column.condition}: {row['statement']}"
    area = _area(
        axes, column.left + GAP / 2, y + GAP / 2, column.width - GAP, tall - GAP,
        look.area, look.edge,
    )  # fmt: skip
    area.set_url(target)
    middle, height = column.left + column.width / 2, y + tall / 2
    if effect == "–":
        _write(axes, middle, height, look.mark, look.ink, 10, ha="center")
        return
    across = column.width > 1.0
    _write(
        axes, middle - 0.3 * across, height - 0.085 * (not across), look.mark, look.ink, 10,
        ha="center", weight="bold",
    )  # fmt: skip
    words = "\n".join(wrap(effect, 10)) if len(effect) > 10 else effect
    room = (column.width - GAP - 0.35 * across) / (1.2 * LETTER * max(map(len, words.split("\n"))))
    size = min(room, 6 if "\n" in words else 7.5 + across)
    _write(
        axes, middle + 0.12 * across, height + 0.085 * (not across), words, look.ink, size,
        ha="center", linespacing=1,
    )  # fmt: skip
