"""Timing contenders, each in its best setting."""

import statistics
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

from lowcap.bench.cases import AnyCase, TableCase, workload
from lowcap.bench.cold import cold_starts
from lowcap.bench.contenders import Contender
from lowcap.bench.processes import Cores, measured, settings
from lowcap.errors import RunError


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


def found_at(where: str) -> Any:
    """What stands at "module:function"."""
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)


def _trains(where: str, case: AnyCase) -> list[Callable[[], object]]:
    return [found_at(where)(workload(case)).train]


def timed(name: str, where: str, case: AnyCase, cores: Cores, repetitions: int = 5) -> Timing:
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
    try:
        found = measured(partial(_trains, where, case), cores, repetitions)
    except RunError as error:
        raise RunError(f"{name} on {case.name}: {error}") from error
    return Timing(name, cores.setting, (found.seconds[:, 0] / case.epochs).tolist(), found.memory)


def timed_cold(
    name: str, where: str, case: TableCase, cores: Cores, repetitions: int = 5
) -> Timing:
    """Time one contender as `timed` does, in a fresh process each time, imports and all.

    Raises:
        RunError: it failed.
    """
    try:
        found = [cold_starts(where, case, cores.shares, cores.threads) for _ in range(repetitions)]
    except RunError as error:
        raise RunError(f"{name} on {case.name}: {error}") from error
    seconds = [spent / cores.processes / case.epochs for spent, _ in found]
    return Timing(name, cores.setting, seconds, max(peak for _, peak in found), "cold")


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
    fastest = []
    for name, contender in contenders.items():
        if case.name in contender.too_long:
            continue
        where = contender.where
        timings = [timed(name, where, case, cores, repetitions) for cores in settings()]
        fastest.append(min(timings, key=lambda timing: timing.median))
        if isinstance(case, TableCase):
            colds = [timed_cold(name, where, case, cores, repetitions) for cores in settings()]
            fastest.append(min(colds, key=lambda timing: timing.median))
    return fastest
