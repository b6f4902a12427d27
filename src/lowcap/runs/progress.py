"""What a run shows while it works: cells done, and an honest estimate of the time left."""

import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from lowcap.runs.cell import Cell
from lowcap.runs.estimate import Expected
from lowcap.runs.phases import phase

EVERY = 60.0
"""Seconds between two lines where there is no terminal."""
OFTEN = 1.0
"""Seconds for which an estimate is kept."""


class Remaining:
    """How many seconds of a run are left, from the cells that are finished.

    How many cells are computed side by side is seen from when they began and ended.
    """

    def __init__(self, cells: Iterable[Cell], started: float) -> None:
        self.waiting = {cell.fingerprint: cell for cell in cells}
        self.expected = Expected(list(self.waiting.values()))
        self.started = started
        self.spans: list[tuple[float, float]] = []

    def done(self, cell: Cell, seconds: float, now: float) -> None:
        """A cell was finished now, after so many seconds of its own."""
        self.expected.learn(cell, seconds)
        self.waiting.pop(cell.fingerprint, None)
        self.spans.append((now - seconds, now))

    def failed(self, cell: Cell) -> None:
        """A cell will not be finished."""
        self.waiting.pop(cell.fingerprint, None)

    def seconds(self, now: float) -> float | None:
        """Seconds left; None while nothing is known.

        What is expected of the cells that wait, less what those in work have had already, shared
        out among as many as go side by side.
        """
        if not self.spans:
            return None
        waiting = self.expected.seconds(list(self.waiting.values()))
        abreast = min(self.abreast, max(len(waiting), 1))
        began = min(start for start, _ in self.spans)
        spent = sum(end - start for start, end in self.spans)
        in_work = max(0.0, self.abreast * (now - began) - spent)
        least = float(sum(sorted(waiting)[: len(waiting) - abreast]))  # of those not begun
        return max(float(waiting.sum()) - in_work, least, 0.0) / abreast

    @property
    def abreast(self) -> int:
        """How many cells are in work at one time, but for moments: a tenth of the time at least."""
        edges = sorted(
            [(start, 1) for start, _ in self.spans] + [(end, -1) for _, end in self.spans]
        )
        at_least: dict[int, float] = {}  # by number of cells, for how long so many were in work
        count, since = 0, edges[0][0] if edges else 0.0
        for when, step in edges:
            for number in range(1, count + 1):
                at_least[number] = at_least.get(number, 0.0) + when - since
            count, since = count + step, when
        enough = 0.1 * at_least.get(1, 0.0)
        return max((number for number, spent in at_least.items() if spent >= enough), default=1)


class RunProgress:
    """A watcher that draws a bar on a terminal, and prints a line a minute elsewhere."""

    def __init__(self, missing: Iterable[Cell], console: Console) -> None:
        self.cells = list(missing)
        self.console = console
        self.total = sum(cell.cost for cell in self.cells)
        self.spent = 0.0
        self.count = 0
        self.remaining = Remaining(self.cells, time.monotonic())
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._known: tuple[float, str] = (-1.0, "")
        self._ticker = threading.Thread(target=self._tick, daemon=True)
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
            "training and measuring",
            total=self.total,
            cells=f"0/{len(self.cells)}",
            left="starting workers",
        )

    def __enter__(self) -> "RunProgress":
        phase("")
        if self.cells:
            number = f"{len(self.cells):,} {'cell' if len(self.cells) == 1 else 'cells'}"
            self.console.print(
                f"computing {number} (a cell is one training with its measures)", highlight=False
            )
        self._bar.start()
        self._ticker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._bar.stop()

    def done(self, cell: Cell, seconds: float) -> None:
        """Count a finished cell."""
        with self._lock:
            self.remaining.done(cell, seconds, time.monotonic())
        self._advance(cell)

    def failed(self, cell: Cell, reason: str) -> None:
        """Count a failed cell, and say why it failed."""
        self.console.print(f"[red]failed[/red] {cell}: {reason}", highlight=False)
        with self._lock:
            self.remaining.failed(cell)
        self._advance(cell)

    def line(self) -> str:
        """How far the run is and how long it will still take: "16/164 cells, about 2:10 left"."""
        return f"{self._cells} cells, {self._left}"

    @property
    def _cells(self) -> str:
        return f"{self.count}/{len(self.cells)}"

    @property
    def _left(self) -> str:
        now = time.monotonic()
        when, words = self._known
        if when < 0 or now - when >= OFTEN:  # cells may end many times a second
            with self._lock:
                seconds = self.remaining.seconds(now)
            known = seconds is not None
            words = f"about {minutes(seconds)} left" if known else "time left not yet known"
            self._known = (now if known else -1.0, words)
        return words

    def _advance(self, cell: Cell) -> None:
        self.spent += cell.cost
        self.count += 1
        self._draw()

    def _draw(self) -> None:
        if self.console.is_terminal:
            self._bar.update(self._task, completed=self.spent, cells=self._cells, left=self._left)

    def _tick(self) -> None:
        """A line a minute where no bar is seen, whether or not a cell ends."""
        while not self._ended.wait(EVERY):
            if self.console.is_terminal:
                self._draw()
            else:
                with suppress(OSError):  # whoever prints in the main thread finds out
                    self.console.print(self.line(), highlight=False)


def minutes(seconds: float) -> str:
    """Seconds as people say them: 1:05, or 2:03:00 with hours."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    short = f"{rest // 60}:{rest % 60:02d}"
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else short
