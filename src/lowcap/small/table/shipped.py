"""Tables that come along with scikit-learn, by name."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lowcap.data import Kind
from lowcap.small.table.reading import Sampled, Source

SHIPPED: dict[str, Kind | None] = {
    "breast-cancer": None,
    "diabetes": "regression",
    "digits": None,
    "iris": None,
    "wine": None,
}
"""By name what is to be predicted, where whole numbers do not tell."""


def shipped_source(name: str) -> Source:
    """One of scikit-learn's own tables, its labels in words where it has some.

    Args:
        name: one of `SHIPPED`.
    """
    from sklearn import datasets  # slow to import: only when needed

    load = getattr(datasets, f"load_{name.replace('-', '_')}")
    bunch: Any = load(as_frame=True)
    rows = np.arange(1, len(bunch.data) + 1)
    table = bunch.data.set_axis(rows, axis=0)
    target = pd.Series(np.asarray(bunch.target), rows, name="target")
    names = bunch.get("target_names")
    if names is not None and isinstance(names[0], str):
        target = pd.Series(np.asarray(names, object)[np.asarray(bunch.target)], rows, name="target")
    hashes = pd.util.hash_pandas_object(table.assign(target=target)).to_numpy()
    digest = hashlib.sha256(hashes.tobytes())
    return Source(
        Path(name), table, target, None, None, digest.hexdigest(), Sampled(len(table), len(table))
    )
