"""One cell: its networks under every instrument that its claims and figures need."""

import pandas as pd

from lowcap.data import Labelled, Task
from lowcap.data.corruptions import CORRUPTIONS, PAPERS
from lowcap.measures import (
    capacity,
    constant_f1,
    difficulty,
    embedding,
    examples,
    geometry,
    geometry_blocks,
    neurons,
    pruned_blocks,
    pruned_scores,
    robustness,
    robustness_blocks,
)
from lowcap.networks import FIRST_LAYER, GLOBAL, ROUNDED, Population
from lowcap.runs import Cell, CellResult
from lowcap.studies.low_capacity.explain import by_state, explain
from lowcap.studies.low_capacity.plan import CellConfig
from lowcap.studies.low_capacity.protocols import LISTING, RELEASED
from lowcap.studies.low_capacity.settings import HIGH_SPARSITY, SPARSITY
from lowcap.studies.low_capacity.training import (
    Trained,
    last_fall,
    protocol_of,
    relatives,
    steps_per_epoch,
    train,
)

DRAWS = 3
"""Corrupted copies of each image, for the paper's corruptions."""

PRUNED = (0.5, 0.8, 0.9)
"""Sparsities at which pruned networks meet corrupted images."""

PRUNED_LOOK = 0.95
"""The sparsity at which hidden space, neurons and saliency are looked at again."""

HIGH = (*HIGH_SPARSITY, 0.99)
"""Sparsities at which every rule of pruning is compared, and claims are judged."""

PICTURED = ("4-9", 24)
"""The task and hidden size whose hidden space and saliency the paper shows."""

LARGEST_PATCH = 14
"""Images smaller than this are not corrupted: a patch would hide too much of them."""

LOOKED_AT = 10
"""Hidden space and saliency are looked at in so many seeds: they vary little from seed to seed."""

FEW_SEEDS = 3
"""Figures of what no claim is about rest on this many seeds."""


def compute(cell: Cell) -> CellResult:
    """Train and measure the networks of one cell."""
    config: CellConfig = cell.config
    trained = train(cell)
    arrays = {}
    if config.purpose == "everything":
        tables, arrays = measure(config, trained), trained.fitted.population.arrays
    elif config.purpose == "learning rates":
        tables = {"learning_rate": scored(trained)}
    elif config.purpose == "batch sizes":
        steps = trained.fitted.table().query("split == 'val'").assign(batch=str(config.batch_size))
        tables = {"batch_size": _with_steps(steps, config, trained)}
    else:
        tables = {"factors": _factors(config, trained)}
    key = {
        "study": cell.study,
        "protocol": config.protocol,
        "dataset": config.dataset,
        "task": config.task,
    }
    return CellResult({name: _keyed(table, key) for name, table in tables.items()}, arrays)


def measure(config: CellConfig, trained: Trained) -> dict[str, pd.DataFrame]:
    """Put a cell's networks under the instruments that its claims need.

    The many seeds of the replicated protocol are there for verdicts, not for pictures: they are
    scored on the split that the protocol reports, and left out of what only figures show.
    """
    task, split, _, fitted = trained
    population = fitted.population
    light = config.protocol == "replicated"
    protocol = protocol_of(config)
    pictures = not light and config.seed in protocol.seeds(FEW_SEEDS)
    tables = {
        "capacity": scored(trained).assign(
            val_loss_fall=last_fall(fitted.history),
            epochs=len(fitted.history.train_loss),
            constant_f1=constant_f1(split.test.y),
        )
    }
    if not light:
        tables["history"] = _with_steps(fitted.table(), config, trained)
    tables |= _pruning(config, trained)
    data = split.validation if protocol.scored_split == "val" else split.test
    if pictures:
        states = {"dense": population, "pruned": population.pruned(PRUNED_LOOK, protocol.pruning)}
        found = {state: neurons(one, data, seed=config.seed) for state, one in states.items()}
        parts = [table.assign(state=state) for state, table in found.items()]
        tables["neurons"] = pd.concat(parts, ignore_index=True)
    looked_at = config.seed in protocol.seeds(LOOKED_AT)
    if task.id == PICTURED[0] and PICTURED[1] in config.hidden and looked_at:
        tables |= _look_inside(config, trained, data, pictures)
    if _can_be_corrupted(task):
        if task.id == PICTURED[0] or pictures:
            tables |= _robustness(config, trained, data, pictures)
        if task.id == PICTURED[0] and config.first and not light:
            height, width = split.image_shape
            tables["corrupted_examples"] = examples(data, (height, width), CORRUPTIONS)
    if config.first:  # a property of the task: once is enough
        tables["difficulty"] = difficulty(split)
    return tables


def _pruning(config: CellConfig, trained: Trained) -> dict[str, pd.DataFrame]:
    """Every rule of pruning; the protocol's own at every sparsity of the paper."""
    scored = protocol_of(config).scored_split
    if config.protocol == "replicated":
        levels = {LISTING: (0.0, *HIGH), GLOBAL: HIGH, FIRST_LAYER: (0.95,), ROUNDED: (0.95,)}
    else:
        levels = {
            LISTING: (0.0, *SPARSITY),
            GLOBAL: SPARSITY,
            FIRST_LAYER: HIGH,
            ROUNDED: HIGH,
            RELEASED: (0.95, 0.99),
        }
    blocks = (0.0, *HIGH) if scored == "test" else ()
    splits = ("val", "test") if scored == "test" else ("val",)
    population, split = trained.fitted.population, trained.split
    tables, left_out = [], []
    for rule, sparsities in levels.items():
        for sparsity in sparsities:
            pruned = population.pruned(sparsity, rule)
            key = {"rule": rule.name, "requested_sparsity": sparsity}
            found = pruned_scores(pruned, split, dense=population, splits=splits)
            tables.append(found.assign(**key))
            if sparsity in blocks:
                left_out.append(pruned_blocks(pruned, split).assign(**key))
    joined = {"pruning": pd.concat(tables, ignore_index=True)}
    return joined | ({"pruning_blocks": pd.concat(left_out, ignore_index=True)} if left_out else {})


def _look_inside(
    config: CellConfig, trained: Trained, data: Labelled, pictures: bool
) -> dict[str, pd.DataFrame]:
    """Hidden space and saliency of the paper's network, beside networks whose answer is known."""
    _, split, initial, fitted = trained
    index = config.hidden.index(PICTURED[1])
    dense = fitted.population.take([index])
    states = {"dense": dense, "untrained": initial.take([index])}
    for rule in (LISTING, GLOBAL):
        states[f"pruned: {rule.name}"] = dense.pruned(PRUNED_LOOK, rule)
    states |= relatives(config, trained, PICTURED[1])
    tables = {
        "geometry": by_state(
            {s: geometry(one, split, data, reference=dense) for s, one in states.items()}
        )
    }
    if protocol_of(config).scored_split == "test":
        tables["geometry_blocks"] = by_state(
            {s: geometry_blocks(one, split, data, reference=dense) for s, one in states.items()}
        )
    shown = config.first and config.protocol != "replicated"
    primary = f"pruned: {protocol_of(config).pruning.name}"
    if shown:
        shown_states = {"dense": dense, "pruned": states[primary]}
        tables["embedding"] = by_state(
            {s: embedding(one, split.validation) for s, one in shown_states.items()}
        )
    tables |= explain(states, split, every_method=pictures, draw=primary if shown else "")
    who = dense.keys
    return {name: who.merge(table, "cross") for name, table in tables.items()}


def _robustness(
    config: CellConfig, trained: Trained, data: Labelled, pictures: bool
) -> dict[str, pd.DataFrame]:
    """The paper's corruptions in several draws; for figures, pruned and a wider set once each."""
    height, width = trained.split.image_shape
    size, seed = (height, width), config.seed
    population, rule = trained.fitted.population, protocol_of(config).pruning
    papers = {key: do for key, do in CORRUPTIONS.items() if key[0] in PAPERS}
    tables, result = [], {}

    def corrupted(one: Population, corruptions, level: float, draws: int, seed: int) -> None:
        table = robustness(one, data, size, corruptions, draws=draws, seed=seed)
        tables.append(table.assign(requested_sparsity=level))

    if trained.task.id == PICTURED[0]:
        corrupted(population, papers, 0.0, DRAWS, seed)
        if protocol_of(config).scored_split == "test":
            result["robustness_blocks"] = robustness_blocks(
                population, data, size, papers, draws=DRAWS, seed=seed
            )
    if pictures:
        if not tables:
            corrupted(population, papers, 0.0, 1, seed)
        for level in PRUNED:
            corrupted(population.pruned(level, rule), papers, level, 1, seed + 1000)
        wider = {key: do for key, do in CORRUPTIONS.items() if key[0] not in PAPERS}
        corrupted(population, wider, 0.0, 1, seed + 2000)
    table = pd.concat(tables, ignore_index=True)
    clean = table["corruption"] == "none"
    twice = table.duplicated(["hidden", "corruption", "requested_sparsity"])
    return {"robustness": table[~clean | ~twice]} | result


def _can_be_corrupted(task: Task) -> bool:
    """Whether the inputs are grey images that are large enough for a patch."""
    shape = task.shape
    return shape is not None and len(shape) == 2 and min(shape) >= LARGEST_PATCH


def _factors(config: CellConfig, trained: Trained) -> pd.DataFrame:
    """What the headline claims are about, for one mixture of the two protocols."""
    fitted, split = trained.fitted, trained.split
    table, population = scored(trained), fitted.population
    for rule in (LISTING, GLOBAL):
        pruned = population.pruned(PRUNED_LOOK, rule)
        rows = pruned_scores(pruned, split, dense=population, splits=("val",))
        table[f"pruned_f1_{rule.name}"] = rows["f1"].to_numpy()
    if _can_be_corrupted(trained.task):
        height, width = split.image_shape
        noise = {key: do for key, do in CORRUPTIONS.items() if key == ("gaussian noise", 0.3)}
        noisy = robustness(population, split.validation, (height, width), noise, draws=1)
        rows = noisy[noisy["corruption"] != "none"]
        table["noisy_f1"] = rows["f1"].to_numpy()
    start, division, batch = config.factors
    return table.assign(initialiser=start, balancing=division, batch=batch)


def scored(trained: Trained) -> pd.DataFrame:
    """The capacity table, with the best training F1 of any epoch, which the paper reports."""
    best = trained.fitted.history.train_score.max(axis=0)
    return capacity(trained.fitted.population, trained.split).assign(train_f1_best=best)


def _with_steps(table: pd.DataFrame, config: CellConfig, trained: Trained) -> pd.DataFrame:
    """The history with the number of gradient steps taken by the end of each epoch."""
    return table.assign(step=table["epoch"] * steps_per_epoch(config, trained.split))


def _keyed(table: pd.DataFrame, key: dict[str, str]) -> pd.DataFrame:
    for position, (name, value) in enumerate(key.items()):
        table.insert(position, name, value)
    return table
