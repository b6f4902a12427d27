"""One cell: train a stacked population, and put it under the instruments."""

from functools import lru_cache

import numpy as np
import pandas as pd

from lowcap.data import Dataset, Sample, load_referenced, sample
from lowcap.measures.regions import region_map
from lowcap.measures.sensitivity import along_ellipses, ellipse_paths, sensitivity
from lowcap.networks.stacked import Shape, Stacked, choose, stack
from lowcap.runs import Cell, CellResult
from lowcap.streams import seed_of
from lowcap.studies.sensitivity.plan import RATES, CellConfig
from lowcap.training.stacking import fit_stacked

POINTS = 500
"""Test images at which the Jacobian is taken."""

STEPS = 180
"""Places on an ellipse."""

MAP_SIDE = 300
"""Places along one side of the picture of linear regions."""


@lru_cache(maxsize=1)
def _dataset(source: tuple[str, str | None], sha256: str) -> Dataset:
    return load_referenced(source, sha256)


@lru_cache(maxsize=12)
def _sample(
    source: tuple[str, str | None], sha256: str, images: int, tests: int, number: int
) -> Sample:
    return sample(_dataset(source, sha256), images, tests, number)


def weights_seed(number: int, seed: int) -> int:
    """Which initial weights and random labels a network has: others on every training sample."""
    return seed_of("sensitivity networks", number, seed)


def compute(cell: Cell) -> CellResult:
    """Train and measure the networks of one cell."""
    config: CellConfig = cell.config
    drawn = _sample(cell.source, cell.data_sha256, config.images, config.tests, config.sample)
    rates = RATES[config.optimizer][: config.rates]
    members = [(rate, seed) for rate in rates for seed in range(config.seeds)]
    own_seeds = [weights_seed(config.sample, seed) for _, seed in members]
    shape = Shape(
        drawn.train.x.shape[1],
        (config.width,) * config.depth,
        drawn.target.outputs,
        config.activation,
    )
    initial = stack(shape, own_seeds)
    truth = config.labels == "true"
    labels = np.stack([drawn.train.y if truth else drawn.random_labels(s) for s in own_seeds])
    height, width = drawn.image_shape
    batch_size = config.images if config.batch == "full" else config.batch
    fitted = fit_stacked(
        initial,
        drawn.train.x,
        labels,
        [rate for rate, _ in members],
        optimizer=config.optimizer,
        batch_size=None if config.batch == "full" else batch_size,
        epochs=config.epochs,
        seed=seed_of("sensitivity batches", config.sample),
        shift=config.shift,
        side=(height, width),
        stop=config.length == "until fit",
    )
    networks, points = sensitivity(fitted, drawn, initial, points=POINTS)
    networks["updates"] = config.epochs * -(-config.images // batch_size)
    tables = {"networks": networks.assign(member=range(len(networks)))}
    if config.points:
        tables["points"] = points
    if config.curves:
        tables |= _along_ellipses(initial, fitted.stacked, drawn, config)
        if config.sample == 0:
            tables["regions"] = _regions(initial, fitted.stacked, drawn)
    keys = pd.DataFrame(members, columns=["learning_rate", "seed"])
    return CellResult(
        {name: _keyed(table, cell.study, config, keys) for name, table in tables.items()}
    )


def _along_ellipses(
    before: Stacked, after: Stacked, drawn: Sample, config: CellConfig
) -> dict[str, pd.DataFrame]:
    """Summaries and curves along this sample's own ellipses, before training and after."""
    paths = ellipse_paths(drawn, config.ellipses, STEPS, config.sample)
    states = {"untrained": before, "trained": after}
    found = {state: along_ellipses(stacked, paths) for state, stacked in states.items()}
    return {
        name: pd.concat(
            [both[place].assign(state=state) for state, both in found.items()], ignore_index=True
        )
        for place, name in enumerate(("ellipses", "curves"))
    }


def _regions(before: Stacked, after: Stacked, drawn: Sample) -> pd.DataFrame:
    """The plane through three training points of different classes, before and after training."""
    corners = np.stack([drawn.train.x[drawn.train.y == label][0] for label in range(3)])
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
        "length": config.length,
        "learning_rate": own["learning_rate"],
        "sample": config.sample,
        "seed": own["seed"],
    }
    rest = table.drop(columns="member").reset_index(drop=True)
    return pd.concat([pd.DataFrame(front, index=rest.index), rest], axis=1)
