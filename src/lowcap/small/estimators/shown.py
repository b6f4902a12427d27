"""What a notebook and a terminal show of an estimator: how it went, and how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

import pandas as pd
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sklearn.base import BaseEstimator

from lowcap.small.search.answer import Answer
from lowcap.small.search.wording import number


class Shown(BaseEstimator):
    """An estimator whose diagram in notebooks ends with what was found, once it is fitted."""

    def _html_repr(self) -> str:
        diagram: Any = BaseEstimator._html_repr
        found = self._found_html()
        return diagram(self) + (f"<div>{found}</div>" if found else "")

    def _found_html(self) -> str:
        """What was found as HTML; empty before `fit`."""
        raise NotImplementedError


def answer_html(answered: Answer, frontier: pd.DataFrame) -> str:
    """An answer's sentence above a table of all sizes."""
    names = ("hidden", "parameters", "score", "interval", "standing")
    heads = "".join(f"<th scope='col'>{name}</th>" for name in names)
    rows = []
    for row in frontier.to_dict("records"):
        interval = f"[{number(row['low'])}, {number(row['high'])}]"
        cells = (row["hidden"], row["parameters"], number(row["score"]), interval, row["standing"])
        rows.append("".join(f"<td>{escape(str(cell))}</td>" for cell in cells))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f"<p>{escape(answered.sentence)}</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


@contextmanager
def bar(shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """What to call with the number of folds done and of all folds; None if nothing is shown."""
    if not shown:
        yield None
        return
    columns = TextColumn("folds"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task("folds", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
