"""Cells on images: convolutional networks of two sizes, small ones from several starts."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lowcap.data import Labelled, Sample, load_referenced, sample
from lowcap.networks import Convolutional, Network, Population, Stacked, joined, stack
from lowcap.runs import Cell, Files
from lowcap.streams import stream
from lowcap.studies.xor.clusters import (
    angles_to_centres,
    cluster_centres,
    random_directions,
    random_members,
)
from lowcap.studies.xor.plan import ADAM_BATCH, ADAM_RATE, CHANNELS, NETWORKS, Convolution
from lowcap.training import POPULATION, fit

BLOCKS = 20
"""Parts of the test images that are left out in turn, for the spread over images."""

CHUNK = 250
"""Images whose patches are held together."""

SMALL = "small.safetensors"
"""The file of the small networks; the large one is the cell's population."""

PICTURED = 24
"""Filters of the large network that are kept to be drawn."""


class Trained(NamedTuple):
    """Networks by name, and the images that they were trained on."""

    data: Sample
    untrained: Network
    """The large one before training."""
    networks: dict[str, Network]


def _prepared(cell: Cell) -> tuple[Sample, Stacked]:
    config: Convolution = cell.config
    dataset = load_referenced(cell.source, cell.data_sha256)
    images = min(config.images, len(dataset.labels) - len(dataset.classes))
    data = sample(dataset, images, len(dataset.test_labels), seed=config.seed)
    return data, _start(config, data, CHANNELS[1])


def _start(
    config: Convolution, data: Sample, channels: int, filters: np.ndarray | None = None
) -> Stacked:
    """One network before training, from filters if given."""
    architecture = Convolutional(
        channels,
        config.filter,
        config.pool,
        side=data.image_shape[0],
        outputs=data.target.outputs,
        scale=config.scale,
    )
    network = stack(architecture, [config.seed], [ADAM_RATE])
    if filters is None:
        return network
    return network.with_arrays(network.arrays | {"filters": filters[None]})


def train(cell: Cell) -> dict[str, bytes]:
    """Train the large network, then small ones from several starts; files that are kept."""
    config: Convolution = cell.config
    data, untrained = _prepared(cell)
    large = _trained([untrained], data, config)
    filters = large[0].params["filters"].astype(np.float64)
    centres = cluster_centres(filters, CHANNELS[0], config.seed)
    starts = (
        None,
        random_directions(centres, config.seed),
        random_members(filters, centres, config.seed),
        centres,
    )
    small = _trained([_start(config, data, CHANNELS[0], one) for one in starts], data, config)
    return {SMALL: small.to_bytes(), POPULATION: large.to_bytes()}


def read(cell: Cell, files: Files) -> Trained:
    """What `train` kept, with the data and the large network before training."""
    data, untrained = _prepared(cell)
    trained = [*Population.from_bytes(files[SMALL]), *Population.from_bytes(files[POPULATION])]
    return Trained(data, untrained[0], dict(zip(NETWORKS, trained, strict=True)))


def keys_of(config: Convolution) -> dict[str, Any]:
    """The columns that tell cells apart."""
    return {"filter": config.filter, "pool": config.pool, "scale": config.scale,
            "fitted": config.until_fit, "seed": config.seed}  # fmt: skip


def errors(cell: Cell, trained: Trained) -> dict[str, pd.DataFrame]:
    """Errors of all networks."""
    return _errors(trained.networks, trained.data, keys_of(cell.config))


def clusters(cell: Cell, trained: Trained) -> dict[str, pd.DataFrame]:
    """Angles of the large network's filters to the centres of their clusters; some filters."""
    config: Convolution = cell.config
    keys, (few, _), tables = keys_of(config), CHANNELS, {}
    large = trained.networks["large"]
    angles = []
    for state, network in (("random", trained.untrained), ("trained", large)):
        filters = network.params["filters"].astype(np.float64)
        found = {"state": state, "angle": angles_to_centres(filters, few, config.seed)}
        angles.append(pd.DataFrame(keys | found))
    tables["conv_angles"] = pd.concat(angles, ignore_index=True)
    if config.seed == 0:
        filters = large.params["filters"].astype(np.float64)
        centres = cluster_centres(filters, few, config.seed)
        pictures = (("centre", centres), ("filter", filters[:PICTURED]))
        tables["conv_filters"] = pd.concat(
            [_pictures(each, keys | {"kind": kind}) for kind, each in pictures], ignore_index=True
        )
    return tables


def _trained(starts: list[Stacked], data: Sample, config: Convolution) -> Population:
    """Networks of one architecture after training side by side, in whole batches only."""
    images = len(data.train.y)
    batch = min(ADAM_BATCH, images)
    everyone = np.tile(np.arange(images, dtype=np.int32), (config.epochs, 1))
    order = stream("convolutional batch order", config.seed).permuted(everyone, axis=1)
    together = joined(
        starts[0].architecture,
        [one[0].params for one in starts],
        [config.seed] * len(starts),
        [ADAM_RATE] * len(starts),
    )
    fitted = fit(
        together,
        data,
        epochs=config.epochs,
        batch_size=batch,
        optimizer="adam",
        stop="fit" if config.until_fit else "",
        order=order[:, : images // batch * batch],
    )
    return fitted.population


def _mistakes(network: Network, data: Labelled) -> np.ndarray:
    """Which images are classified wrong, one truth value each."""
    parts = [data.x[i : i + CHUNK] for i in range(0, len(data.x), CHUNK)]
    predicted = np.concatenate([network.logits(part).argmax(axis=1) for part in parts])
    return predicted != data.y


def _errors(networks: dict[str, Network], data: Sample, keys: dict) -> dict[str, pd.DataFrame]:
    """Training and test error of each network; and its test mistakes by block of images."""
    rows, blocks = [], []
    count = min(BLOCKS, len(data.test.y))
    block = data.test_places % count  # the same images in a block under every seed
    sizes = np.bincount(block)
    for name, network in networks.items():
        on_training = _mistakes(network, data.train)
        on_test = _mistakes(network, data.test)
        rows.append(
            keys
            | {"network": name, "images": len(data.train.y), "train_error": on_training.mean(),
               "test_error": on_test.mean()}
        )  # fmt: skip
        blocks.append(
            pd.DataFrame(
                keys
                | {"network": name, "block": range(count), "tested": sizes,
                   "mistakes": np.bincount(block, weights=on_test).astype(int)}
            )
        )  # fmt: skip
    return {
        "compression": pd.DataFrame(rows),
        "compression_blocks": pd.concat(blocks, ignore_index=True),
    }


def _pictures(filters: np.ndarray, keys: dict) -> pd.DataFrame:
    number, pixel = np.indices(filters.shape).reshape(2, -1)
    return pd.DataFrame(keys | {"number": number, "pixel": pixel, "value": filters.ravel()})
