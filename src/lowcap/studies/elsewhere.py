"""What the cells of studies need on other machines: their data sets, a place for compiled code."""

from collections.abc import Sequence
from pathlib import Path

from lowcap.data import Dataset
from lowcap.data.references import lacks_referenced, packed, take_referenced
from lowcap.data.sources import cache_dir
from lowcap.runs import Kit


def compiled_dir() -> Path:
    """The folder in which all processes of this machine keep compiled code."""
    return cache_dir() / "compiled"


def kit_for(datasets: Sequence[Dataset]) -> Kit:
    """What workers elsewhere need for cells on these data sets."""
    known = {dataset.sha256: dataset for dataset in datasets}

    def content(sha256: str) -> bytes:
        return packed(known[sha256])

    return Kit(lacks_referenced, take_referenced, compiled_dir, content)
