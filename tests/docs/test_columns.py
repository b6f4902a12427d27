"""Every column of every table has a meaning and a unit in the reference."""

import tomllib
from pathlib import Path

import pytest

from lowcap.claims.claim import COLUMNS
from lowcap.data import Labelled
from lowcap.data.corruptions import gaussian_noise
from lowcap.measures import (
    capacity,
    costs,
    difficulty,
    geometry,
    geometry_blocks,
    neurons,
    prune,
    pruned_blocks,
    robustness,
    saliency,
    saliency_agreement,
)
from lowcap.networks import grid, initialise

FILE = Path(__file__).parents[2] / "docs" / "reference" / "columns.toml"
REFERENCE = tomllib.loads(FILE.read_text())


def meanings(table: str) -> dict[str, list[str]]:
    """Unit and meaning of each column of a table."""
    entry = REFERENCE["tables"][table]
    own = entry.get("own", {})
    return {name: own.get(name) or REFERENCE["columns"][name] for name in entry["columns"]}


@pytest.mark.parametrize("table", REFERENCE["tables"])
def test_every_column_has_a_meaning(table):
    for name, (_, meaning) in meanings(table).items():
        assert meaning, name


def test_no_meaning_is_left_over():
    used = {
        name
        for table, entry in REFERENCE["tables"].items()
        for name in entry["columns"]
        if name not in entry.get("own", {})
    }
    assert used == set(REFERENCE["columns"])


def test_the_measures_columns_are_described(split):
    population = initialise(grid([2, 3], seed=range(2)), split.train.x.shape[1])
    data = Labelled(split.test.x, split.test.y)
    noise = {("gaussian", 0.1): lambda images, rng: gaussian_noise(images, rng, 0.1)}
    found = {
        "capacity": [capacity(population, split), costs(population)],
        "difficulty": [difficulty(split)],
        "pruning": [prune(population, split, [0.5])],
        "pruning_blocks": [pruned_blocks(population, split)],
        "geometry": [geometry(population, split, data)],
        "geometry_blocks": [geometry_blocks(population, split, data)],
        "neurons": [neurons(population, data)],
        "robustness": [robustness(population, data, split.image_shape, noise)],
        "saliency": [saliency(population, split, methods=["gradient"])],
        "saliency_agreement": [
            saliency_agreement(population, split, reference=population, methods=["gradient"])
        ],
    }
    for table, frames in found.items():
        for frame in frames:
            # What a network costs on a chip is in the frontier's table.
            missing = set(frame) - set(meanings(table)) - set(meanings("frontier"))
            assert not missing, f"{table}: {sorted(missing)}"


def test_the_claims_columns_are_described():
    assert list(meanings("claims")) == COLUMNS


@pytest.mark.long
def test_the_columns_of_runs_are_described(tmp_path):
    """Of a study whose plan reaches all measures of the first paper, and of the pairs."""
    from lowcap.studies import find, settings_of
    from lowcap.studies.study import conduct

    quick = {
        "low-capacity": {"tasks": ("4-9",), "hidden": (2, 24), "seeds": 2, "epochs": 4,
                         "least_steps": 20},
        "pairs": {"classes": 5, "seeds": 2, "steps": 20},
    }  # fmt: skip
    for name, settings in quick.items():
        result = conduct(find(name), settings_of(name)(**settings), tmp_path / name, workers=1)
        for table, frame in result.tables.items():
            assert set(frame) <= set(meanings(table)), table
