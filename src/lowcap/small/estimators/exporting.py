"""An estimator's network as a model that can be exported."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from lowcap.networks import Network
from lowcap.small.estimators.scales import Scales
from lowcap.small.estimators.settings import EstimatorError
from lowcap.small.export.folder import available, export
from lowcap.small.export.quantise import quantise
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
    model: SmallModel,
    folder: str | PathLike[str],
    to: Sequence[str],
    digest: str,
    rows: Any,
    bits: int,
) -> None:
    """Write a model into a folder; see the estimators' own `export`."""
    if bits not in (8, 32):
        raise EstimatorError(f"bits {bits!r}: must be 8 or 32")
    if bits == 8 and rows is None:
        raise EstimatorError("bits 8: give rows of training, which set the ranges of the numbers")
    model = whole(model)
    names = list(model.names())
    if rows is None:
        numbers = stream("export vectors").standard_normal((_ROWS, len(names)))
        mean = np.array([column.mean for column in model.columns])
        table = pd.DataFrame(mean + numbers * [c.scale for c in model.columns], columns=names)
    else:
        table = pd.DataFrame(np.asarray(rows, float), columns=names)
    formats = (to,) if isinstance(to, str) else tuple(to or available())
    exported = quantise(model, table) if bits == 8 else model
    export(exported, Path(folder), table, digest, formats)


def whole(model: SmallModel) -> SmallModel:
    """The model with ignored columns as numbers that no weight looks at.

    They stand in the user's rows, so that exported code is handed them all the same.
    """
    scale = next((one.scale for one in model.columns if one.kind == "number"), 1.0)
    columns = [
        Column(one.name, "number", scale=scale) if one.kind == "ignored" else one
        for one in model.columns
    ]
    seen = [one.kind != "ignored" for one in model.columns]
    network = model.network
    first = np.zeros((len(network.params["w1"]), len(columns)))
    first[:, seen] = network.params["w1"]
    dense = replace(network.dense, inputs=len(columns))
    params = {**network.params, "w1": first}
    return replace(model, columns=tuple(columns), network=Network(dense, params, network.kind))
