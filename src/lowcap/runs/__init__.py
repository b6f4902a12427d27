"""Cells executed anywhere: store, resume, executor, progress. Knows no study."""

from lowcap.runs.cell import FIT, Cell, CellResult, non_defaults
from lowcap.runs.collecting import LackingTableError, StoredTables, write_tables
from lowcap.runs.elsewhere import Kit
from lowcap.runs.execute import (
    Files,
    Outcome,
    check_workers,
    default_workers,
    execute,
    process_pool,
)
from lowcap.runs.files import write_whole
from lowcap.runs.machine import environment
from lowcap.runs.phases import phase, phases_shown
from lowcap.runs.progress import RunProgress
from lowcap.runs.published import Generation, file_digest
from lowcap.runs.store import Store, record_text

__all__ = [
    "FIT",
    "Cell",
    "CellResult",
    "Files",
    "Generation",
    "Kit",
    "LackingTableError",
    "Outcome",
    "RunProgress",
    "Store",
    "StoredTables",
    "check_workers",
    "default_workers",
    "environment",
    "execute",
    "file_digest",
    "non_defaults",
    "phase",
    "phases_shown",
    "process_pool",
    "record_text",
    "write_tables",
    "write_whole",
]
