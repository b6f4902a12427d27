"""What networks see: data sets, tasks and their splits."""

from lowcap.data.datasets import BUILT_IN, NAMES, Dataset, load_dataset
from lowcap.data.tasks import Labelled, Split, Task, pair_task, parse_task

__all__ = [
    "BUILT_IN",
    "NAMES",
    "Dataset",
    "Labelled",
    "Split",
    "Task",
    "load_dataset",
    "pair_task",
    "parse_task",
]
