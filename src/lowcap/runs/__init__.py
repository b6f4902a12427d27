"""Cells executed anywhere: store, resume, executor, progress. Knows no study."""

from lowcap.runs.cell import FIT, Cell, CellResult, non_defaults
from lowcap.runs.execute import Files, Outcome, default_workers, execute, process_pool
from lowcap.runs.machine import environment
from lowcap.runs.progress import RunProgress
from lowcap.runs.store import Store, write_whole

__all__ = [
    "FIT",
    "Cell",
    "CellResult",
    "Files",
    "Outcome",
    "RunProgress",
    "Store",
    "default_workers",
    "environment",
    "execute",
    "non_defaults",
    "process_pool",
    "write_whole",
]
