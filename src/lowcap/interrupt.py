"""Interrupts that do not get lost.

Python raises an interrupt wherever the main thread happens to be. In a callback of the garbage
collector, which JAX installs, it is printed and dropped. So whoever interrupts is remembered too.
"""

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""An interrupt, a request to end, and a terminal that is closed."""

_TOGETHER = 1.0
"""Seconds in which further interrupts are the same one: a key held down, a group of processes."""

_asked = threading.Event()
_heard = {"last": -float("inf"), "ending": False}


def listen() -> None:
    """Treat SIGINT, SIGTERM and SIGHUP alike, from now on: `KeyboardInterrupt` in the main thread.

    Where SIGHUP is ignored already, as under nohup, it stays so.
    """
    _asked.clear()
    _heard.update(last=-float("inf"), ending=False)
    for number in SIGNALS:
        hangup = number == getattr(signal, "SIGHUP", None)
        if not (hangup and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, _end)


def ignore() -> None:
    """Hear no further interrupt: this process is about to end anyway."""
    _heard["ending"] = True


def leave() -> None:
    """Ignore further interrupts for good, also while Python tidies up and forgets its handlers."""
    ignore()
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _end(*_: object) -> None:
    _asked.set()
    before, _heard["last"] = _heard["last"], time.monotonic()
    if _heard["last"] - before >= _TOGETHER and not _heard["ending"]:
        raise KeyboardInterrupt


def check() -> None:
    """Raise `KeyboardInterrupt` if there was one, even if it was dropped."""
    if _asked.is_set():
        raise KeyboardInterrupt


@contextmanager
def later() -> Iterator[None]:
    """Hear what interrupts here afterwards; processes that are started in here never do."""
    if not hasattr(signal, "pthread_sigmask"):  # not on every system
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end(pool: Executor) -> None:
    """End a pool's processes at once; what they were doing is not needed any more."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
