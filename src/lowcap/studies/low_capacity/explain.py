"""The saliency tables of one cell: the paper's network beside its relatives."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lowcap.data import Split
from lowcap.measures import pruned_pairs, saliency
from lowcap.measures.saliency import METHODS
from lowcap.networks import OneHiddenLayer, Wide, take
from lowcap.studies.low_capacity.protocols import released_count
from lowcap.training import Fitted

SPARSITY = 0.95
ROWS = 400
"""How many test images are explained, half of each class."""

SHOWN = ("finite differences", "gradient", "gradient x input", "integrated gradients")
"""The methods whose maps are drawn."""


def relatives(
    fitted: Fitted, initial: Wide, index: int, independent: OneHiddenLayer
) -> dict[str, OneHiddenLayer]:
    """Member `index` trained, untrained, pruned by either rule; and an independent network."""
    dense, pruned = pruned_pairs(fitted, SPARSITY)[index]
    _, released = pruned_pairs(fitted, SPARSITY, released_count)[index]
    return {
        "trained": dense,
        "untrained": take(initial, index),
        "pruned": pruned,
        "pruned as released": released,
        "independent": independent,
    }


def explain(
    fitted: Fitted,
    initial: Wide,
    split: Split,
    index: int,
    independent: OneHiddenLayer,
    *,
    draw: bool,
) -> dict[str, pd.DataFrame]:
    """Saliency tables of one member; with `draw`, also the maps of a few test images.

    Args:
        fitted: the trained population.
        initial: its weights before training.
        split: its data.
        index: which member.
        independent: a network of the same size, trained on the same data from other weights.
        draw: whether to keep maps.
    """
    networks = relatives(fitted, initial, index, independent)
    shares, agreements = saliency(networks, split, rows=ROWS)
    member = fitted.members[index]
    tables = {"saliency": shares, "saliency_agreement": agreements}
    if draw:
        tables["saliency_maps"] = _maps(networks, split)
    for table in tables.values():
        for place, name in enumerate(("hidden", "learning_rate", "seed")):
            table.insert(place, name, getattr(member, name))
    return tables


def _maps(networks: dict[str, OneHiddenLayer], split: Split) -> pd.DataFrame:
    """Maps of one image of each class classified right, and one classified wrong if any is."""
    right = (networks["trained"](split.test.images) >= 0.5) == (split.test.labels > 0)
    chosen: list[int] = []
    for wanted in (right & (split.test.labels == 0), right & (split.test.labels == 1), ~right):
        chosen += np.flatnonzero(wanted)[:1].tolist()
    images = split.test.images[chosen]
    parts = [_long("image", "", images, chosen)]
    for state in ("untrained", "trained", "pruned"):
        for method in SHOWN:
            parts.append(_long(state, method, METHODS[method](networks[state], images), chosen))
    return pd.concat(parts, ignore_index=True)


def _long(state: str, method: str, maps: np.ndarray, chosen: Sequence[int]) -> pd.DataFrame:
    count, pixels = maps.shape
    return pd.DataFrame(
        {
            "state": state,
            "method": method,
            "image": np.repeat(np.asarray(chosen), pixels),
            "pixel": np.tile(np.arange(pixels), count),
            "value": maps.ravel().astype(np.float32),
        }
    )
