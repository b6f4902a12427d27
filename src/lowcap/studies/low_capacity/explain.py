"""The saliency tables of one cell: the paper's network beside its relatives."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lowcap.data import Split
from lowcap.measures import region_shares, saliency, saliency_agreement
from lowcap.measures.saliency import METHODS
from lowcap.networks import Network, Population

ROWS = 400
"""How many test images are explained, half of each class."""

SHOWN = ("finite differences", "gradient", "gradient x input", "integrated gradients")
"""The methods whose maps are drawn."""


CLAIMED = ("finite differences", "gradient x input")
"""The methods that claims are judged by."""


def explain(
    states: Mapping[str, Population], split: Split, *, every_method: bool, draw: str
) -> dict[str, pd.DataFrame]:
    """Saliency tables of related networks; with `draw`, also the maps of a few test images.

    Args:
        states: populations of one network; "dense" is the one that the others are compared with.
        split: the task's data.
        every_method: whether to apply every method, or only those that claims are judged by.
        draw: the state, such as "pruned: global", whose maps are kept beside those of the dense and
            the untrained network; "" to keep none.
    """
    methods = tuple(METHODS) if every_method else CLAIMED
    options = {"rows": ROWS, "methods": methods}
    dense = states["dense"]
    shares = {state: saliency(one, split, **options) for state, one in states.items()}
    agreements = {
        state: saliency_agreement(one, split, reference=dense, **options)
        for state, one in states.items()
        if state != "dense"
    }
    tables = {
        "saliency": by_state(shares),
        "saliency_agreement": by_state(agreements),
        "misclassified": region_shares(dense[0], split, label=0),
    }
    if draw:
        tables["saliency_maps"] = _maps(
            {state: one[0] for state, one in states.items()}, split, draw
        )
    return tables


def by_state(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One table of several, whose states become a column; without the members' keys."""
    keys = ["hidden", "learning_rate", "seed"]
    parts = [table.drop(columns=keys).assign(state=state) for state, table in tables.items()]
    return pd.concat(parts, ignore_index=True)


def _maps(networks: Mapping[str, Network], split: Split, pruned: str) -> pd.DataFrame:
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
