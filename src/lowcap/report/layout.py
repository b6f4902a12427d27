"""Where claims and conditions stand in the overview, in inches.

A cell has the same size whatever is drawn, and letters have one size on the page.
"""

from collections.abc import Sequence
from itertools import pairwise
from textwrap import wrap
from typing import NamedTuple

import pandas as pd

WIDTH = 11.0
"""Inches, whatever the number of columns: letters have one size on the page."""

MARGIN, ASIDE, GAP, LETTER = 0.12, 0.15, 0.05, 0.0078
"""Inches: around all; between statements and cells; between cells; the width of a letter for each
point of its size, as a rule."""

WIDEST_CELL, CELLS = 1.35, 7.3
"""Inches: a cell at most, all cells of a row at most."""

LINE, NAME, LEAST_ROW, HEADING, GROUP_GAP = 0.165, 0.125, 0.46, 0.3, 0.12
"""Inches: a line of a statement and of a column's name, a row at least, a heading between rows,
between data sets."""


class Column(NamedTuple):
    """A condition and where it stands."""

    condition: str
    group: str
    name: str
    left: float
    width: float

    @property
    def words(self) -> str:
        """Its name in lines that fit above it."""
        letters = max(5, int(self.width / (7.5 * LETTER)))
        return "\n".join(wrap(self.name, letters, break_long_words=False))


class Row(NamedTuple):
    """A claim and its statement in lines."""

    claim: str
    statement: str
    lines: Sequence[str]

    @property
    def height(self) -> float:
        """In inches."""
        return max(LEAST_ROW, LINE * len(self.lines) + 0.14)


class Group(NamedTuple):
    """Claims of one section."""

    heading: str
    rows: Sequence[Row]

    @property
    def height(self) -> float:
        """In inches."""
        return HEADING * bool(self.heading) + sum(row.height for row in self.rows)


def columns_of(conditions: Sequence[str]) -> list[Column]:
    """Conditions side by side, those of one data set without a gap between them."""
    split = [split_condition(condition) for condition in conditions]
    gaps = sum(one[0] != other[0] for one, other in pairwise(split))
    width = min(WIDEST_CELL, (CELLS - gaps * GROUP_GAP) / len(conditions))
    left = WIDTH - MARGIN - width * len(conditions) - gaps * GROUP_GAP
    found: list[Column] = []
    for condition, (group, name) in zip(conditions, split, strict=True):
        if found and group != found[-1].group:
            left += GROUP_GAP
        found.append(Column(condition, group, name, left, width))
        left += width
    return found


def split_condition(condition: str) -> tuple[str, str]:
    """The data set and the rest of "mnist, conv 5x5"; no data set where there is no comma."""
    group, _, name = condition.rpartition(", ")
    return group, name


def groups_of(primary: pd.DataFrame, left: float) -> list[Group]:
    """Claims with their statements by section; under no heading if sections are no groups.

    Statements are broken to end before the cells, whose `left` edge is given.
    """
    letters = int((left - ASIDE - MARGIN) / (8.5 * LETTER))
    once = primary.drop_duplicates("claim")
    rows = [
        Row(claim, statement, wrap(statement, letters))
        for claim, statement in zip(once["claim"], once["statement"], strict=True)
    ]
    sections = list(once["section"])
    names = list(dict.fromkeys(sections))
    if not 1 < len(names) <= len(rows) / 2:
        return [Group("", rows)]
    return [
        Group(_heading(name), [row for row, of in zip(rows, sections, strict=True) if of == name])
        for name in names
    ]


def _heading(section: str) -> str:
    return f"Section {section}" if section[:1].isdigit() else section[:1].upper() + section[1:]
