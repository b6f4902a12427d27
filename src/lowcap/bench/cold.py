"""Cold starts: a fresh process with no compiled code, from its first import to its last epoch."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib import import_module
from typing import Any

from lowcap.bench.cases import TableCase, workload
from lowcap.errors import RunError


def cold_starts(where: str, case: TableCase, cores: list[set[int]], threads: int) -> Any:
    """Start one process a set of cores at the same time and wait until each has trained.

    Args:
        where: the contender, as "module:function".
        case: what to train.
        cores: those of each process; empty where the system cannot bind a process.
        threads: of each process.

    Returns:
        Seconds until the last one ended, and the largest resident memory of one in MiB.

    Raises:
        RunError: one of them failed; the message is its last line.
    """
    environment = without_cache(os.environ) | thread_settings(threads)
    start = time.perf_counter()
    children = [
        subprocess.Popen(
            [sys.executable, "-m", __name__, where, json.dumps(asdict(case)), json.dumps([*some])],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for some in cores
    ]  # fmt: skip
    said = [child.communicate() for child in children]
    seconds = time.perf_counter() - start
    for child, (_, errors) in zip(children, said, strict=True):
        if child.returncode:
            raise RunError(errors.strip().splitlines()[-1] if errors.strip() else "it ended")
    return seconds, max(float(printed) for printed, _ in said)


def without_cache(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, JAX's stored programs switched off in it."""
    kept = {name: value for name, value in environment.items() if not name.startswith("JAX_COMPIL")}
    return kept | {"JAX_ENABLE_COMPILATION_CACHE": "false"}


def thread_settings(threads: int) -> dict[str, str]:
    """Environment variables by which every library keeps to so many threads."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    settings = dict.fromkeys(names, str(threads)) | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    return settings | ({"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"} if threads == 1 else {})


def main(where: str, case: str, cores: str) -> None:
    """What the fresh process does: train once, then print its largest resident memory."""
    bind(json.loads(cores))
    module, _, name = where.partition(":")
    settings = json.loads(case)
    table = replace(TableCase(**settings), hidden=tuple(settings["hidden"]))
    getattr(import_module(module), name)(workload(table)).train()
    print(peak_memory())


def bind(cores: Any) -> None:
    """Keep this process on some cores, where the system can."""
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)


def peak_memory() -> float:
    """The largest resident memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
