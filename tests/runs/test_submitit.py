"""The example of docs/many-machines.md, on submitit's executor for one machine."""

import threading
from concurrent.futures import Executor, Future

import pytest

from lowcap.runs import Store, execute
from tests.runs.work import Job, cells, compute

submitit = pytest.importorskip("submitit")


class Jobs(Executor):
    """Each call is a job of its own."""

    def __init__(self, folder, **parameters):
        self.jobs = submitit.AutoExecutor(folder, cluster="local")
        self.jobs.update_parameters(**parameters)

    def submit(self, fn, /, *args):
        job, future = self.jobs.submit(fn, *args), Future()

        def follow():
            try:
                future.set_result(job.result())
            except Exception as error:
                future.set_exception(error)

        threading.Thread(target=follow, daemon=True).start()
        return future


def test_cells_are_jobs(tmp_path):
    planned, store = cells(Job(1), Job(2, "describe"), Job(3)), Store(tmp_path / "run")
    with store.locked():
        jobs = Jobs(tmp_path / "jobs", timeout_min=5)
        outcome = execute(planned, compute, store, executor=jobs, memory=10**9)
        assert (outcome.computed, outcome.failures) == (3, [])
        told = store.collect(planned)["squares"]
    assert told["square"].dropna().tolist() == [1, 9]
    assert told["memory"].dropna().tolist() == ["1000000000"]
