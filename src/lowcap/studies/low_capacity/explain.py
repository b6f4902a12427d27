"""The saliency tables of one cell: the paper's network beside its relatives."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lowcap.data import Split
from lowcap.measures import region_shares, saliency
from lowcap.measures.saliency import METHODS
from lowcap.networks import OneHiddenLayer

ROWS = 400
"""How many test images are explained, half of each class."""

SHOWN = ("finite differences", "gradient", "gradient x input", "integrated gradients")
"""The methods whose maps are drawn."""


CLAIMED = ("finite differences", "gradient x input")
"""The methods that claims are judged by."""


def explain(
    networks: Mapping[str, OneHiddenLayer], split: Split, *, every_method: bool, draw: str
) -> dict[str, pd.DataFrame]:
    """Saliency tables of related networks; with `draw`, also the maps of a few test images.

    Args:
        networks: by state; "dense" is the one that the others are compared with.
        split: the task's data.
        every_method: whether to apply every method, or only those that claims are judged by.
        draw: the state, such as "pruned: global", whose maps are kept beside those of the dense and
            the untrained network; "" to keep none.
    """
    methods = tuple(METHODS) if every_method else CLAIMED
    shares, agreements = saliency(networks, split, rows=ROWS, methods=methods)
    tables = {
        "saliency": shares,
        "saliency_agreement": agreements,
        "misclassified": region_shares(networks["dense"], split, label=0),
    }
    if draw:
        tables["saliency_maps"] = _maps(networks, split, draw)
    return tables


def _maps(networks: Mapping[str, OneHiddenLayer], split: Split, pruned: str) -> pd.DataFrame:
    """Maps of one image of each class classified right, and one classified wrong if any is."""
    right = (networks["dense"](split.test.x) >= 0.5) == (split.test.y > 0)
    places: list[int] = []
    for wanted in (right & (split.test.y == 0), right & (split.test.y == 1), ~right):
        places += np.flatnonzero(wanted)[:1].tolist()
    images = split.test.x[places]
    parts = [_long("image", "", images, places)]
    for state, name in (("untrained", "untrained"), ("dense", "trained"), (pruned, "pruned")):
        for method in SHOWN:
            parts.append(_long(name, method, METHODS[method](networks[state], images), places))
    return pd.concat(parts, ignore_index=True)


def _long(state: str, method: str, maps: np.ndarray, places: Sequence[int]) -> pd.DataFrame:
    count, pixels = maps.shape
    return pd.DataFrame(
        {
            "state": state,
            "method": method,
            "image": np.repeat(np.asarray(places), pixels),
            "pixel": np.tile(np.arange(pixels), count),
            "value": maps.ravel().astype(np.float32),
        }
    )
