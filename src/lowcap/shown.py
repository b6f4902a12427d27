"""How objects show themselves: one line on a terminal, a small card in a notebook.

A card is one self-contained piece of HTML. It names no colours but a grey of half strength, so that
it is read in light and in dark notebooks alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

MOST_VALUES = 6
"""Values of a key that are listed one by one."""
MOST_ROWS = 12
"""Rows of a table that are shown."""

_RULE = "1px solid rgba(128,128,128,.4)"
_CARD = f"border:{_RULE};border-radius:6px;padding:.6em .9em;display:inline-block;max-width:100%"
_CELL = "padding:.15em .8em .15em 0;vertical-align:top"


class Link(str):
    """Words in a table that lead somewhere."""

    target: str

    def __new__(cls, words: str, target: str) -> "Link":
        """Words and where they lead."""
        found = super().__new__(cls, words)
        found.target = target
        return found


def plain(value: Any) -> str:
    """A value in few letters: 0.05, 1,000, "yes", and a dash where there is none."""
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return "–"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    return str(value)


def listed(values: Iterable[Any]) -> str:
    """Distinct values in few letters: "2, 4, 8", "0 to 29", or the first ones and how many."""
    distinct = pd.unique(pd.Series(list(values), dtype=object))
    known = sorted(v for v in distinct if isinstance(v, int | float) and v == v)
    if len(known) < len(distinct):
        words = [plain(v) for v in distinct]
    else:
        whole = all(isinstance(v, int) for v in known)
        if whole and len(known) > 2 and known[-1] - known[0] == len(known) - 1:
            return f"{known[0]} to {known[-1]}"
        words = [str(v) if isinstance(v, int) else plain(v) for v in known]
    if len(words) <= MOST_VALUES:
        return ", ".join(words)
    return f"{', '.join(words[:3])}, ..., {words[-1]} ({len(words)} values)"


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 row", "1,000 rows"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def line(kind: str, *facts: str) -> str:
    """What an object is in one line: ``<Split 4-9: 1,280 rows, 784 features>``."""
    return f"<{kind}{': ' if facts else ''}{', '.join(fact for fact in facts if fact)}>"


def grouped(keys: pd.DataFrame) -> list[dict[str, str]]:
    """Members by their first key: how many have each of its values, and what else they differ in.

    Example:
        >>> grouped(population.keys)[0]
        {'hidden': '2', 'networks': '10', 'learning_rate': '0.03, 0.1', 'seed': '0 to 4'}
    """
    first, *others = keys.columns
    rows = []
    for value, some in keys.groupby(first, sort=False):
        rest = {name: listed(some[name].tolist()) for name in others}
        rows.append({first: plain(value), "networks": plain(len(some))} | rest)
    return rows


def card(
    title: str,
    facts: Mapping[str, Any] | None = None,
    rows: Sequence[Mapping[str, Any]] = (),
    note: str = "",
    most: int = MOST_ROWS,
) -> str:
    """A card of HTML: a title, facts by name, a table, a note in small letters.

    Args:
        title: what the object is.
        facts: shown as "name: value"; those that are None or empty are left out.
        rows: the lines of a table, all with the same columns.
        note: what can be done with the object.
        most: how many of these lines are shown.
    """
    parts = [f"<div style='font-weight:600'>{escape(title)}</div>"]
    told = {name: value for name, value in (facts or {}).items() if value not in (None, "")}
    if told:
        parts.append(
            "<div style='margin-top:.2em'>"
            + " · ".join(f"{escape(name)}: {escape(plain(v))}" for name, v in told.items())
            + "</div>"
        )
    if rows:
        parts.append(_table(rows[:most]))
    notes = [note] if note else []
    if len(rows) > most:
        notes.insert(0, f"and {counted(len(rows) - most, 'more row')}")
    small = "<div style='font-size:90%;opacity:.8;margin-top:.3em'>"
    parts += [f"{small}{escape(words)}</div>" for words in notes]
    return f"<div style='{_CARD}'>{''.join(parts)}</div>"


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    head = "".join(
        f"<th scope='col' style='{_CELL};text-align:left;border-bottom:{_RULE}'>"
        f"{escape(str(name))}</th>"
        for name in rows[0]
    )
    body = "".join(
        "<tr style='background:none'>" + "".join(map(_cell, row.values())) + "</tr>" for row in rows
    )
    style = "border-collapse:collapse;margin:.4em 0 0;font-variant-numeric:tabular-nums"
    return f"<table style='{style}'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    words = escape(plain(value))
    if isinstance(value, Link):
        words = f"<a href='{escape(value.target)}' style='color:inherit'>{words}</a>"
    return f"<td style='{_CELL};text-align:left'>{words}</td>"
