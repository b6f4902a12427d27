"""One cell: train a stacked population, and put it under the instruments."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Int

from lowcap.data import Dataset, Sample, load_referenced, sample
from lowcap.measures.regions import region_map
from lowcap.measures.sensitivity import along_ellipses, ellipse_paths, sensitivity
from lowcap.networks import Dense, Stacked, stack
from lowcap.runs import Cell, Files
from lowcap.streams import seed_of, stream
from lowcap.studies.measure import Measure
from lowcap.studies.sensitivity.plan import RATES, CellConfig
from lowcap.training import Fitted, fit

Tables = Mapping[str, pd.DataFrame]

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


def members_of(config: CellConfig) -> list[tuple[float, int]]:
    """Learning rate and seed of each network of a cell."""
    rates = RATES[config.optimizer][: config.rates]
    return [(rate, seed) for rate in rates for seed in range(config.seeds)]


class Trained(NamedTuple):
    """A cell's networks before and after training, and their data."""

    sample: Sample
    initial: Stacked
    fitted: Fitted

    @property
    def states(self) -> dict[str, Stacked]:
        """The networks before training and after it."""
        after = self.fitted.population
        assert isinstance(after, Stacked)
        return {"untrained": self.initial, "trained": after}


def _prepared(cell: Cell) -> tuple[Sample, Stacked]:
    config: CellConfig = cell.config
    data = _sample(cell.source, cell.data_sha256, config.images, config.tests, config.sample)
    members = members_of(config)
    architecture = Dense(
        data.train.x.shape[1],
        (config.width,) * config.depth,
        data.target.outputs,
        config.activation,
        bias=False,
    )
    own_seeds = [weights_seed(config.sample, seed) for _, seed in members]
    return data, stack(architecture, own_seeds, [rate for rate, _ in members])


def train(cell: Cell) -> dict[str, bytes]:
    """Train the networks of one cell; contents of the files that are kept of them."""
    config: CellConfig = cell.config
    data, initial = _prepared(cell)
    labels = None
    if config.labels == "random":
        labels = np.stack([data.random_labels(seed) for seed in initial.seeds])
    order, shifts = _batches(config)
    fitted = fit(
        initial,
        data,
        epochs=config.epochs,
        batch_size=None if config.batch == "full" else config.batch,
        optimizer=config.optimizer,
        labels=labels,
        stop="fit" if config.length == "until fit" else "",
        rescore=True,
        order=order,
        shifts=shifts,
    )
    return fitted.files()


def read(cell: Cell, files: Files) -> Trained:
    """What `train` kept, with the data and the initial weights, which follow from the cell."""
    return Trained(*_prepared(cell), Fitted.of_files(files))


def wanted(config: CellConfig) -> list[str]:
    """The measures that a cell is there for."""
    names = ["networks"]
    if config.curves:
        names.append("ellipses")
        if config.sample == 0:
            names.append("regions")
    return names


def _networks(cell: Cell, trained: Trained) -> Tables:
    config: CellConfig = cell.config
    networks, points = sensitivity(trained.fitted, trained.sample, trained.initial, points=POINTS)
    batch_size = config.images if config.batch == "full" else config.batch
    networks["updates"] = config.epochs * -(-config.images // batch_size)
    return {"networks": networks} | ({"points": points} if config.points else {})


def _ellipses(cell: Cell, trained: Trained) -> Tables:
    """Summaries and curves along this sample's own ellipses, before training and after."""
    config: CellConfig = cell.config
    paths = ellipse_paths(trained.sample, config.ellipses, STEPS, config.sample)
    found = {state: along_ellipses(one, paths) for state, one in trained.states.items()}
    return {
        name: pd.concat(
            [both[place].assign(state=state) for state, both in found.items()], ignore_index=True
        )
        for place, name in enumerate(("ellipses", "curves"))
    }


def _regions(cell: Cell, trained: Trained) -> Tables:
    """The plane through three training points of different classes, before and after training."""
    x, y = trained.sample.train
    corners, parts = np.stack([x[y == label][0] for label in range(3)]), []
    for state, stacked in zip(("before", "after"), trained.states.values(), strict=True):
        regions, classes = region_map(stacked[0], corners, MAP_SIDE)
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
    return {"regions": pd.concat(parts, ignore_index=True)}


MEASURES = {
    "networks": Measure(_networks, ("networks", "points")),
    "ellipses": Measure(_ellipses, ("ellipses", "curves")),
    "regions": Measure(_regions, ("regions",)),
}


def _batches(
    config: CellConfig,
) -> tuple[Int[np.ndarray, "epochs images"], Int[np.ndarray, "epochs places 2"] | None]:
    """The order of the images in each epoch, and their shifts where the cell asks for some."""
    generator = stream("stacked batch order", seed_of("sensitivity batches", config.sample))
    everyone = np.tile(np.arange(config.images, dtype=np.int32), (config.epochs, 1))
    order = generator.permuted(everyone, axis=1)
    if not config.shift:
        return order, None
    batch = config.images if config.batch == "full" else config.batch
    places = -(-config.images // batch) * batch  # shifts fill the last batch, images may not
    shape = (config.epochs, places, 2)
    return order, generator.integers(-config.shift, config.shift + 1, shape, dtype=np.int8)


def keyed(cell: Cell, table: pd.DataFrame) -> pd.DataFrame:
    """With the columns that tell networks apart in front."""
    config: CellConfig = cell.config
    keys = pd.DataFrame(members_of(config), columns=["learning_rate", "seed"])
    own = keys.iloc[table["member"]].reset_index(drop=True)
    front = {
        "study": cell.study,
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
    here = ["hidden", "learning_rate", "seed", "member"]  # the seeds of weights among them
    rest = table.drop(columns=here, errors="ignore").reset_index(drop=True)
    return pd.concat([pd.DataFrame(front, index=rest.index), rest], axis=1)
