"""One cell: train a population by a protocol, and put it under every instrument."""

from functools import lru_cache

import pandas as pd

from lowcap.data import Dataset, load_dataset, pair_task, parse_task
from lowcap.errors import DataError
from lowcap.measures import capacity, history, prune
from lowcap.networks import grid, to_arrays
from lowcap.runs import Cell, CellResult
from lowcap.studies.low_capacity.plan import CellConfig
from lowcap.studies.low_capacity.protocols import PROTOCOLS, released_count
from lowcap.studies.low_capacity.settings import LEARNING_RATE, SPARSITY
from lowcap.training import fit


@lru_cache(maxsize=1)
def _dataset(source: tuple[str, str | None], data_sha256: str) -> Dataset:
    dataset = load_dataset(*source)
    if dataset.sha256 != data_sha256:
        raise DataError(f"{dataset.name}: a worker found other data than the run was planned with")
    return dataset


def compute(cell: Cell) -> CellResult:
    """Train and measure the networks of one cell."""
    config: CellConfig = cell.config
    protocol = PROTOCOLS[config.protocol]
    dataset = _dataset(cell.source, cell.data_sha256)
    task = pair_task(dataset, *parse_task(config.task))
    split = protocol.split(task, config.seed)
    members = grid(config.hidden, [LEARNING_RATE], [config.seed], [protocol.initialiser])
    fitted = fit(
        members,
        split,
        epochs=config.epochs,
        batch_size=protocol.batch_size,
        seed=config.seed,
        initial=protocol.initial(task, members),
    )
    pruning = [
        prune(fitted, split, (0.0, *SPARSITY)).assign(rule="exact"),
        prune(fitted, split, (0.0, *SPARSITY), scope="global").assign(rule="exact"),
        prune(fitted, split, (0.0, *SPARSITY), count=released_count).assign(rule="released"),
    ]
    tables = {
        "capacity": capacity(fitted, split),
        "history": history(fitted),
        "pruning": pd.concat(pruning, ignore_index=True),
    }
    key = {
        "study": cell.study,
        "protocol": config.protocol,
        "dataset": config.dataset,
        "task": config.task,
    }
    return CellResult(
        {name: _keyed(table, key) for name, table in tables.items()}, to_arrays(fitted.wide)
    )


def _keyed(table: pd.DataFrame, key: dict[str, str]) -> pd.DataFrame:
    for position, (name, value) in enumerate(key.items()):
        table.insert(position, name, value)
    return table
