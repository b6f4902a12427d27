"""Real Dask schedulers and workers on the loopback interface, some of which die."""

import contextlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lowcap.errors import RunError, SettingsError
from lowcap.runs import Kit, Store, execute
from lowcap.runs.machine import deciding_versions
from lowcap.studies import find, settings_of
from lowcap.studies.study import conduct
from tests.conftest import synthetic
from tests.runs.dask_cluster import end, scheduler, worker
from tests.runs.work import Job, cells, compiled, compute, lacks, take

pytest.importorskip("distributed")
cluster_module = pytest.importorskip("lowcap.runs.cluster")
ClusterExecutor = cluster_module.ClusterExecutor


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A scheduler without workers."""
    with scheduler(tmp_path_factory.mktemp("empty")) as (address, _):
        yield address


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler with two workers, one of which has two threads."""
    folder = tmp_path_factory.mktemp("cluster")
    with (
        scheduler(folder) as (address, _),
        worker(address, folder / "1"),
        worker(address, folder / "2", threads=2),
    ):
        yield address


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "run")
    with store.locked():
        yield store


def test_each_cell_has_a_process_with_one_thread_on_one_core(cluster, store):
    planned = cells(*(Job(n, "describe") for n in range(6)))
    with ClusterExecutor(cluster) as executor:
        outcome = execute(planned, compute, store, executor=executor, memory=10**9)
    assert (outcome.computed, outcome.failures) == (6, [])
    told = store.collect(planned)["squares"]
    assert str(os.getpid()) not in set(told["process"])
    assert told["cores"].str.fullmatch(r"\d+").all()
    assert told["flags"].str.contains("intra_op_parallelism_threads=1").all()
    assert set(told["pools"]) <= {"{1}", "set()"}
    assert set(told["memory"]) == {"1000000000"}
    left = time.monotonic() + 20  # processes of cells end with the run
    while any(_alive(int(process)) for process in told["process"]):
        assert time.monotonic() < left
        time.sleep(0.05)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_cells_that_fail_or_end_their_process_are_named_and_the_others_finish(cluster, store):
    planned = cells(Job(1), Job(2, "fail"), Job(3, "die"), Job(4))
    with ClusterExecutor(cluster) as executor:
        outcome = execute(planned, compute, store, executor=executor)
    assert sorted((c.config.number, why) for c, why in outcome.failures) == [
        (2, "ValueError: job 2 is impossible"),
        (3, "3 times its worker process died (killed, or out of memory)"),
    ]
    assert store.collect(planned)["squares"]["number"].tolist() == [1, 4]


def test_a_killed_worker_costs_no_cell(cluster, store, tmp_path):
    planned = cells(*(Job(n, "slow") for n in range(24)))
    with (
        worker(cluster, tmp_path / "3", threads=4) as doomed,
        ClusterExecutor(cluster) as executor,
        ThreadPoolExecutor(1) as pool,
    ):
        running = pool.submit(execute, planned, compute, store, executor=executor)
        while not (running.done() or any(store.holds(cell) for cell in planned)):
            time.sleep(0.02)
        end(doomed)
        outcome = running.result()
    assert (outcome.computed, outcome.failures) == (24, [])


class _Moved(ClusterExecutor):
    """Before the first cell is sent, the file of the data goes away."""

    file = Path()

    def submit(self, fn, /, *args, **kwargs):
        self.file.unlink(missing_ok=True)
        return super().submit(fn, *args, **kwargs)


def test_tables_are_those_of_this_machine_also_where_no_worker_has_the_data(cluster, tmp_path):
    dataset = synthetic()
    file = tmp_path / "own.npz"
    side = dataset.shape
    np.savez(
        file,
        images=dataset.images.reshape(-1, *side),
        labels=dataset.labels,
        test_images=dataset.test_images.reshape(-1, *side),
        test_labels=dataset.test_labels,
    )
    settings = settings_of("low-capacity")(
        dataset=str(file),
        protocol=("corrected",),
        tasks=("0-1", "0-2"),
        hidden=(2, 4),
        seeds=2,
        epochs=3,
        least_steps=20,
    )
    study, some = find("low-capacity"), ("graceful",)
    here = conduct(study, settings, tmp_path / "here", workers=1, claims=some)
    _Moved.file = file
    with _Moved(cluster) as executor:
        there = conduct(study, settings, tmp_path / "there", executor=executor, claims=some)
    assert there.failures == []
    assert set(here.tables) == set(there.tables)
    for name, table in here.tables.items():
        pd.testing.assert_frame_equal(table, there.tables[name], check_exact=True)


def kit(content=str.encode) -> Kit:
    return Kit(lacks, take, compiled, content)


@pytest.mark.parametrize("right", [True, False])
def test_data_are_sent_to_whom_lacks_them_and_checked_there(cluster, store, right):
    planned, said = cells(*map(Job, range(6))), []
    with ClusterExecutor(cluster, wait=1, say=said.append) as executor:
        sent = kit() if right else kit(lambda sha256: b"damaged")
        if right:
            assert execute(planned, compute, store, executor=executor, kit=sent).computed == 6
            assert said == []
        else:
            with pytest.raises(RunError, match=r"no worker that fits \(worker tcp://.* other data"):
                execute(planned, compute, store, executor=executor, kit=sent)
            assert len(said) == 2


def test_an_empty_cluster_says_so_in_time(empty, store):
    planned = cells(Job(1))
    with ClusterExecutor(empty, wait=0.6) as executor:
        with pytest.raises(RunError, match=r"no worker for 0\.6 s; finished cells are kept"):
            execute(planned, compute, store, executor=executor)
        with pytest.raises(RunError, match="no worker"):  # and so it stays
            execute(planned, compute, store, executor=executor)


def test_a_worker_of_another_version_is_refused_by_name(empty, store, tmp_path):
    other = tmp_path / "packages" / "jax-0.9.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: jax\nVersion: 0.9\n")
    said = []
    path = os.pathsep.join(filter(None, [str(other.parent), os.environ.get("PYTHONPATH", "")]))
    with (
        worker(empty, tmp_path / "worker", env={"PYTHONPATH": _with_sources(path)}),
        ClusterExecutor(empty, wait=60, say=said.append) as executor,
    ):
        while not said:
            time.sleep(0.05)
        executor._wait = 0.5  # it came; there is nothing more to wait for
        with pytest.raises(RunError, match="no worker that fits"):
            execute(cells(Job(1)), compute, store, executor=executor)
    (line,) = said
    assert line.startswith("worker tcp://127.0.0.1:")
    assert f"has jax 0.9, here {deciding_versions()['jax']}" in line


def _with_sources(path: str) -> str:
    root = Path(__file__).parents[2]
    return os.pathsep.join([path, str(root / "src"), str(root)])


def test_the_schedulers_death_keeps_finished_cells_and_the_run_goes_on(store, tmp_path):
    planned = cells(*(Job(n, "slow") for n in range(12)))
    with (
        scheduler(tmp_path / "dask") as (address, process),
        worker(address, tmp_path / "worker"),
        ClusterExecutor(address) as executor,
        ThreadPoolExecutor(1) as pool,
    ):
        running = pool.submit(execute, planned, compute, store, executor=executor)
        while not (running.done() or any(store.holds(cell) for cell in planned)):
            time.sleep(0.02)
        end(process)
        with pytest.raises(RunError, match=f"the scheduler {address} is gone"):
            running.result()
    kept = sum(map(store.holds, planned))
    assert 0 < kept < 12
    outcome = execute(planned, compute, store, workers=1)
    assert (outcome.kept, outcome.computed) == (kept, 12 - kept)


def test_an_interrupt_cancels_what_is_queued(cluster, store, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    planned = cells(*(Job(n, "slow") for n in range(40)))
    with contextlib.suppress(KeyboardInterrupt), ClusterExecutor(cluster) as executor:
        monkeypatch.setattr("lowcap.interrupt.check", interrupted)
        execute(planned, compute, store, executor=executor)
    assert not executor._jobs
    assert not executor._thread.is_alive()
    monkeypatch.undo()
    with ClusterExecutor(cluster) as executor:  # nothing stands in the way of the next run
        assert execute(planned[:3], compute, store, executor=executor).failures == []


@pytest.mark.parametrize(
    ("address", "kind", "line"),
    [
        ("tcp://127.0.0.1:9", RunError, "no scheduler answers there"),
        ("nonsense://1", SettingsError, "--scheduler nonsense://1"),
    ],
)
def test_no_scheduler_is_one_line(address, kind, line):
    with pytest.raises(kind, match=line):
        ClusterExecutor(address, wait=0.5)


def test_a_wait_must_be_a_time():
    with pytest.raises(SettingsError, match="--wait 0: must be above 0"):
        ClusterExecutor("tcp://127.0.0.1:9", wait=0)
