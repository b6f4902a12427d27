"""How a data set is named in a plan, and found again by a worker."""

from functools import lru_cache
from typing import NamedTuple

from lowcap.data.datasets import Dataset, load_dataset
from lowcap.errors import DataError


class DataReference(NamedTuple):
    """Enough to name a data set in a cell and to find it in another process."""

    name: str
    sha256: str
    source: tuple[str, str | None] = ("", None)
    """Name or path, and the folder to look in first."""


@lru_cache(maxsize=2)
def load_referenced(source: tuple[str, str | None], sha256: str) -> Dataset:
    """The data set, loaded once a process.

    Raises:
        DataError: what is found is not the data that was meant.
    """
    dataset = load_dataset(*source)
    if dataset.sha256 != sha256:
        raise DataError(f"{dataset.name}: a worker found other data than the run was planned with")
    return dataset
