"""One cell: train a stacked population, and put it under the instruments."""

from functools import lru_cache

import numpy as np
import pandas as pd

from lowcap.data import Sample, load_referenced, sample
from lowcap.measures.regions import region_map
from lowcap.measures.sensitivity import along_ellipses, ellipse_paths, sensitivity
from lowcap.networks.stacked import Shape, Stacked, choose, stack
from lowcap.runs import Cell, CellResult
from lowcap.studies.sensitivity.plan import RATES, CellConfig
from lowcap.training.stacking import fit_stacked

POINTS = 500
"""Test images at which the Jacobian is taken."""

REPLICATES, STEPS = 4, 180
"""Ellipses of each kind, and places on each."""

MAP_SIDE = 300
"""Places along one side of the picture of linear regions."""


@lru_cache(maxsize=2)
def _sample(source: tuple[str, str | None], sha256: str, images: int, tests: int) -> Sample:
    return sample(load_referenced(source, sha256), images, tests)


@lru_cache(maxsize=2)
def _paths(drawn: Sample) -> np.ndarray:
    return ellipse_paths(drawn, REPLICATES, STEPS)


def compute(cell: Cell) -> CellResult:
    """Train and measure the networks of one cell."""
    config: CellConfig = cell.config
    drawn = _sample(cell.source, cell.data_sha256, config.images, config.tests)
    rates = RATES[config.optimizer]
    members = [(rate, seed) for rate in rates for seed in range(config.seeds)]
    shape = Shape(
        drawn.images.shape[1], (config.width,) * config.depth, drawn.classes, config.activation
    )
    initial = stack(shape, [seed for _, seed in members])
    truth = config.labels == "true"
    labels = np.stack([drawn.labels if truth else drawn.random_labels(s) for _, s in members])
    height, width = drawn.shape
    fitted = fit_stacked(
        initial,
        drawn.images,
        labels,
        [rate for rate, _ in members],
        optimizer=config.optimizer,
        batch_size=None if config.batch == "full" else config.batch,
        epochs=config.epochs,
        shift=config.shift,
        side=(height, width),
        stop=config.stop,
    )
    networks, points = sensitivity(fitted, drawn, points=POINTS)
    ellipses, curves = along_ellipses(fitted.stacked, _paths(drawn))
    tables = {"networks": networks.assign(member=range(len(networks))), "ellipses": ellipses}
    if config == CellConfig(
        config.dataset, config.width, config.depth, config.images, config.tests, config.epochs,
        config.seeds, config.optimizer, curves=config.curves,
    ):  # fmt: skip
        tables["points"] = points
    if config.curves:
        tables["curves"] = curves
        tables["regions"] = _regions(initial, fitted.stacked, drawn)
    keys = pd.DataFrame(members, columns=["learning_rate", "seed"])
    return CellResult(
        {name: _keyed(table, cell.study, config, keys) for name, table in tables.items()}
    )


def _regions(before: Stacked, after: Stacked, drawn: Sample) -> pd.DataFrame:
    """The plane through three training points of different classes, before and after training."""
    corners = np.stack([drawn.images[drawn.labels == label][0] for label in range(3)])
    parts = []
    for state, stacked in (("before", before), ("after", after)):
        member = _only(choose(stacked, [0]))
        regions, classes = region_map(member, corners, MAP_SIDE)
        row, column = np.indices(regions.shape)
        parts.append(
            pd.DataFrame(
                {
                    "member": 0,
                    "state": state,
                    "row": row.ravel(),
                    "column": column.ravel(),
                    "region": regions.ravel(),
                    "class": classes.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _only(stacked: Stacked) -> Stacked:
    """A population of one as a network without the leading axis."""
    biases = None if stacked.biases is None else tuple(b[0] for b in stacked.biases)
    return Stacked(tuple(w[0] for w in stacked.weights), biases, stacked.shape)


def _keyed(table: pd.DataFrame, study: str, config: CellConfig, keys: pd.DataFrame) -> pd.DataFrame:
    """With the columns that tell networks apart in front."""
    own = keys.iloc[table["member"]].reset_index(drop=True)
    front = {
        "study": study,
        "dataset": config.dataset,
        "width": config.width,
        "depth": config.depth,
        "activation": config.activation,
        "optimizer": config.optimizer,
        "batch": str(config.batch),
        "labels": config.labels,
        "shift": config.shift,
        "stop": config.stop,
        "learning_rate": own["learning_rate"],
        "seed": own["seed"],
    }
    rest = table.drop(columns="member").reset_index(drop=True)
    return pd.concat([pd.DataFrame(front, index=rest.index), rest], axis=1)
