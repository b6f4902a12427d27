"""What a worker process is: one thread on one core, or one device; gone when its parent is gone."""

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import filelock

from lowcap.memory import MEMORY, allowed, share_of_free
from lowcap.runs.devices import devices, see_only

_claims: list[filelock.BaseFileLock] = []
"""Cores and devices that this process has to itself; they are free again when it ends."""

_preparing = threading.Lock()
_prepared = 0
"""The number of this process, once it has been prepared."""


def start_worker(
    cache: str | None, started: Any, memory: int | None = None, on: Sequence[str] = ()
) -> None:
    """Prepare a fresh worker process, before it computes anything.

    Args:
        cache: a folder for compiled code, or None.
        started: a shared counter of the workers started so far.
        memory: bytes that a training may take.
        on: devices that the workers share out; without any, they compute on a core each.
    """
    with started.get_lock():
        number: int = started.value
        started.value += 1
    device = on[number % len(on)] if on else None
    if device is None:
        _bind(number)
    _one_thread()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    threading.Thread(target=_follow_parent, daemon=True).start()
    if memory is not None:
        os.environ[MEMORY] = str(memory)
    if device is not None:
        see_only(device, alone=True)
    if cache:
        keep_compiled(Path(cache))


def prepare(cache: Path | None, memory: int | None) -> None:
    """Make this process a worker, the first time it is called; others started it.

    Args:
        cache: a folder for compiled code, or None.
        memory: bytes that a training may take; a share of what is free unless given.
    """
    global _prepared
    with _preparing:
        if _prepared == os.getpid():
            return
        _prepared = os.getpid()
        found, cores = devices(), _cores()
        # As many such processes as there are devices or cores, for all that one of them knows.
        memory = memory or allowed() or share_of_free(len(found or cores))
        os.environ[MEMORY] = str(memory)
        device: str | None = None
        alone = False
        if found:
            device, alone = _claim("device", found)
        elif cores:
            core, _ = _claim("core", [str(core) for core in cores])
            os.sched_setaffinity(0, {int(core)})
        _one_thread()
        if device is not None:
            see_only(device, alone)
        if cache is not None:
            keep_compiled(cache)


def _cores() -> list[int]:
    """The cores that this process may use, where it can choose among them."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def _bind(number: int) -> None:
    """Take one core of those that this process may use."""
    # Narrow products do not fill two cores: one single-threaded process a core is faster. XLA
    # sizes its thread pool by the cores it may use, so the process must be bound to one.
    cores = _cores()
    if cores:
        os.sched_setaffinity(0, {cores[number % len(cores)]})


def _one_thread() -> None:
    flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import threadpoolctl

    threadpoolctl.threadpool_limits(1)


def _claim(kind: str, names: Sequence[str]) -> tuple[str, bool]:
    """One of the names that no other worker of this machine has claimed, else any of them.

    Also whether this process has it to itself.

    Workers that others start know nothing of each other; files that are locked for as long as a
    process lives tell them what is taken.
    """
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    folder = Path(tempfile.gettempdir()) / f"lowcap-workers-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for name in names:
            lock = filelock.FileLock(folder / f"{kind}-{name}", thread_local=False)
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                continue
            _claims.append(lock)
            return name, True
    except OSError:  # nowhere to write: by chance, then
        pass
    return names[os.getpid() % len(names)], False


def keep_compiled(cache: Path) -> None:
    """Keep compiled code between processes and runs, in the folder `cache`."""
    import jax

    jax.config.update("jax_compilation_cache_dir", str(cache))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def _follow_parent() -> None:
    """End with the parent, however it ended; a killed parent cannot say goodbye."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
