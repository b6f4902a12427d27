"""A progress bar, where one is wanted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


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
