"""The measures of this study: what networks of all sizes reach, withstand, and look at."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from lowcap.data.corruptions import CORRUPTIONS, PAPERS, Corruption
from lowcap.measures import (
    attention_under,
    capacity,
    costs,
    difficulty,
    geometry,
    geometry_blocks,
    pruned_blocks,
    pruned_scores,
    robustness,
    robustness_blocks,
    saliency,
    saliency_agreement,
    scores,
    tidy,
)
from lowcap.measures.blocks import f1_blocks, image_blocks
from lowcap.measures.saliency import concentration, discriminating_region
from lowcap.networks import (
    Fused,
    Population,
    Stacked,
    filter_scores,
    strongest_filters,
    strongest_units,
    unit_scores,
    without_filters,
    without_units,
)
from lowcap.runs import Cell
from lowcap.studies.measure import Measure, in_front
from lowcap.studies.transfer.plan import CellConfig
from lowcap.studies.transfer.training import DENSE, STRANGER, Data, Trained

Tables = Mapping[str, pd.DataFrame]

SPARSITY = (0.5, 0.8, 0.9, 0.95, 0.99)

PRUNED, PRUNED_LOOK = "pruned", 0.95
"""The network that is looked into without so many of its weights, taken from all layers."""

REMOVED = (0.25, 0.5, 0.75)
"""Shares of the hidden units or filters that are removed whole, those that contribute least."""

DRAWS = 2
"""Corrupted copies of each image."""

LARGEST_PATCH = 14
"""Images smaller than this are not corrupted: a patch would hide too much of them."""

LOOKED = ("gradient",)
"""The saliency map: the limit of the paper's finite differences but for a factor an image. On
thousands of coloured numbers differences themselves would take hours."""

SEEN = 400
"""How many test images maps are drawn of, half of each class."""


def keyed(cell: Cell, table: pd.DataFrame) -> pd.DataFrame:
    """With the columns that tell cells apart in front; every network has the cell's seed."""
    table = in_front(table, cell, "condition", "dataset", "architecture", "task", "place")
    return table.assign(seed=cell.config.seed)


def wanted(config: CellConfig) -> list[str]:
    """The measures of a cell; the difficulty of a task is taken once."""
    if config.classes:
        return ["classes"]
    names = ["capacity", "pruning"]
    if config.seed == 0:
        names.append("difficulty")
    return names + ["robustness", "geometry", "saliency", "attention"] * config.inside


def _each(populations: Sequence[Population], measure: Callable[[Population], pd.DataFrame]):
    """A measure's rows of every population."""
    return pd.concat([measure(one) for one in populations], ignore_index=True)


def _capacity(cell: Cell, found: list[Trained]) -> Tables:
    """Scores and costs of every size, and F1 without each block of test images."""
    (trained,) = found
    split = trained.data.split

    def reached(one: Population) -> pd.DataFrame:
        price = costs(one)
        return capacity(one, split).assign(
            parameters=price["parameters"], multiply_adds=price["multiply_adds"]
        )

    def blocks(one: Population) -> pd.DataFrame:
        logits = one.logits(one.prepare(split.test.x, split.active))[..., 0]
        return tidy(one.keys, f1_blocks(logits, split.test.y))

    populations = trained.populations
    return {"capacity": _each(populations, reached), "capacity_blocks": _each(populations, blocks)}


def _pruning(cell: Cell, found: list[Trained]) -> Tables:
    """Every size without its smallest weights, and without whole hidden units or filters."""
    (trained,) = found
    split, tables, blocks = trained.data.split, [], []
    for population in trained.populations:
        for level in SPARSITY:
            pruned, key = population.pruned(level), {"requested_sparsity": level}
            tables.append(pruned_scores(pruned, split, dense=population).assign(**key))
            blocks.append(pruned_blocks(pruned, split).assign(**key))
    return {
        "pruning": pd.concat(tables, ignore_index=True),
        "pruning_blocks": pd.concat(blocks, ignore_index=True),
        "whole_units": _each(trained.populations, lambda one: _whole_units(one, trained.data)),
    }


def _whole_units(population: Population, data: Data) -> pd.DataFrame:
    """Test F1 of networks without the hidden units or filters that contribute least."""
    split, parts = data.split, []
    for share in REMOVED:
        for smaller, hidden in _without(population, split.train.x[:1000], share):
            logits = smaller.logits(smaller.prepare(split.test.x, split.active))
            found = scores("binary", logits, split.test.y)
            parts.append(pd.DataFrame({"hidden": hidden, "share": share, "f1": found["f1"]}))
    return pd.concat(parts, ignore_index=True)


def _without(population: Population, x: np.ndarray, share: float):
    """Smaller networks, of at least one hidden unit or filter, with the sizes that they had."""
    hidden = population.keys["hidden"].to_numpy()
    left = np.maximum(1, np.round(hidden * (1 - share))).astype(int)
    if isinstance(population, Fused):
        worth = unit_scores(population, x, "contribution")
        thinned = without_units(population, strongest_units(population, worth, left))
        yield thinned.population, hidden[thinned.member]
    elif isinstance(population, Stacked):
        worth = filter_scores(population, x, "contribution")
        yield without_filters(population, strongest_filters(worth, int(left[0]))), hidden


def _corruptions(data: Data) -> dict[tuple[str, float], Corruption]:
    """The paper's corruptions, of images as they were before they were centred."""
    return {key: data.shifted(do) for key, do in CORRUPTIONS.items() if key[0] in PAPERS}


def _can_be_corrupted(data: Data) -> bool:
    shape = data.split.target.shape
    return shape is not None and min(shape[:2]) >= LARGEST_PATCH


def _robustness(cell: Cell, found: list[Trained]) -> Tables:
    (trained,) = found
    data = trained.data
    if not _can_be_corrupted(data):
        return {}
    shape, test = data.split.target.shape, data.split.test
    assert shape is not None
    chosen = _corruptions(data)

    def table(measure):
        return _each(
            trained.populations,
            lambda one: measure(one, test, shape, chosen, draws=DRAWS, seed=cell.config.seed),
        )

    return {"robustness": table(robustness), "robustness_blocks": table(robustness_blocks)}


def _states(trained: Trained) -> dict[str, Population]:
    """The network that is looked into, without most of its weights, and its relatives."""
    dense = trained.relatives[DENSE]
    return trained.relatives | {PRUNED: dense.pruned(PRUNED_LOOK)}


def _by_state(trained: Trained, measure: Callable[[Population], pd.DataFrame]) -> pd.DataFrame:
    """A measure's rows of every state, under the size of the network that is looked into."""
    size = trained.relatives[DENSE].keys["hidden"].iloc[0]
    parts = [measure(one).assign(state=state) for state, one in _states(trained).items()]
    return pd.concat(parts, ignore_index=True).assign(hidden=size)


def _geometry(cell: Cell, found: list[Trained]) -> Tables:
    (trained,) = found
    split, dense = trained.data.split, trained.relatives[DENSE]
    return {
        "geometry": _by_state(
            trained, lambda one: geometry(one, split, split.test, reference=dense)
        ),
        "geometry_blocks": _by_state(
            trained, lambda one: geometry_blocks(one, split, split.test, reference=dense)
        ),
    }


def _saliency(cell: Cell, found: list[Trained]) -> Tables:
    """Where maps lie, whose agree, and whether those of wrong answers lie elsewhere."""
    (trained,) = found
    split, dense = trained.data.split, trained.relatives[DENSE]
    look = {"rows": SEEN, "methods": LOOKED}
    return {
        "saliency": _by_state(trained, lambda one: saliency(one, split, **look)),
        "saliency_agreement": _by_state(
            trained, lambda one: saliency_agreement(one, split, reference=dense, **look)
        ),
        "misclassified": _answers(trained),
    }


def _answers(trained: Trained) -> pd.DataFrame:
    """Of each test image, whether the answer is right, and what of its map is on the region."""
    split, network = trained.data.split, trained.relatives[DENSE][0]
    region = discriminating_region(split)
    parts = []
    for start in range(0, len(split.test.y), 500):
        x, y = split.test.x[start : start + 500], split.test.y[start : start + 500]
        inside = concentration(network.gradient(x), np.broadcast_to(region, x.shape))
        parts.append(
            pd.DataFrame(
                {
                    "image": start + np.arange(len(y)),
                    "correct": (network(x) >= 0.5) == (y > 0),
                    "on_region": inside.astype(np.float32),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _attention(cell: Cell, found: list[Trained]) -> Tables:
    """Maps of corrupted images against the network's own of the clean ones, and a stranger's."""
    (trained,) = found
    data = trained.data
    if not _can_be_corrupted(data):
        return {}
    stranger, chosen = trained.relatives[STRANGER], _corruptions(data)

    def under(one: Population) -> pd.DataFrame:
        return attention_under(
            one,
            data.split,
            chosen,
            stranger=stranger,
            rows=SEEN,
            draws=DRAWS,
            methods=LOOKED,
            seed=cell.config.seed,
        )

    return {"attention": _by_state(trained, under)}


def _classes(cell: Cell, found: list[Trained]) -> Tables:
    """Accuracy of every size on each block of test images, mean over the groups of classes."""
    parts = []
    for trained in found:
        split = trained.data.split
        owners = image_blocks(split.test.y)
        for population in trained.populations:
            logits = population.logits(population.prepare(split.test.x, split.active))
            if split.target.kind == "binary":
                said = (logits[..., 0] >= 0).astype(int)
            else:
                said = logits.argmax(axis=2)
            right = pd.DataFrame((said == split.test.y).T)  # [rows, members]
            by_block = right.groupby(owners).mean()
            observations = [
                {"block": int(block), "accuracy": by_block.loc[block].to_numpy()}
                for block in by_block.index
            ]
            parts.append(tidy(population.keys, observations))
    if not parts:  # the data set has fewer classes
        return {}
    table = pd.concat(parts, ignore_index=True)
    mean = table.groupby(["hidden", "block"], as_index=False)["accuracy"].mean()
    return {"classes": mean.assign(classes=cell.config.classes, groups=len(found))}


def _difficulty(cell: Cell, found: list[Trained]) -> Tables:
    (trained,) = found
    return {"difficulty": difficulty(trained.data.split)}


MEASURES = {
    "capacity": Measure(_capacity, ("capacity", "capacity_blocks")),
    "pruning": Measure(_pruning, ("pruning", "pruning_blocks", "whole_units")),
    "difficulty": Measure(_difficulty, ("difficulty",)),
    "robustness": Measure(_robustness, ("robustness", "robustness_blocks")),
    "geometry": Measure(_geometry, ("geometry", "geometry_blocks")),
    "saliency": Measure(_saliency, ("saliency", "saliency_agreement", "misclassified")),
    "attention": Measure(_attention, ("attention",)),
    "classes": Measure(_classes, ("classes",)),
}
"""By name."""
