"""The measures of this study: a cell's networks under every instrument its claims need."""

from collections.abc import Mapping

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
from lowcap.runs import Cell
from lowcap.studies.low_capacity.explain import by_state, explain
from lowcap.studies.low_capacity.plan import CellConfig
from lowcap.studies.low_capacity.protocols import LISTING, RELEASED
from lowcap.studies.low_capacity.settings import HIGH_SPARSITY, SPARSITY
from lowcap.studies.low_capacity.training import (
    PICTURED,
    Trained,
    last_fall,
    looks_inside,
    protocol_of,
    steps_per_epoch,
)
from lowcap.studies.measure import Measure, in_front

Tables = Mapping[str, pd.DataFrame]

DRAWS = 3
"""Corrupted copies of each image, for the paper's corruptions."""

PRUNED = (0.5, 0.8, 0.9)
"""Sparsities at which pruned networks meet corrupted images."""

PRUNED_LOOK = 0.95
"""The sparsity at which hidden space, neurons and saliency are looked at again."""

HIGH = (*HIGH_SPARSITY, 0.99)
"""Sparsities at which every rule of pruning is compared, and claims are judged."""

LARGEST_PATCH = 14
"""Images smaller than this are not corrupted: a patch would hide too much of them."""

FEW_SEEDS = 3
"""Figures of what no claim is about rest on this many seeds."""


def keyed(cell: Cell, table: pd.DataFrame) -> pd.DataFrame:
    """With the columns that tell a cell's networks from those of others in front."""
    return in_front(table, cell, "protocol", "dataset", "task")


def wanted(config: CellConfig) -> list[str]:
    """The measures that a cell is there for.

    The many seeds of the replicated protocol are there for verdicts, not for pictures: they are
    scored on the split that the protocol reports, and left out of what only figures show.
    """
    if config.purpose != "everything":
        return [config.purpose]
    names = ["capacity", "pruning"]
    light, pictures = _light(config), _pictured(config)
    if not light:
        names.append("history")
    if pictures:
        names.append("neurons")
    if looks_inside(config):
        names += ["geometry", "saliency"]
        if config.first and not light:
            names.append("embedding")
    if config.task == PICTURED[0] or pictures:
        names.append("robustness")
    if config.task == PICTURED[0] and config.first and not light:
        names.append("corrupted examples")
    if config.first:  # a property of the task: once is enough
        names.append("difficulty")
    return names


def _light(config: CellConfig) -> bool:
    return config.protocol == "replicated"


def _pictured(config: CellConfig) -> bool:
    """Whether figures of what no claim is about rest on the cell."""
    return not _light(config) and config.seed in protocol_of(config).seeds(FEW_SEEDS)


def _scored_data(config: CellConfig, trained: Trained) -> Labelled:
    """The split on which the protocol scores its pruned and corrupted networks."""
    split = trained.split
    return split.validation if protocol_of(config).scored_split == "val" else split.test


def _capacity(cell: Cell, trained: Trained) -> Tables:
    history = trained.fitted.history
    table = scored(trained).assign(
        val_loss_fall=last_fall(history),
        epochs=len(history.train_loss),
        constant_f1=constant_f1(trained.split.test.y),
    )
    return {"capacity": table}


def scored(trained: Trained) -> pd.DataFrame:
    """The capacity table, with the best training F1 of any epoch, which the paper reports."""
    best = trained.fitted.history.train_score.max(axis=0)
    return capacity(trained.fitted.population, trained.split).assign(train_f1_best=best)


def _with_steps(cell: Cell, trained: Trained) -> pd.DataFrame:
    """The history with the number of gradient steps taken by the end of each epoch."""
    table = trained.fitted.table()
    return table.assign(step=table["epoch"] * steps_per_epoch(cell.config, trained.split))


def _history(cell: Cell, trained: Trained) -> Tables:
    return {"history": _with_steps(cell, trained)}


def _learning_rates(cell: Cell, trained: Trained) -> Tables:
    return {"learning_rate": scored(trained)}


def _batch_sizes(cell: Cell, trained: Trained) -> Tables:
    table = _with_steps(cell, trained).query("split == 'val'")
    return {"batch_size": table.assign(batch=str(cell.config.batch_size)).reset_index(drop=True)}


def _neurons(cell: Cell, trained: Trained) -> Tables:
    config, population = cell.config, trained.fitted.population
    pruned = population.pruned(PRUNED_LOOK, protocol_of(config).pruning)
    data = _scored_data(config, trained)
    parts = [
        neurons(one, data, seed=config.seed).assign(state=state)
        for state, one in (("dense", population), ("pruned", pruned))
    ]
    return {"neurons": pd.concat(parts, ignore_index=True)}


def _pruning(cell: Cell, trained: Trained) -> Tables:
    """Every rule of pruning; the protocol's own at every sparsity of the paper."""
    config = cell.config
    scored_on = protocol_of(config).scored_split
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
    blocks = (0.0, *HIGH) if scored_on == "test" else ()
    splits = ("val", "test") if scored_on == "test" else ("val",)
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


def _states(config: CellConfig, trained: Trained) -> dict[str, Population]:
    """The paper's network, and networks whose answer is known."""
    index = config.hidden.index(PICTURED[1])
    dense = trained.fitted.population.take([index])
    states = {"dense": dense, "untrained": trained.initial.take([index])}
    for rule in (LISTING, GLOBAL):
        states[f"pruned: {rule.name}"] = dense.pruned(PRUNED_LOOK, rule)
    return states | dict(trained.relatives)


def _of_dense(tables: Mapping[str, pd.DataFrame], states: Mapping[str, Population]) -> Tables:
    """Tables by state under the keys of the network that they are about."""
    who = states["dense"].keys
    return {name: who.merge(table, "cross") for name, table in tables.items()}


def _geometry(cell: Cell, trained: Trained) -> Tables:
    config, split = cell.config, trained.split
    states, data = _states(config, trained), _scored_data(config, trained)
    measures = {"geometry": geometry}
    if protocol_of(config).scored_split == "test":
        measures["geometry_blocks"] = geometry_blocks
    tables = {
        name: by_state(
            {s: measure(one, split, data, reference=states["dense"]) for s, one in states.items()}
        )
        for name, measure in measures.items()
    }
    return _of_dense(tables, states)


def _embedding(cell: Cell, trained: Trained) -> Tables:
    config, states = cell.config, _states(cell.config, trained)
    pruned = states[f"pruned: {protocol_of(config).pruning.name}"]
    shown = {"dense": states["dense"], "pruned": pruned}
    data = trained.split.validation
    table = by_state({state: embedding(one, data) for state, one in shown.items()})
    return _of_dense({"embedding": table}, states)


def _saliency(cell: Cell, trained: Trained) -> Tables:
    config, states = cell.config, _states(cell.config, trained)
    shown = config.first and not _light(config)
    pruned = f"pruned: {protocol_of(config).pruning.name}"
    tables = explain(
        states, trained.split, every_method=_pictured(config), draw=pruned if shown else ""
    )
    return _of_dense(tables, states)


def _examples(cell: Cell, trained: Trained) -> Tables:
    if not _can_be_corrupted(trained.task):
        return {}
    data, shape = _scored_data(cell.config, trained), trained.task.shape
    assert shape is not None  # corrupted images have one
    return {"corrupted_examples": examples(data, shape, CORRUPTIONS)}


def _robustness(cell: Cell, trained: Trained) -> Tables:
    """The paper's corruptions in several draws; for figures, pruned and a wider set once each."""
    config = cell.config
    if not _can_be_corrupted(trained.task):
        return {}
    size, seed, data = trained.task.shape, config.seed, _scored_data(config, trained)
    assert size is not None  # corrupted images have one
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
    if _pictured(config):
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
    """Whether the inputs are images that are large enough for a patch."""
    shape = task.shape
    return shape is not None and min(shape[:2]) >= LARGEST_PATCH


def _difficulty(cell: Cell, trained: Trained) -> Tables:
    return {"difficulty": difficulty(trained.split)}


def _factors(cell: Cell, trained: Trained) -> Tables:
    """What the headline claims are about, for one mixture of the two protocols."""
    fitted, split = trained.fitted, trained.split
    table, population = scored(trained), fitted.population
    for rule in (LISTING, GLOBAL):
        pruned = population.pruned(PRUNED_LOOK, rule)
        rows = pruned_scores(pruned, split, dense=population, splits=("val",))
        table[f"pruned_f1_{rule.name}"] = rows["f1"].to_numpy()
    shape = trained.task.shape
    if shape is not None and _can_be_corrupted(trained.task):
        noise = {key: do for key, do in CORRUPTIONS.items() if key == ("gaussian noise", 0.3)}
        noisy = robustness(population, split.validation, shape, noise, draws=1)
        rows = noisy[noisy["corruption"] != "none"]
        table["noisy_f1"] = rows["f1"].to_numpy()
    start, division, batch = cell.config.factors
    mixture = {"initialiser": start, "balancing": division, "batch": batch}
    return {"factors": table.assign(**mixture)}


MEASURES = {
    "capacity": Measure(_capacity, ("capacity",)),
    "history": Measure(_history, ("history",)),
    "learning rates": Measure(_learning_rates, ("learning_rate",)),
    "batch sizes": Measure(_batch_sizes, ("batch_size",)),
    "factors": Measure(_factors, ("factors",)),
    "pruning": Measure(_pruning, ("pruning", "pruning_blocks")),
    "neurons": Measure(_neurons, ("neurons",)),
    "geometry": Measure(_geometry, ("geometry", "geometry_blocks")),
    "embedding": Measure(_embedding, ("embedding",)),
    "saliency": Measure(
        _saliency, ("saliency", "saliency_agreement", "misclassified", "saliency_maps")
    ),
    "robustness": Measure(_robustness, ("robustness", "robustness_blocks")),
    "corrupted examples": Measure(_examples, ("corrupted_examples",)),
    "difficulty": Measure(_difficulty, ("difficulty",)),
}
"""By name; a purpose of a cell is the name of the one measure that such cells are there for."""
