"""One cell: train a stacked population, and put it under the instruments."""

from functools import lru_cache

import numpy as np
import pandas as pd
from jaxtyping import Int

from lowcap.data import Dataset, Sample, load_referenced, sample
from lowcap.measures.regions import region_map
from lowcap.measures.sensitivity import along_ellipses, ellipse_paths, sensitivity
from lowcap.networks import Dense, Stacked, stack
from lowcap.runs import Cell, CellResult
from lowcap.streams import seed_of, stream
from lowcap.studies.sensitivity.plan import RATES, CellConfig
from lowcap.training import fit

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
    hidden, outputs = (config.width,) * config.depth, drawn.target.outputs
    architecture = Dense(drawn.train.x.shape[1], hidden, outputs, config.activation, bias=False)
    initial = stack(architecture, own_seeds, [rate for rate, _ in members])
    labels = None
    if config.labels == "random":
        labels = np.stack([drawn.random_labels(seed) for seed in own_seeds])
    order, shifts = _batches(config)
    batch_size = config.images if config.batch == "full" else config.batch
    fitted = fit(
        initial,
        drawn,
        epochs=config.epochs,
        batch_size=None if config.batch == "full" else batch_size,
        optimizer=config.optimizer,
        labels=labels,
        stop="fit" if config.length == "until fit" else "",
        rescore=True,
        order=order,
        shifts=shifts,
    )
    networks, points = sensitivity(fitted, drawn, initial, points=POINTS)
    networks["updates"] = config.epochs * -(-config.images // batch_size)
    tables = {"networks": networks}
    if config.points:
        tables["points"] = points
    if config.curves:
        trained = fitted.population
        assert isinstance(trained, Stacked)
        tables |= _along_ellipses(initial, trained, drawn, config)
        if config.sample == 0:
            tables["regions"] = _regions(initial, trained, drawn)
    keys = pd.DataFrame(members, columns=["learning_rate", "seed"])
    return CellResult(
        {name: _keyed(table, cell.study, config, keys) for name, table in tables.items()}
    )


def _batches(
    config: CellConfig,
) -> tuple[Int[np.ndarray, "epochs images"], Int[np.ndarray, "epochs images 2"] | None]:
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
    return pd.concat(parts, ignore_index=True)


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
    here = ["hidden", "learning_rate", "seed", "member"]  # the seeds of weights among them
    rest = table.drop(columns=here, errors="ignore").reset_index(drop=True)
    return pd.concat([pd.DataFrame(front, index=rest.index), rest], axis=1)
