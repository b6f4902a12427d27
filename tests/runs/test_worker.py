import os
import sys
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from lowcap.runs.worker import start_worker


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no cores to be bound to")
def test_workers_have_one_core_each_in_turn_and_one_thread(monkeypatch):
    bound, threads = [], []
    monkeypatch.setenv("XLA_FLAGS", "")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {1, 2, 5})
    monkeypatch.setattr(os, "sched_setaffinity", lambda process, cores: bound.append(cores))
    module = sys.modules["lowcap.runs.worker"]
    monkeypatch.setattr(module.signal, "signal", lambda *handler: None)
    monkeypatch.setattr(module.threading, "Thread", lambda **how: SimpleNamespace(start=list))
    monkeypatch.setattr("threadpoolctl.threadpool_limits", threads.append)
    started = SimpleNamespace(value=0, get_lock=nullcontext)
    for _ in range(4):
        start_worker(None, started)
    assert bound == [{1}, {2}, {5}, {1}]
    assert threads == [1] * 4
