"""What a run is doing, in a word, so that no second of it is silent.

Whoever works says it, such as ``phase("judging claims")``; whoever listens shows it. Nobody needs
to be handed anything for that: work that nobody listens to is silent.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rich.console import Console
from rich.status import Status

_listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)


def phase(words: str) -> None:
    """Say what is done from now on; no words for what shows itself otherwise."""
    listener = _listener.get()
    if listener:
        listener(words)


@contextmanager
def phases_shown(console: Console | None) -> Iterator[None]:
    """Show phases: on a terminal as a line that goes away, elsewhere as lines."""
    if console is None:
        yield
        return
    shown = _Shown(console)
    token = _listener.set(shown.say)
    try:
        yield
    finally:
        _listener.reset(token)
        shown.say("")


class _Shown:
    def __init__(self, console: Console) -> None:
        self.console, self.status = console, Status("", console=console)

    def say(self, words: str) -> None:
        if not self.console.is_terminal:
            if words:
                self.console.print(words, highlight=False)
        elif words:
            self.status.update(f"{words} ...")
            self.status.start()
        else:
            self.status.stop()
