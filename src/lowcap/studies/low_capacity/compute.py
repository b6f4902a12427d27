"""One cell: train a population by a protocol, and put it under every instrument."""

from typing import NamedTuple

import pandas as pd

from lowcap.data import Labelled, Split, Task, load_referenced, pair_task, parse_task
from lowcap.data.corruptions import CORRUPTIONS, PAPERS
from lowcap.measures import (
    capacity,
    difficulty,
    embedding,
    examples,
    geometry,
    history,
    keys,
    neurons,
    prune,
    pruned_pairs,
    robustness,
)
from lowcap.networks import OneHiddenLayer, Wide, grid, removed, to_arrays
from lowcap.runs import Cell, CellResult
from lowcap.studies.low_capacity.explain import explain
from lowcap.studies.low_capacity.plan import CellConfig
from lowcap.studies.low_capacity.protocols import PROTOCOLS, released_count
from lowcap.studies.low_capacity.settings import SPARSITY
from lowcap.training import Fitted, fit

DRAWS = 3
"""Corrupted copies of each image, for the paper's corruptions."""

PRUNED = (0.5, 0.8, 0.9)
"""Sparsities at which pruned networks meet corrupted images."""

PRUNED_GEOMETRY = 0.95
"""The sparsity at which hidden space is looked at again."""

PICTURED = ("4-9", 24)
"""The task and hidden size whose hidden space and saliency the paper shows."""

LARGEST_PATCH = 14
"""Images smaller than this are not corrupted: a patch would hide too much of them."""


class Trained(NamedTuple):
    """A cell's networks and what they were trained on."""

    task: Task
    split: Split
    initial: Wide
    fitted: Fitted


def train(cell: Cell) -> Trained:
    """Train the networks of one cell by its protocol."""
    config: CellConfig = cell.config
    protocol = PROTOCOLS[config.protocol]
    task = pair_task(load_referenced(cell.source, cell.data_sha256), *parse_task(config.task))
    split = protocol.split(task, config.seed)
    members = grid(config.hidden, config.learning_rates, [config.seed], [protocol.initialiser])
    initial = protocol.initial(task, members)
    fitted = fit(
        members,
        split,
        epochs=config.epochs,
        batch_size=_batch_size(config),
        seed=config.seed,
        initial=initial,
        precision=config.precision,
    )
    return Trained(task, split, initial, fitted)


def compute(cell: Cell) -> CellResult:
    """Train and measure the networks of one cell."""
    config: CellConfig = cell.config
    trained = train(cell)
    arrays = {}
    if config.purpose == "everything":
        tables, arrays = measure(config, trained), to_arrays(trained.fitted.wide)
    elif config.purpose == "learning rates":
        tables = {"learning_rate": capacity(trained.fitted, trained.split)}
    else:
        steps = history(trained.fitted).query("split == 'val'").assign(batch=str(config.batch_size))
        tables = {"batch_size": _with_steps(steps, config, trained)}
    key = {
        "study": cell.study,
        "protocol": config.protocol,
        "dataset": config.dataset,
        "task": config.task,
    }
    return CellResult({name: _keyed(table, key) for name, table in tables.items()}, arrays)


def measure(config: CellConfig, trained: Trained) -> dict[str, pd.DataFrame]:
    """Put a cell's networks under every instrument."""
    protocol = PROTOCOLS[config.protocol]
    task, split, initial, fitted = trained
    pruning = [
        prune(fitted, split, (0.0, *SPARSITY)).assign(rule="exact"),
        prune(fitted, split, (0.0, *SPARSITY), scope="global").assign(rule="exact"),
        prune(fitted, split, (0.0, *SPARSITY), count=released_count).assign(rule="released"),
    ]
    tables = {
        "capacity": capacity(fitted, split),
        "history": _with_steps(history(fitted), config, trained),
        "pruning": pd.concat(pruning, ignore_index=True),
    }
    data = split.validation if protocol.pruning_split == "val" else split.test
    rules = {"exact": removed, "released": released_count}
    tables["geometry"] = geometry(fitted, split, data, PRUNED_GEOMETRY, rules=rules)
    tables["neurons"] = neurons(fitted, data, PRUNED_GEOMETRY, seed=config.seed)
    if task.id == PICTURED[0] and PICTURED[1] in config.hidden:
        index, first = config.hidden.index(PICTURED[1]), config.seed == protocol.seeds[0]
        if first:
            dense, pruned = pruned_pairs(fitted, PRUNED_GEOMETRY)[index]
            shown = embedding(dense, pruned, split.validation)
            tables["embedding"] = keys(fitted.members[index : index + 1]).merge(shown, "cross")
        stranger = _independent(config, trained)
        tables |= explain(fitted, initial, split, index, stranger, draw=first)
    if len(task.shape) == 2 and min(task.shape) >= LARGEST_PATCH:
        tables["robustness"] = _robustness(fitted, data, task.shape, config.seed)
        if task.id == PICTURED[0] and config.seed == protocol.seeds[0]:
            height, width = task.shape
            tables["corrupted_examples"] = examples(data, (height, width), CORRUPTIONS)
    if config.seed == protocol.seeds[0]:  # a property of the task: once is enough
        tables["difficulty"] = difficulty(split)
    return tables


def _independent(config: CellConfig, trained: Trained) -> OneHiddenLayer:
    """A network of the pictured size, trained on the same data and batches from other weights."""
    protocol, task = PROTOCOLS[config.protocol], trained.task
    members = grid([PICTURED[1]], seed=[config.seed + 1000], initialiser=[protocol.initialiser])
    return fit(
        members,
        trained.split,
        epochs=config.epochs,
        batch_size=_batch_size(config),
        seed=config.seed,
        initial=protocol.initial(task, members),
        precision=config.precision,
    ).member(0)


def _batch_size(config: CellConfig) -> int | None:
    if config.batch_size == "protocol":
        return PROTOCOLS[config.protocol].batch_size
    return None if config.batch_size == "full" else config.batch_size


def _with_steps(table: pd.DataFrame, config: CellConfig, trained: Trained) -> pd.DataFrame:
    """The history with the number of gradient steps taken by the end of each epoch."""
    rows, batch_size = len(trained.split.train.labels), _batch_size(config)
    return table.assign(step=table["epoch"] * (-(-rows // batch_size) if batch_size else 1))


def _robustness(fitted: Fitted, data: Labelled, shape: tuple[int, ...], seed: int) -> pd.DataFrame:
    """The paper's corruptions in several draws, dense and pruned; the wider set once, dense."""
    papers = {key: do for key, do in CORRUPTIONS.items() if key[0] in PAPERS}
    wider = {key: do for key, do in CORRUPTIONS.items() if key[0] not in PAPERS}
    height, width = shape
    size = (height, width)
    tables = [
        robustness(fitted, data, size, papers, draws=DRAWS, seed=seed),
        robustness(fitted, data, size, papers, draws=1, sparsity=PRUNED, seed=seed + 1000),
        robustness(fitted, data, size, wider, draws=1, seed=seed + 2000),
    ]
    table = pd.concat(tables, ignore_index=True)
    clean = table["corruption"] == "none"
    return table[~clean | ~table.duplicated(["hidden", "corruption", "requested_sparsity"])]


def _keyed(table: pd.DataFrame, key: dict[str, str]) -> pd.DataFrame:
    for position, (name, value) in enumerate(key.items()):
        table.insert(position, name, value)
    return table
