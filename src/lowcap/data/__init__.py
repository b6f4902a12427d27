"""What networks see: data sets, tasks and their splits, samples, folds."""

from lowcap.data.arrays import array_task
from lowcap.data.classes import classes_task, pair_task, parse_classes, parse_task
from lowcap.data.datasets import BUILT_IN, NAMES, Dataset, load_dataset
from lowcap.data.folds import Folds, cross_validation
from lowcap.data.names import CLASS_NAMES, task_in_words
from lowcap.data.references import DataReference, load_referenced
from lowcap.data.samples import Sample, sample
from lowcap.data.tables import load_task, table_task
from lowcap.data.tasks import Kind, Labelled, Split, Target, Task

__all__ = [
    "BUILT_IN",
    "CLASS_NAMES",
    "NAMES",
    "DataReference",
    "Dataset",
    "Folds",
    "Kind",
    "Labelled",
    "Sample",
    "Split",
    "Target",
    "Task",
    "array_task",
    "classes_task",
    "cross_validation",
    "load_dataset",
    "load_referenced",
    "load_task",
    "pair_task",
    "parse_classes",
    "parse_task",
    "sample",
    "table_task",
    "task_in_words",
]
