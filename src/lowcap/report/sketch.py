"""Figures not yet drawn, so that several processes can draw them at once."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd

from lowcap.report.figure import Figure, Printed, styled


@dataclass(frozen=True)
class Sketch:
    """What to call to draw a figure; small enough to be sent to another process."""

    draw: Callable[..., Figure]
    """An importable function of the tables and `arguments`."""
    tables: Mapping[str, pd.DataFrame]
    arguments: tuple[str, ...] = ()
    remark: str = ""
    """What to say at the end of the caption."""

    def printed(self) -> Printed:
        """Draw the figure."""
        with _without_collections():
            with styled():
                figure = self.draw(self.tables, *self.arguments)
            return figure.printed(self.remark)


@contextmanager
def _without_collections() -> Iterator[None]:
    """Look for no garbage meanwhile: of a drawing's many thousand objects all are in use."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def printing(
    sketches: Sequence[Sketch], executor: Executor | None = None
) -> Iterator[Callable[[], list[Printed]]]:
    """Draw figures elsewhere, while the caller does something else.

    Args:
        sketches: what to draw.
        executor: where; without one, all is drawn here.

    Yields:
        A function that waits for the figures and gives them in order.
    """
    if executor is None:
        yield lambda: [sketch.printed() for sketch in sketches]
        return
    futures = [executor.submit(_apart, sketch) for sketch in sketches]
    try:
        yield lambda: list(map(_outcome, sketches, futures))
    finally:
        for future in futures:
            future.cancel()


def _apart(sketch: Sketch) -> Printed:
    """Draw a figure in a process that does nothing else and ends soon.

    To look for garbage would take a tenth of its time, and not to takes some 10 MB a figure.
    """
    gc.disable()
    return sketch.printed()


def _outcome(sketch: Sketch, future: Future) -> Printed:
    try:
        return future.result()
    except BrokenExecutor:  # a process was killed; nothing is lost but time
        return sketch.printed()
