"""Interrupts that do not get lost.

Python raises an interrupt wherever the main thread happens to be. In a callback of the garbage
collector, which JAX installs, it is printed and dropped. So whoever interrupts is remembered too.
"""

import signal
import threading

_asked = threading.Event()


def listen() -> None:
    """Treat SIGINT and SIGTERM alike, from now on: `KeyboardInterrupt` in the main thread."""
    _asked.clear()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)


def _end(*_: object) -> None:
    _asked.set()
    raise KeyboardInterrupt


def check() -> None:
    """Raise `KeyboardInterrupt` if there was one, even if it was dropped."""
    if _asked.is_set():
        raise KeyboardInterrupt
