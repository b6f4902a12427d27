"""Processes that draw figures, made ready while their caller does something else.

What they need is imported once, in a process from which they are forked where the system can do
that; elsewhere each imports it anew. That process has no threads and has computed nothing, so that
forking it is safe.
"""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker

from lowcap import interrupt
from lowcap.studies import NAMES

FORKED = "forkserver" in multiprocessing.get_all_start_methods()


def figures_of(study: str) -> str | None:
    """The module of a study's figures; None if there is no such study."""
    if study not in NAMES:
        return None
    return f"{NAMES[study].rpartition('.')[0]}.figures"


def make_ready(study: str) -> None:
    """Start to import what the figures of a study need, in a process of its own.

    Args:
        study: its name; nothing happens if there is no such study.
    """
    figures = figures_of(study)
    if not FORKED or figures is None:
        return
    multiprocessing.get_context("forkserver").set_forkserver_preload([figures])
    resource_tracker.ensure_running()
    with interrupt.later():  # it reaches all processes; what is to be said of it, the caller says
        forkserver.ensure_running()


@contextmanager
def drawing(workers: int) -> Iterator[Executor | None]:
    """Processes to draw in, ended at once if anything goes wrong; None for one worker."""
    if workers == 1:
        yield None
        return
    from lowcap.runs import process_pool  # pandas comes with it

    pool = process_pool(workers, start="forkserver" if FORKED else "spawn")
    try:
        yield pool
    except BaseException:
        interrupt.end(pool)
        raise
    pool.shutdown()
