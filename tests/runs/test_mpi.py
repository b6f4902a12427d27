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

CELLS = """
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

STUDY = """
import sys
from pathlib import Path
from lowcap.studies import find, settings_of
from lowcap.studies.study import conduct

study = find("low-capacity")
settings = settings_of("low-capacity")(
    tasks=("0-1",), hidden=(2, 4), seeds=2, epochs=3, least_steps=5
)

if __name__ == "__main__":
    from mpi4py.futures import MPIPoolExecutor

    with MPIPoolExecutor() as executor:
        conduct(study, settings, Path(sys.argv[1]), executor=executor, workers=2)
"""


def started(program, folder):
    """What a program says that three processes of MPI run; its first argument is a run's folder."""
    (folder / "run.py").write_text(program)
    command = [sys.executable, "-m", "mpi4py.futures", folder / "run.py", folder / "there"]
    done = subprocess.run(
        [mpiexec, *HERE, "-n", "3", *command],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
def test_a_study_is_published_by_the_process_that_plans(tmp_path):
    started(STUDY, tmp_path)
    assert (tmp_path / "there" / "report.html").is_file()


def test_processes_of_mpi_compute_what_those_of_this_machine_do(tmp_path):
    assert json.loads(started(CELLS, tmp_path)) == [6, [], 2]
    planned, here = cells(*(Job(number) for number in range(6))), Store(tmp_path / "here")
    with here.locked(), ThreadPoolExecutor(1) as executor:
        execute(planned, compute, here, executor=executor)
    there = Store(tmp_path / "there")
    assert all(there.holds(cell) for cell in planned)
    pd.testing.assert_frame_equal(
        there.collect(planned)["squares"], here.collect(planned)["squares"]
    )
