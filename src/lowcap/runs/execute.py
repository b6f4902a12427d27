"""Computing cells on any executor: what is missing, the dearest first, each stored when done.

What is missing of a cell whose fit is stored are measures alone; its files travel with it then.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from lowcap import interrupt
from lowcap.errors import RunError, SettingsError
from lowcap.given import in_a_line
from lowcap.memory import free_memory, in_words, share_of_free
from lowcap.runs.cell import Cell, CellResult
from lowcap.runs.devices import devices
from lowcap.runs.elsewhere import CellFailed, Elsewhere, Files, Kit, Lacking, Sent, WorkerRefused
from lowcap.runs.order import in_turn
from lowcap.runs.store import Store
from lowcap.runs.worker import start_worker

Compute = Callable[[Cell, Sequence[str], Files | None], CellResult]
"""From a cell, the measures to take, and what its stored fit left (None: train it first)."""

_AHEAD = 256
"""Cells handed to an executor before the first is done: stored fits are read as late as that."""


@runtime_checkable
class Watcher(Protocol):
    """Something that is told of every cell that ends."""

    def done(self, cell: Cell, seconds: float) -> None:
        """A cell was computed and stored."""
        ...

    def failed(self, cell: Cell, reason: str) -> None:
        """A cell could not be computed."""
        ...


WORKER_BYTES = 4 * 10**8
"""What a worker process takes (measured: 470 MB after a small training, some of it shared)."""


class Outcome(NamedTuple):
    """What became of the cells of a run."""

    computed: int
    kept: int
    failures: list[tuple[Cell, str]]


def default_workers() -> int:
    """One worker for each core this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def check_workers(workers: int | None) -> None:
    """Refuse numbers of worker processes that this machine cannot hold.

    Raises:
        SettingsError: there are none, or they would need more memory than is free.
    """
    if workers is None:
        return
    if workers < 1:
        raise SettingsError(f"--workers {workers}: must be at least 1")
    free = free_memory()
    if workers > default_workers() and workers * WORKER_BYTES > free:
        raise SettingsError(
            f"--workers {in_a_line(workers, 40)}: would need {in_words(workers * WORKER_BYTES)}, "
            f"and this machine has {in_words(free)} free: try at most "
            f"{max(default_workers(), free // WORKER_BYTES):,}"
        )


class _Deaf(ProcessPoolExecutor):
    """Processes that hear no interrupt of a terminal from their first moment, not from when they
    have begun; the parent decides what it means."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        with interrupt.later():  # processes start in here
            return super().submit(fn, *args, **kwargs)


def process_pool(
    workers: int,
    cache: Path | None = None,
    memory: int | None = None,
    on: Sequence[str] = (),
    start: str = "spawn",
) -> ProcessPoolExecutor:
    """Single-threaded worker processes.

    Args:
        workers: how many.
        cache: a folder in which they share compiled code.
        memory: bytes that a training in each may take.
        on: devices that they share out; without any, they compute on a core each.
        start: how they begin, in the words of `multiprocessing.get_context`.

    Raises:
        RunError: the system lets no processes share memory.
    """
    context = multiprocessing.get_context(start)
    try:
        started = context.Value("i", 0)
        return _Deaf(
            workers,
            mp_context=context,
            initializer=start_worker,
            initargs=(str(cache) if cache else None, started, memory, tuple(on)),
        )
    except OSError as error:
        raise RunError(
            f"worker processes cannot be started ({error.strerror or error}); they need shared "
            "memory (/dev/shm) that can be written"
        ) from error


def execute(
    cells: Sequence[Cell],
    compute: Compute,
    store: Store,
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    cache: Path | None = None,
    memory: int | None = None,
    kit: Kit | None = None,
    watcher: Watcher | None = None,
) -> Outcome:
    """Compute the cells that the store lacks, and store each as soon as it is done.

    A cell that fails does not stop the others. A failure to store (a full disk) stops the run.

    Args:
        cells: what the run consists of.
        compute: a function that workers can import; see `Compute`.
        store: where results go; hold its lock.
        executor: where cells are computed; by default `workers` processes on this machine.
        workers: number of processes, by default one a device, or one a core.
        cache: where the default processes keep compiled code.
        memory: bytes that a training may take, by default each worker's share of what is free.
        kit: what workers of another executor need beside their cells.
        watcher: told of each cell that ends.
    """
    missing = [cell for cell in cells if not store.holds(cell)]
    missing = in_turn(missing)
    failures: list[tuple[Cell, str]] = []

    def settle(cell: Cell, future: Future) -> None:
        try:
            result = future.result()
        except (BrokenExecutor, WorkerRefused):
            raise
        except Exception as error:  # whatever a cell raises is that cell's failure
            named = "" if isinstance(error, CellFailed) else f"{type(error).__name__}: "
            reason = f"{named}{error}".splitlines()[0]
            failures.append((cell, reason))
            if watcher:
                watcher.failed(cell, reason)
        else:
            store.write(cell, result)
            if watcher:
                watcher.done(cell, sum(result.seconds.values()))

    if executor is not None:
        work = Elsewhere.of(compute, kit, memory)
        try:
            _drain(executor, work, missing, store, settle, kit)
        except BrokenProcessPool as error:
            raise RunError(f"the executor's workers died ({error})") from error
        except BrokenExecutor as error:
            raise RunError(str(error)) from error
    elif missing:
        on = devices()
        count = min(workers or len(on) or default_workers(), len(missing))

        def pool(processes: int) -> ProcessPoolExecutor:
            return process_pool(processes, cache, memory or share_of_free(count), on)

        for cell in _in_processes(missing, compute, store, settle, count, pool):
            reason = "its worker process died (killed, or out of memory)"
            failures.append((cell, reason))
            if watcher:
                watcher.failed(cell, reason)
    computed = len(missing) - len(failures)
    return Outcome(computed, len(cells) - len(missing), failures)


def _drain(
    executor: Executor,
    compute: Callable[..., Any],
    cells: Sequence[Cell],
    store: Store,
    settle: Callable[[Cell, Future], None],
    kit: Kit | None = None,
) -> None:
    waiting = iter(cells)
    futures: dict[Future, Cell] = {}

    def hand_out(cells: Iterable[Cell], *sent: Sent) -> None:
        for cell in cells:
            lacking, files = store.lacking(cell), store.fit_files(cell)
            futures[executor.submit(compute, cell, lacking, files, *sent)] = cell

    try:
        hand_out(islice(waiting, _AHEAD))
        while futures:
            ended, _ = wait(futures, return_when=FIRST_COMPLETED)
            for future in ended:
                cell, lacking = futures.pop(future), _lacking(future)
                if kit is not None and lacking is not None:
                    hand_out([cell], Sent(lacking.sha256, kit.content(lacking.sha256)))
                else:
                    settle(cell, future)
                interrupt.check()
            ahead = max(_AHEAD, getattr(executor, "ahead", 0))
            hand_out(islice(waiting, max(0, ahead - len(futures))))
    except BaseException:
        for future in futures:
            future.cancel()
        raise


def _lacking(future: Future) -> Lacking | None:
    """What the worker of a cell lacked, if that is how it ended."""
    if future.cancelled() or future.exception() is not None:
        return None
    found = future.result()
    return found if isinstance(found, Lacking) else None


def _in_processes(missing, compute, store, settle, workers, make_pool) -> list[Cell]:
    """Compute cells in own processes; returns those whose process died under them."""
    settled: set[str] = set()

    def remember(cell: Cell, future: Future) -> None:
        settle(cell, future)
        settled.add(cell.fingerprint)

    def attempt(cells: Sequence[Cell], processes: int) -> bool:
        pool = make_pool(processes)
        try:
            _drain(pool, compute, cells, store, remember)
        except BrokenProcessPool:
            return False
        except BaseException:
            _stop(pool)
            raise
        finally:
            pool.shutdown(cancel_futures=True)
        return True

    lost: list[Cell] = []
    if attempt(missing, workers):
        return lost
    # A dead worker breaks the whole pool without saying whose cell it was: go on one at a time.
    for cell in missing:
        if cell.fingerprint not in settled and not attempt([cell], 1):
            lost.append(cell)
    return lost


def _stop(pool: ProcessPoolExecutor) -> None:
    """End the workers at once; what they were computing is not yet stored anyway."""
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        process.terminate()
