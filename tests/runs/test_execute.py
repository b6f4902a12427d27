import contextlib
import multiprocessing
import os
import signal
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from lowcap import interrupt
from lowcap.runs import Store, execute
from lowcap.runs.elsewhere import Elsewhere, WorkerRefused
from lowcap.runs.machine import deciding_versions
from tests.runs.work import Job, cells, compute


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "run")
    with store.locked():
        yield store


@pytest.mark.parametrize("workers", [1, 2])
def test_processes_compute_everything(store, workers):
    planned = cells(*map(Job, range(5)))
    outcome = execute(planned, compute, store, workers=workers)
    assert (outcome.computed, outcome.kept, outcome.failures) == (5, 0, [])
    assert store.collect(planned)["squares"]["square"].tolist() == [0, 1, 4, 9, 16]


def test_any_executor_will_do(store):
    with ThreadPoolExecutor(3) as pool:
        outcome = execute(cells(*map(Job, range(4))), compute, store, executor=pool)
    assert outcome.computed == 4


def test_processes_that_others_started_become_workers(store):
    planned = cells(*(Job(n, "describe") for n in range(4)))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert execute(planned, compute, store, executor=pool, memory=10**9).computed == 4
    told = store.collect(planned)["squares"]
    assert told["flags"].str.contains("intra_op_parallelism_threads=1").all()
    assert set(told["memory"]) == {"1000000000"}
    if hasattr(os, "sched_setaffinity"):
        assert told["cores"].str.fullmatch(r"\d+").all()


def test_a_process_of_other_versions_is_refused(store, monkeypatch):
    monkeypatch.setattr(
        "lowcap.runs.elsewhere._process", lambda: ("another", 1) if asked else ("this", 1)
    )
    asked: list[int] = []
    versions = deciding_versions() | {"jax": "0.9"}
    asked_for = Elsewhere(compute, versions=versions)
    asked.append(1)
    with pytest.raises(WorkerRefused, match=r"a worker on .* has jax .*, here 0\.9"):
        asked_for(*cells(Job(1)), ("squares",), None)


@pytest.mark.parametrize("number", interrupt.SIGNALS)
def test_an_interrupt_that_was_dropped_still_ends_the_run(store, number):
    """As one is that comes while JAX's callback of the garbage collector runs."""
    handlers = {n: signal.signal(n, signal.SIG_DFL) for n in interrupt.SIGNALS}
    interrupt.listen()  # to all, even where the tests run under nohup
    try:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(number)
        with ThreadPoolExecutor(1) as pool, pytest.raises(KeyboardInterrupt):
            execute(cells(*map(Job, range(4))), compute, store, executor=pool)
        assert len(list(store.cells.glob("[!.]*"))) == 1  # what was done is kept
    finally:
        interrupt.listen()  # forgets it
        for n, handler in handlers.items():
            signal.signal(n, handler)


def test_only_what_is_missing_is_computed_and_the_dearest_first(store, tmp_path):
    jobs = [Job(n, marks=str(tmp_path)) for n in (1, 2, 3)]
    with ThreadPoolExecutor(1) as pool:
        execute(cells(*jobs[:2]), compute, store, executor=pool)
        outcome = execute(cells(*jobs), compute, store, executor=pool)
    assert (outcome.computed, outcome.kept) == (1, 2)
    assert [(tmp_path / str(n)).read_text() for n in (1, 2, 3)] == ["x", "x", "x"]
    started = {n: (tmp_path / str(n)).stat().st_mtime_ns for n in (1, 2)}
    assert started[2] <= started[1]


def test_a_new_or_changed_measure_reads_the_stored_fit_and_trains_nothing(store, tmp_path):
    jobs = [Job(n, marks=str(tmp_path)) for n in (1, 2)]
    with ThreadPoolExecutor(1) as pool:
        execute(cells(*jobs), compute, store, executor=pool)
        more = cells(*jobs, measures=(("squares", 1), ("cubes", 1)))
        assert [store.lacking(cell) for cell in more] == [("cubes",)] * 2
        execute(more, compute, store, executor=pool)
        changed = cells(*jobs, measures=(("squares", 2), ("cubes", 1)))
        assert [store.lacking(cell) for cell in changed] == [("squares",)] * 2
        outcome = execute(changed, compute, store, executor=pool)
    assert outcome.computed == 2
    assert [(tmp_path / str(n)).read_text() for n in (1, 2)] == ["x", "x"]  # one fit each
    tables = store.collect(changed)
    assert tables["cubes"]["cube"].tolist() == [1, 8]
    assert tables["squares"]["square"].tolist() == [1, 4]
    assert store.seconds(changed[0]) == 2.0  # the fit, and both measures as they are now


def test_a_fit_that_is_gone_is_trained_again(store, tmp_path):
    (cell,) = cells(Job(3, marks=str(tmp_path)))
    with ThreadPoolExecutor(1) as pool:
        execute([cell], compute, store, executor=pool)
        (store.cells / f"{cell.fingerprint}.cell").unlink()
        store = Store(store.root)
        assert store.fit_files(cell) is None
        execute([cell], compute, store, executor=pool)
    assert (tmp_path / "3").read_text() == "xx"
    assert store.fit_files(cell) == {"number.txt": b"3"}


def test_more_cells_than_are_handed_out_ahead(store, monkeypatch):
    monkeypatch.setattr(sys.modules["lowcap.runs.execute"], "_AHEAD", 2)
    planned = cells(*map(Job, range(7)))
    with ThreadPoolExecutor(2) as pool:
        assert execute(planned, compute, store, executor=pool).computed == 7
    assert store.collect(planned)["squares"]["number"].tolist() == list(range(7))


def test_a_failing_cell_is_named_the_others_finish_and_it_is_tried_again(store):
    planned = cells(Job(1), Job(2, "fail"), Job(3))
    for _ in range(2):
        outcome = execute(planned, compute, store, workers=2)
        assert [(str(c), why) for c, why in outcome.failures] == [
            ("number=2 act=fail", "ValueError: job 2 is impossible")
        ]
        assert store.collect(planned)["squares"]["number"].tolist() == [1, 3]


def test_a_dying_worker_takes_only_its_own_cell_along(store):
    planned = cells(Job(1), Job(2, "slow"), Job(3, "die"), Job(4), Job(5))
    outcome = execute(planned, compute, store, workers=2)
    assert [(c.config.number, why) for c, why in outcome.failures] == [
        (3, "its worker process died (killed, or out of memory)")
    ]
    assert store.collect(planned)["squares"]["number"].tolist() == [1, 2, 4, 5]
