"""Timing contenders in processes of their own, each in its best setting."""

import multiprocessing
import os
import statistics
import time
from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple

import numpy as np
import threadpoolctl

from lowcap.bench.cases import AnyCase, Case, TableCase, workload
from lowcap.bench.cold import bind, cold_starts, peak_memory, thread_settings
from lowcap.bench.contenders import Contender
from lowcap.errors import RunError
from lowcap.streams import stream

_PATIENCE = 900


class Cores(NamedTuple):
    """How a contender uses the machine."""

    processes: int
    """How many train a population each, at the same time."""
    threads: int = 1
    """Cores of each of them."""


class Timing(NamedTuple):
    """What one contender needed for one case."""

    contender: str
    setting: str
    """"processes" (one single-threaded process a core) or "threads" (one process, all cores)."""
    seconds: list[float]
    """For one population and epoch, with all cores at work; one value a repetition."""
    memory: float
    """Largest resident memory of a process, in MiB."""
    start: str = "warm"
    """"warm" (compiled and trained once before), or "cold": a fresh process from its first import
    to its last epoch."""

    @property
    def median(self) -> float:
        """The middle repetition."""
        return statistics.median(self.seconds)


def _child(cores, threads, where, case, repetitions, barrier, results):
    """Prepare, wait for the others, train as often as asked. Runs in a process of its own."""
    bind(cores)
    os.environ.update(thread_settings(threads))
    threadpoolctl.threadpool_limits(threads)
    try:
        module, _, name = where.partition(":")
        train = getattr(import_module(module), name)(workload(case))
        train()
        times = []
        for _ in range(repetitions):
            barrier.wait(_PATIENCE)
            start = time.perf_counter()
            train()
            times.append((time.perf_counter() - start) / case.epochs)
        results.put((times, peak_memory(), ""))
    except BaseException as error:  # whatever it is, the parent says it in one line
        barrier.abort()
        results.put(([], 0.0, f"{type(error).__name__}: {error}"))


def timed(
    name: str,
    where: str,
    case: AnyCase,
    cores: Cores,
    repetitions: int = 5,
) -> Timing:
    """Time one contender.

    Args:
        name: what to call it.
        where: where to import it from, as "module:function".
        case: what to train.
        cores: how it uses the machine.
        repetitions: timed trainings, after one that is not timed.

    Raises:
        RunError: it failed.
    """
    context = multiprocessing.get_context("spawn")
    processes, threads = cores
    barrier, results = context.Barrier(processes), context.Queue()
    children = []
    for some in _shares(cores):
        arguments = (some, threads, where, case, repetitions, barrier, results)
        children.append(context.Process(target=_child, args=arguments, daemon=True))
    for child in children:
        child.start()
    found = [results.get(timeout=_PATIENCE) for _ in children]
    for child in children:
        child.join()
    failed = [reason for _, _, reason in found if reason and "BrokenBarrier" not in reason]
    if failed:
        raise RunError(f"{name} on {case.name}: {failed[0]}")
    # Processes train a population each: a round takes as long as the slowest, and gives as many.
    rounds = np.max([times for times, _, _ in found], axis=0) / processes
    return Timing(name, _setting(cores), rounds.tolist(), max(peak for _, peak, _ in found))


def timed_cold(
    name: str, where: str, case: TableCase, cores: Cores, repetitions: int = 5
) -> Timing:
    """Time one contender as `timed` does, in a fresh process each time, imports and all.

    Raises:
        RunError: it failed.
    """
    found = []
    for _ in range(repetitions):
        try:
            found.append(cold_starts(where, case, _shares(cores), cores.threads))
        except RuntimeError as error:
            raise RunError(f"{name} on {case.name}: {error}") from error
    seconds = [spent / cores.processes / case.epochs for spent, _ in found]
    return Timing(name, _setting(cores), seconds, max(peak for _, peak in found), "cold")


def _shares(cores: Cores) -> list[set[int]]:
    """The cores of each process; nothing where the system does not tell."""
    every = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    firsts = [number * cores.threads for number in range(cores.processes)]
    return [
        {every[place % len(every)] for place in range(first, first + cores.threads) if every}
        for first in firsts
    ]


def _setting(cores: Cores) -> str:
    return "threads" if cores.threads > 1 else "processes"


def _settings() -> list[Cores]:
    """All cores at work: in processes of one thread, or in threads of one process."""
    from lowcap.runs import default_workers  # slow to import: the contenders' processes need not

    count = default_workers()
    return [Cores(count), Cores(1, count)] if count > 1 else [Cores(1)]


def benchmark(
    case: AnyCase, contenders: Mapping[str, Contender], *, repetitions: int = 5
) -> list[Timing]:
    """Time each contender in both settings and keep the faster one; on a table, cold as well.

    Args:
        case: what to train.
        contenders: by name, such as one family of `CONTENDERS`; those that the case would take
            too long are passed over.
        repetitions: timed trainings of each, after one that is not timed.

    Raises:
        RunError: a contender failed.
    """
    chosen = []
    for name, (where, too_long, _) in contenders.items():
        if case.name in too_long:
            continue
        timings = [timed(name, where, case, cores, repetitions) for cores in _settings()]
        chosen.append(min(timings, key=lambda timing: timing.median))
        if isinstance(case, TableCase):
            colds = [timed_cold(name, where, case, cores, repetitions) for cores in _settings()]
            chosen.append(min(colds, key=lambda timing: timing.median))
    return chosen


def _gemm(work) -> object:
    """A contender of sorts: one large single-precision product, timed as the others are."""
    generator = stream("benchmark data")
    one, other = (generator.random((_SIDE, _SIDE), dtype=np.float32) for _ in range(2))
    return lambda: one @ other


def _jax_gemm(work) -> object:
    """The same product by XLA, which is faster than NumPy's library on some machines."""
    import jax

    generator = stream("benchmark data")
    one, other = (jax.numpy.asarray(generator.random((_SIDE, _SIDE), np.float32)) for _ in range(2))
    product = jax.jit(jax.numpy.matmul)
    return lambda: jax.block_until_ready(product(one, other))


_SIDE = 2048


def gemm_limit(repetitions: int = 5) -> float:
    """Operations a second of the machine's best large product, all cores at work.

    The better of NumPy's and JAX's, each in its best setting.
    """
    case = Case("gemm", "one large product", (1,), 128, 1, rows=128)
    best = min(
        min(timed("gemm", f"{__name__}:{product}", case, cores, repetitions).seconds)
        for product in ("_gemm", "_jax_gemm")
        for cores in _settings()
    )
    return 2 * _SIDE**3 / best
