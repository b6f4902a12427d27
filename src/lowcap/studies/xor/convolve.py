"""Cells on images: convolutional networks of two sizes, small ones from several starts."""

import numpy as np
import pandas as pd

from lowcap.data import Labelled, Sample, load_referenced, sample
from lowcap.networks import Convolutional, Network, Stacked, joined, stack
from lowcap.runs import Cell
from lowcap.streams import stream
from lowcap.studies.xor.clusters import (
    angles_to_centres,
    cluster_centres,
    random_directions,
    random_members,
)
from lowcap.studies.xor.plan import ADAM_BATCH, ADAM_RATE, CHANNELS, NETWORKS, Convolution
from lowcap.training import fit

BLOCKS = 20
"""Parts of the test images that are left out in turn, for the spread over images."""

CHUNK = 250
"""Images whose patches are held together."""

PICTURED = 24
"""Filters of the large network that are kept to be drawn."""


def convolve(cell: Cell) -> dict[str, pd.DataFrame]:
    """Errors of all networks, and angles of the large one's filters to cluster centres."""
    config: Convolution = cell.config
    data = load_referenced(cell.source, cell.data_sha256)
    images = min(config.images, len(data.labels) - len(data.classes))
    drawn = sample(data, images, len(data.test_labels), seed=config.seed)
    few, many = CHANNELS

    def start(channels: int, filters: np.ndarray | None = None) -> Stacked:
        """One network before training, from filters if given."""
        architecture = Convolutional(channels, config.filter, config.pool,
                                     side=drawn.image_shape[0], outputs=drawn.target.outputs,
                                     scale=config.scale)  # fmt: skip
        network = stack(architecture, [config.seed], [ADAM_RATE])
        if filters is None:
            return network
        return network.with_arrays(network.arrays | {"filters": filters[None]})

    untrained = start(many)
    (large,) = _trained([untrained], drawn, config)
    filters = large.params["filters"].astype(np.float64)
    centres = cluster_centres(filters, few, config.seed)
    starts = (
        None,
        random_directions(centres, config.seed),
        random_members(filters, centres, config.seed),
        centres,
    )
    small = _trained([start(few, one) for one in starts], drawn, config)
    networks = dict(zip(NETWORKS, [*small, large], strict=True))
    keys = {"filter": config.filter, "pool": config.pool, "scale": config.scale,
            "fitted": config.until_fit, "seed": config.seed}  # fmt: skip
    tables = _errors(networks, drawn, keys)
    angles = [
        pd.DataFrame(
            keys
            | {"state": state,
               "angle": angles_to_centres(
                   net.params["filters"].astype(np.float64), few, config.seed)}
        )
        for state, net in (("random", untrained[0]), ("trained", large))
    ]  # fmt: skip
    tables["conv_angles"] = pd.concat(angles, ignore_index=True)
    if config.seed == 0:
        pictures = (("centre", centres), ("filter", filters[:PICTURED]))
        tables["conv_filters"] = pd.concat(
            [_pictures(each, keys | {"kind": kind}) for kind, each in pictures], ignore_index=True
        )
    return tables


def _trained(starts: list[Stacked], drawn: Sample, config: Convolution) -> list[Network]:
    """Networks of one architecture after training side by side, in whole batches only."""
    images = len(drawn.train.y)
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
        drawn,
        epochs=config.epochs,
        batch_size=batch,
        optimizer="adam",
        stop="fit" if config.until_fit else "",
        order=order[:, : images // batch * batch],
    )
    return [fitted.population[member] for member in range(len(starts))]


def _mistakes(network: Network, data: Labelled) -> np.ndarray:
    """Which images are classified wrong, one truth value each."""
    parts = [data.x[i : i + CHUNK] for i in range(0, len(data.x), CHUNK)]
    predicted = np.concatenate([network.logits(part).argmax(axis=1) for part in parts])
    return predicted != data.y


def _errors(networks: dict[str, Network], drawn: Sample, keys: dict) -> dict[str, pd.DataFrame]:
    """Training and test error of each network; and its test mistakes by block of images."""
    rows, blocks = [], []
    count = min(BLOCKS, len(drawn.test.y))
    block = drawn.test_places % count  # the same images in a block under every seed
    sizes = np.bincount(block)
    for name, network in networks.items():
        on_training = _mistakes(network, drawn.train)
        on_test = _mistakes(network, drawn.test)
        rows.append(
            keys
            | {"network": name, "images": len(drawn.train.y), "train_error": on_training.mean(),
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
