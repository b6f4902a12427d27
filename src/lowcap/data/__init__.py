"""What networks see: data sets, tasks and their splits, samples, synthetic problems."""

from lowcap.data.datasets import BUILT_IN, NAMES, Dataset, load_dataset
from lowcap.data.references import DataReference, load_referenced
from lowcap.data.samples import Sample, sample
from lowcap.data.tasks import Labelled, Split, Task, pair_task, parse_task

__all__ = [
    "BUILT_IN",
    "NAMES",
    "DataReference",
    "Dataset",
    "Labelled",
    "Sample",
    "Split",
    "Task",
    "load_dataset",
    "load_referenced",
    "pair_task",
    "parse_task",
    "sample",
]
