"""Runs that hold networks and nothing else, made in no time."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from lowcap.data import DataReference, Dataset, load_dataset
from lowcap.runs import CellResult, Store, environment
from lowcap.small.export.manifest import write_folder
from lowcap.small.kept import ANSWER, kept_files
from lowcap.studies.low_capacity.settings import Settings
from lowcap.studies.low_capacity.study import STUDY
from lowcap.studies.low_capacity.training import files_of
from tests.small.made import made

PLAN = {
    "tasks": ("0-1", "4-9"), "hidden": (2, 23), "protocol": ("published", "corrected"),
    "seeds": 1, "epochs": 40, "least_steps": 10,
}  # fmt: skip


def image_run(folder: Path, **changes) -> Dataset:
    """A run of low-capacity on the built-in digits, or another data set, without its tables."""
    settings = Settings(**(PLAN | changes))
    dataset = load_dataset(settings.dataset)
    reference = DataReference(dataset.name, dataset.sha256, (settings.dataset, None))
    store = Store(folder)
    for cell in STUDY.cells(settings, [reference]):
        if cell.config.purpose == "everything":
            store.write(cell, CellResult(files_of(cell), {}))
    record = {
        "study": STUDY.name,
        "settings": asdict(settings),
        "data": [{"name": dataset.name, "sha256": dataset.sha256}],
        **environment(),
    }
    store.write_record(record)
    return dataset


def row_run(folder: Path, seed: int = 38) -> pd.DataFrame:
    """A folder such as `lowcap small` leaves, around a network that knows nothing."""
    model, table = made(seed)
    hidden = model.network.dense.hidden[0] if model.network.dense.hidden else 0
    candidates = {(hidden, 0.0): model}
    answer = {
        "sentence": "A sentence.",
        "bits": 8,
        "kept": {"hidden": hidden, "sparsity": 0.0},
        "data": {"name": "cats.csv", "target": "breed", "kind": model.network.kind},
    }
    files = kept_files(candidates, table, table)
    write_folder(folder, {**files, ANSWER: json.dumps(answer)}, "0" * 64)
    return table


def coloured(path: Path) -> Path:
    """A user's own colour images of two classes, as floats."""
    rng = np.random.default_rng(0)
    labels = np.arange(80) % 2
    images = rng.random((80, 6, 6, 3), dtype=np.float32) * 0.5
    images[labels == 1, 2:4, 2:4, 0] = 1.0
    np.savez(path, images=images, labels=labels)
    return path
