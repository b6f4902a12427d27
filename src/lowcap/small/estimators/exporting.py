"""An estimator's network as a model that can be exported."""

import hashlib
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from lowcap.networks import Network
from lowcap.small.estimators.scales import Scales
from lowcap.small.export.folder import FORMATS, export
from lowcap.small.model import Column, SmallModel
from lowcap.streams import stream

_ROWS = 64
"""Rows of test vectors that are drawn where none are given."""


def digest_of(x: Float[np.ndarray, "rows columns"], y: Shaped[np.ndarray, " rows"]) -> str:
    """The SHA-256 of training data with their shape and type."""
    found = hashlib.sha256()
    for array in (x, y):
        content = repr(array.tolist()).encode() if array.dtype == object else array.tobytes()
        found.update(f"{array.shape} {array.dtype.str} ".encode() + content)
    return found.hexdigest()


def model_of(
    inner: Network, scales: Scales, target: tuple[float, float], names: Sequence[str], classes: Any
) -> SmallModel:
    """The model that takes columns as they stand: scaling is the columns' own, not folded in.

    Whole numbers and single precision keep more of a network whose inputs are scaled. A column that
    did not vary is ignored; a missing value counts as the mean.
    """
    place = iter(zip(scales.mean.tolist(), scales.scale.tolist(), strict=True))
    columns = []
    for name, varies in zip(names, scales.varies, strict=True):
        if varies:
            mean, scale = next(place)
            columns.append(Column(str(name), "number", mean, mean, scale))
        else:
            columns.append(Column(str(name), "ignored"))
    labels = tuple(label.item() if isinstance(label, np.generic) else label for label in classes)
    return SmallModel(tuple(columns), inner, labels, *target)


def export_model(
    model: SmallModel, folder: str | PathLike[str], to: Sequence[str], digest: str, rows: Any
) -> None:
    """Write a model into a folder; see the estimators' own `export`."""
    names = list(model.names())
    if rows is None:
        numbers = stream("export vectors").standard_normal((_ROWS, len(names)))
        mean = np.array([column.mean for column in model.columns])
        table = pd.DataFrame(mean + numbers * [c.scale for c in model.columns], columns=names)
    else:
        table = pd.DataFrame(np.asarray(rows, float), columns=names)
    formats = (to,) if isinstance(to, str) else tuple(to or FORMATS)
    export(model, Path(folder), table, digest, formats)
