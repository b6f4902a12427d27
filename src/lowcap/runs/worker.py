"""What a worker process is: one thread on one core, gone when its parent is gone."""

import multiprocessing
import os
import signal
import threading
from pathlib import Path
from typing import Any


def start_worker(cache: str | None, started: Any) -> None:
    """Prepare a fresh worker process, before it computes anything.

    Args:
        cache: a folder for compiled code, or None.
        started: a shared counter of the workers started so far.
    """
    with started.get_lock():
        number = started.value
        started.value += 1
    # Narrow products do not fill two cores: one single-threaded process a core is faster. XLA
    # sizes its thread pool by the cores it may use, so the process must be bound to one.
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})
    flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    threading.Thread(target=_follow_parent, daemon=True).start()
    import threadpoolctl

    threadpoolctl.threadpool_limits(1)
    if cache:
        keep_compiled(Path(cache))


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
