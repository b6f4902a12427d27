"""The measures of this study: what is left of networks, where, and what their units knew."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lowcap.data.corruptions import CORRUPTIONS
from lowcap.measures import (
    capacity,
    difficulty,
    neurons,
    robustness,
    saliency_agreement,
    tidy,
)
from lowcap.measures.blocks import f1_blocks
from lowcap.measures.saliency import concentration, discriminating_region
from lowcap.measures.scoring import scores
from lowcap.networks import GLOBAL, Fused, Population, together, unit_scores
from lowcap.runs import Cell
from lowcap.streams import stream
from lowcap.studies.measure import Measure, in_front
from lowcap.studies.retraining.methods import Part, sizes_of
from lowcap.studies.retraining.plan import CellConfig
from lowcap.studies.retraining.training import LOOKED_AT, STRANGER, Trained, of_sizes

Tables = Mapping[str, pd.DataFrame]

SURVIVAL = 0.95
"""The sparsity at which it is asked which units survive, and where weights are left."""

NOISE = (("gaussian noise", 0.3), ("gaussian noise", 0.5))
"""The corruptions that networks are to withstand."""

REMOVED = (0.25, 0.5, 0.75)
"""Shares of the hidden units that are removed at random, without training on."""

DRAWS = 10
"""How many times they are."""


def keyed(cell: Cell, table: pd.DataFrame) -> pd.DataFrame:
    """With the columns that tell cells apart in front; every network has the cell's seed."""
    table = in_front(table, cell, "dataset", "task")
    return table.assign(seed=cell.config.seed) if "seed" in table else table


def retraining(cell: Cell, trained: Trained) -> Tables:
    """Scores of every network, and F1 without each block of test images."""
    parts = [part for part in trained.parts.values() if part.kind.method != STRANGER]
    parts += trained.one_shot(cell.config)
    joined = together([part.population for part in parts])
    population, split = joined.population, trained.split
    found, logits = {}, np.zeros(0)
    for name, data in (("val", split.validation), ("test", split.test)):
        logits = population.logits(population.prepare(data.x, split.active))
        found |= {f"{name}_{k}": v for k, v in scores("binary", logits, data.y).items()}
    keys = _kinds(parts, joined.part, population)
    left = population.weights_each - population.zeros_each()
    per_unit = population.inputs + population.outputs
    table = keys.assign(
        achieved_sparsity=1 - left / (keys["hidden"].to_numpy() * per_unit),
        weights=left,
        val_f1=found["val_f1"],
        test_f1=found["test_f1"],
        test_auc=found["test_auc"],
        connected=[network.connected(split.active) for network in population],
    )
    blocks = tidy(keys, f1_blocks(logits[..., 0], split.test.y))
    return {"retraining": table, "retraining_blocks": blocks}


def _kinds(parts: Sequence[Part], part: np.ndarray, population: Population) -> pd.DataFrame:
    """The key columns of a population of several parts, one row per member."""
    hidden = np.zeros(len(population), int)
    for number, one in enumerate(parts):
        hidden[part == number] = one.hidden
    kinds = [parts[number].kind for number in part]
    table = pd.DataFrame(
        {
            "method": [kind.method for kind in kinds],
            "scope": [kind.scope for kind in kinds],
            "requested_sparsity": [kind.sparsity for kind in kinds],
            "steps": [kind.steps for kind in kinds],
            "hidden": hidden,
        }
    )
    return pd.concat([table, population.keys[["learning_rate", "seed"]]], axis=1)


def _capacity(cell: Cell, trained: Trained) -> Tables:
    dense = trained.dense(trained.most).population
    return {"dense": capacity(of_sizes(dense, cell.config.hidden), trained.split)}


def _neurons(cell: Cell, trained: Trained) -> Tables:
    """Of every unit of the dense networks what it knows, and how much of it is left when pruned.

    Also, by network, how much F1 noise takes away.
    """
    config: CellConfig = cell.config
    dense = of_sizes(trained.dense().population, config.hidden)
    table = neurons(dense, trained.split.validation, seed=config.seed)
    norm = unit_scores(dense, trained.split.train.x, "norm")
    pruned = {"one-shot": dense.pruned(SURVIVAL, GLOBAL)}
    for kind, part in trained.parts.items():
        if (kind.method, kind.sparsity) == ("iterative", SURVIVAL):
            pruned["iterative"] = part.population
    table = table.assign(norm=norm)
    for name, population in pruned.items():
        through = (population.w1[:, trained.split.active] != 0).sum(axis=1)
        table[f"left_{name}"] = np.where(population.w2[:, 0] != 0, through, 0)
    return {"units": table, **_noise(config, dense, trained)}


def _noise(config: CellConfig, dense: Fused, trained: Trained) -> Tables:
    shape = trained.split.target.shape
    if shape is None:
        return {}
    corruptions = {key: do for key, do in CORRUPTIONS.items() if key in NOISE}
    data = trained.split.test
    return {"noise": robustness(dense, data, shape, corruptions, draws=1, seed=config.seed)}


def _removed(cell: Cell, trained: Trained) -> Tables:
    """F1 without some of the hidden units, chosen at random, and not trained on."""
    dense = of_sizes(trained.dense().population, cell.config.hidden)
    layout, split = dense.layout, trained.split
    ranks = np.zeros((DRAWS, layout.units))
    for number, member in enumerate(dense.members):
        units = layout.units_of(number)
        draw = stream("removed units", cell.config.seed, member.hidden)
        ranks[:, units] = draw.random((DRAWS, member.hidden)).argsort(axis=1).argsort(axis=1)
    sizes, rows = sizes_of(dense)[layout.owner], split.test
    parts, keys = [dense], [{"share": 0.0, "draw": 0}]
    for share in REMOVED:
        for draw in range(DRAWS):
            kept = ranks[draw] >= np.round(share * sizes)
            parts.append(dense.masked({"w2": kept[:, None]}))
            keys.append({"share": share, "draw": draw})
    joined = together(parts)
    logits = joined.population.logits(joined.population.prepare(rows.x, split.active))
    found = f1_blocks(logits[..., 0], rows.y)
    blocks = []
    for share in (0.0, *REMOVED):
        draws = [n for n, key in enumerate(keys) if key["share"] == share]
        for one in found:  # the mean over draws of each network
            values = np.mean([one["f1"][joined.part == n] for n in draws], axis=0)
            blocks.append({"share": share, "block": one["block"], "f1": values})
    scored = scores("binary", logits, rows.y)["f1"]
    observations = [key | {"f1": scored[joined.part == number]} for number, key in enumerate(keys)]
    return {
        "removed": tidy(dense.keys, observations),
        "removed_blocks": tidy(dense.keys, blocks),
    }


def _survivors(cell: Cell, trained: Trained) -> Tables:
    """Where the weights of a pruned network lie, and how far that is where the classes differ."""
    split, methods = trained.split, ("fine-tuned", "iterative", "random")
    region = discriminating_region(split) & split.active
    observations, maps = [], []
    keys = None
    for kind, part in trained.parts.items():
        if kind.method not in methods or kind.sparsity != SURVIVAL:
            continue
        population, keys = part.population, part.population.keys
        owner = population.owner
        counts = np.zeros((len(population), population.inputs))
        np.add.at(counts, owner, (population.w1 != 0).astype(float))
        used = counts[:, split.active]
        inside = np.broadcast_to(region[split.active], used.shape)
        total = counts.sum(axis=1)
        observations.append(
            {
                "method": kind.method,
                "scope": kind.scope,
                "on_region": concentration(used, inside),
                "on_used": used.sum(axis=1) / np.where(total > 0, total, 1),
                "second_layer": np.add.reduceat(
                    (population.w2[:, 0] != 0).astype(float), population.layout.starts
                )
                / sizes_of(population),
            }
        )
        place = np.flatnonzero(part.hidden == LOOKED_AT)
        if len(place):
            share = counts[place[0]] / LOOKED_AT
            pixels = {"method": kind.method, "scope": kind.scope, "pixel": np.arange(len(share))}
            maps.append(pd.DataFrame(pixels | {"left": share.astype(np.float32)}))
    if keys is None:
        return {}
    found = {"survivors": tidy(keys, observations)}
    if maps:
        pixels = pd.concat(maps, ignore_index=True).assign(hidden=LOOKED_AT, seed=cell.config.seed)
        found["survivor_maps"] = pixels
    return found


def _attention(cell: Cell, trained: Trained) -> Tables:
    """How far saliency maps of pruned networks agree with the dense one's, and a stranger's do."""
    kinds = {kind: part for kind, part in trained.parts.items() if kind.method in _WATCHED}
    for part in trained.one_shot(cell.config):
        if part.kind.scope == GLOBAL.name:
            kinds[part.kind] = part
    dense = _looked_at(trained.dense(trained.most))
    if dense is None:
        return {}
    parts = []
    for kind, part in kinds.items():
        one = _looked_at(part)
        if one is None:
            continue
        table = saliency_agreement(one, trained.split, reference=dense, methods=("gradient",))
        key = {"method": kind.method, "scope": kind.scope, "requested_sparsity": kind.sparsity}
        parts.append(table.drop(columns=["method", "attainable"]).assign(**key))
    return {"attention": pd.concat(parts, ignore_index=True)}


_WATCHED = ("fine-tuned", "iterative", "gradual", "rewound", "random", STRANGER)


def _looked_at(part: Part) -> Fused | None:
    place = np.flatnonzero(part.hidden == LOOKED_AT)
    return part.population.take(place) if len(place) else None


def _difficulty(cell: Cell, trained: Trained) -> Tables:
    return {"difficulty": difficulty(trained.split)}


def wanted(config: CellConfig) -> list[str]:
    """The measures of a cell; the difficulty of a task is taken once."""
    return [name for name in MEASURES if name != "difficulty" or config.seed == 0]


MEASURES = {
    "retraining": Measure(retraining, ("retraining", "retraining_blocks")),
    "dense": Measure(_capacity, ("dense",)),
    "neurons": Measure(_neurons, ("units", "noise")),
    "removed": Measure(_removed, ("removed", "removed_blocks")),
    "survivors": Measure(_survivors, ("survivors", "survivor_maps")),
    "attention": Measure(_attention, ("attention",)),
    "difficulty": Measure(_difficulty, ("difficulty",)),
}
"""By name."""
