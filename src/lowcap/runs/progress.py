"""What a run shows while it works: cells done, and an honest estimate of the time left."""

import time
from collections.abc import Iterable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from lowcap.runs.cell import Cell


class RunProgress:
    """A watcher that draws a bar on a terminal, and prints lines elsewhere."""

    def __init__(self, missing: Iterable[Cell], console: Console) -> None:
        self.cells = list(missing)
        self.console = console
        self.total = sum(cell.cost for cell in self.cells)
        self.spent = 0.0
        self.count = 0
        self.started = time.monotonic()
        self._last_line = self.started
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[cells]} cells"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(
            "training", total=self.total, cells=f"0/{len(self.cells)}", left=""
        )

    def __enter__(self) -> "RunProgress":
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def done(self, cell: Cell, seconds: float) -> None:
        """Count a finished cell."""
        self._advance(cell)

    def failed(self, cell: Cell, reason: str) -> None:
        """Count a failed cell, and say why it failed."""
        self.console.print(f"[red]failed[/red] {cell}: {reason}", highlight=False)
        self._advance(cell)

    def _advance(self, cell: Cell) -> None:
        self.spent += cell.cost
        self.count += 1
        now = time.monotonic()
        cells = f"{self.count}/{len(self.cells)}"
        left = _minutes((now - self.started) * (self.total - self.spent) / self.spent)
        self._bar.update(self._task, completed=self.spent, cells=cells, left=f"about {left} left")
        if not self.console.is_terminal and now - self._last_line >= 10:
            self._last_line = now
            self.console.print(f"{cells} cells, about {left} left", highlight=False)


def _minutes(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
