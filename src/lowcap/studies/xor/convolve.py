"""Cells on images: convolutional networks of two sizes, small ones from several starts."""

import numpy as np
import pandas as pd

from lowcap.data import load_referenced, sample
from lowcap.networks.convolutional import Convolutional, ConvShape, fresh
from lowcap.runs import Cell
from lowcap.studies.xor.clusters import (
    angles_to_centres,
    cluster_centres,
    random_directions,
    random_members,
)
from lowcap.studies.xor.plan import CHANNELS, NETWORKS, Convolution
from lowcap.training.convolutional import fit_convolutional, mistakes

BLOCKS = 20
"""Parts of the test images that are left out in turn, for the spread over images."""

PICTURED = 24
"""Filters of the large network that are kept to be drawn."""


def convolve(cell: Cell) -> dict[str, pd.DataFrame]:
    """Errors of all networks, and angles of the large one's filters to cluster centres."""
    config: Convolution = cell.config
    data = load_referenced(cell.source, cell.data_sha256)
    images = min(config.images, len(data.labels) - len(data.classes))
    drawn = sample(data, images, len(data.test_labels), seed=config.seed)
    few, many = CHANNELS

    def start(channels: int, filters: np.ndarray | None = None) -> Convolutional:
        shape = ConvShape(channels, config.filter, config.pool, side=drawn.image_shape[0],
                          classes=drawn.target.outputs)  # fmt: skip
        return fresh(shape, config.seed, filters, scale=config.scale)

    def trained(starts: list[Convolutional]) -> list[Convolutional]:
        return fit_convolutional(
            starts, drawn.train.x, drawn.train.y, epochs=config.epochs, seed=config.seed,
            until_fit=config.until_fit,
        )  # fmt: skip

    untrained = start(many)
    (large,) = trained([untrained])
    filters = np.asarray(large.filters, np.float64)
    centres = cluster_centres(filters, few, config.seed)
    starts = (
        None,
        random_directions(centres, config.seed),
        random_members(filters, centres, config.seed),
        centres,
    )
    small = trained([start(few, one) for one in starts])
    networks = dict(zip(NETWORKS, [*small, large], strict=True))
    keys = {"filter": config.filter, "pool": config.pool, "scale": config.scale,
            "fitted": config.until_fit, "seed": config.seed}  # fmt: skip
    tables = _errors(networks, drawn, keys)
    angles = [
        pd.DataFrame(
            keys
            | {"state": state,
               "angle": angles_to_centres(np.asarray(net.filters, np.float64), few, config.seed)}
        )
        for state, net in (("random", untrained), ("trained", large))
    ]  # fmt: skip
    tables["conv_angles"] = pd.concat(angles, ignore_index=True)
    if config.seed == 0:
        pictures = (("centre", centres), ("filter", filters[:PICTURED]))
        tables["conv_filters"] = pd.concat(
            [_pictures(each, keys | {"kind": kind}) for kind, each in pictures], ignore_index=True
        )
    return tables


def _errors(networks: dict[str, Convolutional], drawn, keys: dict) -> dict[str, pd.DataFrame]:
    """Training and test error of each network; and its test mistakes by block of images."""
    rows, blocks = [], []
    count = min(BLOCKS, len(drawn.test.y))
    block = drawn.test_places % count  # the same images in a block under every seed
    sizes = np.bincount(block)
    for name, network in networks.items():
        on_training = mistakes(network, drawn.train.x, drawn.train.y)
        on_test = mistakes(network, drawn.test.x, drawn.test.y)
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
