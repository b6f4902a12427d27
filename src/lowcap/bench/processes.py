"""Work timed in processes of its own that start each repetition together."""

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import threadpoolctl
from jaxtyping import Float

from lowcap.bench.cold import bind, peak_memory, thread_settings
from lowcap.errors import RunError

_PATIENCE = 900

Prepare = Callable[[], Sequence[Callable[[], object]]]
"""Called in each process; gives what is to be timed, one function after the other."""


class Cores(NamedTuple):
    """How a contender uses the machine."""

    processes: int
    """How many train a population each, at the same time."""
    threads: int = 1
    """Cores of each of them."""

    @property
    def setting(self) -> str:
        """In one word."""
        return "threads" if self.threads > 1 else "processes"

    @property
    def shares(self) -> list[set[int]]:
        """The numbers of the cores of each process; nothing where the system does not tell."""
        every = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        firsts = [number * self.threads for number in range(self.processes)]
        return [
            {every[place % len(every)] for place in range(first, first + self.threads) if every}
            for first in firsts
        ]


def settings() -> list[Cores]:
    """All cores at work: in processes of one thread, or in threads of one process."""
    from lowcap.runs import default_workers  # slow to import: the contenders' processes need not

    count = default_workers()
    return [Cores(count), Cores(1, count)] if count > 1 else [Cores(1)]


class Measured(NamedTuple):
    """What processes needed."""

    seconds: Float[np.ndarray, "repetitions functions"]
    """For one call of each function and one process's worth of work: the slowest process's time
    by the number of processes."""
    memory: float
    """Largest resident memory of a process, in MiB."""


def measured(prepare: Prepare, cores: Cores, repetitions: int) -> Measured:
    """Time functions, each after one call that is not timed.

    Args:
        prepare: a function of a module, or a `functools.partial` of one: it is pickled.
        cores: how many processes and threads.
        repetitions: timed calls of each.

    Raises:
        RunError: a process failed.
    """
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(cores.processes), context.Queue()
    children = []
    for some in cores.shares:
        arguments = (prepare, some, cores.threads, repetitions, barrier, results)
        children.append(context.Process(target=_child, args=arguments, daemon=True))
    for child in children:
        child.start()
    found = [results.get(timeout=_PATIENCE) for _ in children]
    for child in children:
        child.join()
    failed = [reason for _, _, reason in found if reason and "BrokenBarrier" not in reason]
    if failed:
        raise RunError(failed[0])
    rounds = np.max([times for times, _, _ in found], axis=0) / cores.processes
    return Measured(rounds, max(peak for _, peak, _ in found))


def _child(
    prepare: Prepare, cores: set[int], threads: int, repetitions: int, barrier: Any, results: Any
) -> None:
    """Prepare, wait for the others, call as often as asked. Runs in a process of its own."""
    bind(cores)
    os.environ.update(thread_settings(threads))
    threadpoolctl.threadpool_limits(threads)
    try:
        functions = prepare()
        for function in functions:
            function()
        times = [[_clocked(each, barrier) for each in functions] for _ in range(repetitions)]
        results.put((times, peak_memory(), ""))
    except BaseException as error:  # whatever it is, the parent says it in one line
        barrier.abort()
        results.put(([], 0.0, f"{type(error).__name__}: {error}"))


def _clocked(function: Callable[[], object], barrier: Any) -> float:
    barrier.wait(_PATIENCE)
    start = time.perf_counter()
    function()
    return time.perf_counter() - start
