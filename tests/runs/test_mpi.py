"""The example of docs/many-machines.md, on MPI: one process plans and two compute."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from lowcap.runs import Store, execute
from tests.runs.work import Job, cells, compute

pytest.importorskip("mpi4py", exc_type=ImportError)
mpiexec = shutil.which("mpiexec")
if mpiexec is None:
    pytest.skip("there is no mpiexec", allow_module_level=True)

HERE = ["-launcher", "fork", "-iface", "lo"]
"""MPICH's ways to start processes on this machine, and to speak by its loopback interface."""

PROGRAM = """
import json
import sys
from pathlib import Path

from mpi4py.futures import MPIPoolExecutor
from lowcap.runs import Store, execute
from tests.runs.work import Job, cells, compute

if __name__ == "__main__":
    planned, store = cells(*(Job(number) for number in range(6))), Store(Path(sys.argv[1]))
    with store.locked(), MPIPoolExecutor() as executor:
        outcome = execute(planned, compute, store, executor=executor)
        print(json.dumps([outcome.computed, outcome.failures, executor.num_workers]))
"""


def test_processes_of_mpi_compute_what_those_of_this_machine_do(tmp_path):
    (tmp_path / "run.py").write_text(PROGRAM)
    program = [sys.executable, "-m", "mpi4py.futures", tmp_path / "run.py", tmp_path / "there"]
    done = subprocess.run(
        [mpiexec, *HERE, "-n", "3", *program],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [6, [], 2]
    planned, here = cells(*(Job(number) for number in range(6))), Store(tmp_path / "here")
    with here.locked(), ThreadPoolExecutor(1) as executor:
        execute(planned, compute, here, executor=executor)
    there = Store(tmp_path / "there")
    assert all(there.holds(cell) for cell in planned)
    pd.testing.assert_frame_equal(
        there.collect(planned)["squares"], here.collect(planned)["squares"]
    )
