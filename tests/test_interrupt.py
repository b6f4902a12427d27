"""One interrupt ends a command, however often and by whatever signal it is sent."""

import os
import signal
import time

import pytest

from lowcap import interrupt
from lowcap.studies.drawing import drawing


@pytest.fixture(autouse=True)
def handlers():
    before = {number: signal.signal(number, signal.SIG_DFL) for number in interrupt.SIGNALS}
    interrupt.listen()  # to all, even where the tests run under nohup
    yield
    interrupt.listen()  # forgets it
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", interrupt.SIGNALS)
def test_every_signal_to_end_is_an_interrupt(number):
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    with pytest.raises(KeyboardInterrupt):
        interrupt.check()


def test_three_at_once_are_one(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(interrupt.time, "monotonic", lambda: now[0])
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    for _ in range(2):
        now[0] += 0.002
        signal.raise_signal(signal.SIGINT)
    now[0] += 2
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    interrupt.ignore()
    now[0] += 2
    signal.raise_signal(signal.SIGINT)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no such signal")
def test_what_nohup_ignores_stays_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    interrupt.listen()
    signal.raise_signal(signal.SIGHUP)
    interrupt.check()


def test_drawing_does_not_outlive_an_interrupt():
    processes = []
    with pytest.raises(KeyboardInterrupt), drawing(2) as pool:  # noqa: PT012
        assert pool is not None
        assert pool.submit(os.getpid).result() > 0
        pool.submit(time.sleep, 600)
        processes = list(pool._processes.values())
        raise KeyboardInterrupt
    assert processes
    for process in processes:
        process.join(60)
        assert process.exitcode == -signal.SIGTERM
