"""Child processes of a Dask worker, in which it computes cells.

A Dask worker may have many threads, and JAX may be in use there: so each cell has a process of its
own, with one thread on one core, as on a single machine. If it dies, the Dask worker lives on.
"""

import os
import subprocess
import sys
import threading
import time
from multiprocessing.connection import Connection, Pipe
from typing import Any, Literal, NamedTuple

from lowcap.runs.elsewhere import WorkerRefused

_IDLE = 60.0
"""Seconds after which a process without work ends."""

_START = """
import sys
from multiprocessing.connection import Connection
from lowcap.runs.hands import serve
serve(Connection(int(sys.argv[1])), int(sys.argv[2]))
"""

_resting: dict[str, list["_Hand"]] = {}
_working: dict[str, set["_Hand"]] = {}
_lock = threading.Lock()


class Answer(NamedTuple):
    """How a process's work ended."""

    kind: Literal["done", "failed", "refused", "died"]
    value: Any
    """The result, or a line of text."""


def work_here(run: str, work: bytes, sent: Any) -> tuple[str, Answer]:
    """Do work on a Dask worker: its address, and what one of its processes answers."""
    from distributed import get_worker

    return get_worker().address, use_hand(run, work, sent)


def hold(sent: Any) -> Any:
    """Keep on a Dask worker what is sent, for others to fetch."""
    return sent


def use_hand(run: str, work: bytes, sent: Any = None) -> Answer:
    """Do work of a run in a process that does nothing else meanwhile.

    Args:
        run: names the run; its processes serve no other.
        work: pickled, a function that takes what is sent as its last argument, and its other
            arguments.
        sent: what travelled apart from the work.
    """
    with _lock:
        free = _resting.setdefault(run, [])
        hand = free.pop() if free else None
        if hand is None or not hand.alive():
            hand = _Hand()
        _working.setdefault(run, set()).add(hand)
    try:
        answer = hand.ask(work, sent)
    except (EOFError, OSError):
        hand.end()
        return Answer("died", "its worker process died (killed, or out of memory)")
    finally:
        with _lock:
            _working[run].discard(hand)
    with _lock:
        _resting[run].append(hand)
    return answer


def stop_hands(run: str) -> None:
    """End all processes of a run, whatever they are doing."""
    with _lock:
        hands = [*_resting.pop(run, ()), *_working.get(run, ())]
    for hand in hands:
        hand.end()


class _Hand:
    """The Dask worker's side of a process."""

    def __init__(self) -> None:
        self._connection, there = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, str(there.fileno()), str(os.getpid())],
            pass_fds=[there.fileno()],
            stdin=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # an interrupt at the terminal is not for it
        )
        there.close()

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, work: bytes, sent: Any) -> Answer:
        self._connection.send_bytes(work)  # which it unpickles, not this process
        self._connection.send(sent)
        return self._connection.recv()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        # The connection is left to whoever waits on it, and closes with this object.


def serve(connection: Connection, parent: int) -> None:
    """The process's side: work until there is none for a while, or the parent is gone."""
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    try:
        while connection.poll(_IDLE):
            connection.send(_answer(connection))
    except (EOFError, OSError):
        pass  # the parent is gone


def _answer(connection: Connection) -> Answer:
    work: Any = None
    broken: Exception | None = None
    try:
        work = connection.recv()
    except (EOFError, OSError):
        raise
    except Exception as error:  # such as a module that is not here
        broken = error
    sent = connection.recv()
    try:
        if broken is not None:
            raise broken
        function, arguments = work
        return Answer("done", function(*arguments, sent))
    except WorkerRefused as error:
        return Answer("refused", error.why)
    except Exception as error:  # whatever a cell raises is that cell's failure
        first = (str(error).splitlines() or [""])[0]
        return Answer("failed", f"{type(error).__name__}: {first}")


def _follow(parent: int) -> None:
    """End when the parent has, even in the middle of a cell."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
