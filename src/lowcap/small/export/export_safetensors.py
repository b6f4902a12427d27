"""A small model as safetensors beside a description in JSON, and read back from there."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import safetensors
import safetensors.numpy

from lowcap.errors import RunError
from lowcap.json_files import read_json
from lowcap.networks import Dense, Network
from lowcap.small.model import Column, SmallModel

WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"
_FORMAT = 1


def safetensors_files(model: SmallModel) -> dict[str, bytes]:
    """The content of ``model.safetensors`` and ``model.json``."""
    network = model.network
    params = {name: np.ascontiguousarray(values) for name, values in network.params.items()}
    dense = network.dense
    said = {
        "format": _FORMAT,
        "kind": network.kind,
        "network": {
            "inputs": dense.inputs,
            "hidden": list(dense.hidden),
            "outputs": dense.outputs,
            "activation": dense.activation,
            "bias": dense.bias,
        },
        "columns": [_plain(asdict(column)) for column in model.columns],
        "classes": [_plain(label) for label in model.classes],
        "target": {"mean": float(model.target_mean), "scale": float(model.target_scale)},
    }
    text = json.dumps(said, indent=2, ensure_ascii=False, allow_nan=False)
    return {WEIGHTS: safetensors.numpy.save(params), DESCRIPTION: text.encode() + b"\n"}


def _plain(value: Any) -> Any:
    """The same in what JSON knows."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value


def load_model(folder: Path) -> SmallModel:
    """The model that `safetensors_files` wrote.

    Raises:
        RunError: a file is missing or damaged.
    """
    try:
        said = read_json(folder / DESCRIPTION)
        if said["format"] != _FORMAT:
            raise RunError(f"{folder}: written by another version of lowcap")
        params = safetensors.numpy.load_file(folder / WEIGHTS)
        return model_of(said, params)
    except FileNotFoundError as error:
        raise RunError(f"{folder}: no model here ({error})") from None
    except (OSError, ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
        raise RunError(f"{folder}: the model cannot be read ({error})") from error


def model_of(said: dict[str, Any], params: dict[str, np.ndarray]) -> SmallModel:
    """The model of a description and its weights.

    Raises:
        ValueError: they do not belong together.
    """
    shape = said["network"]
    dense = Dense(**{**shape, "hidden": tuple(shape["hidden"])})
    if {name: values.shape for name, values in params.items()} != dense.shapes:
        raise ValueError("the weights are not those of the network described")
    columns = tuple(map(_column, said["columns"]))
    kind, classes, target = said["kind"], tuple(said["classes"]), said["target"]
    scale = _number(target["mean"]), _number(target["scale"])
    if sum(column.inputs for column in columns) != dense.inputs:
        raise ValueError("the columns are not those of the network described")
    outputs = {"binary": 1, "classes": len(classes), "regression": 1}[kind]
    wanted = {"binary": 2, "classes": outputs, "regression": 0}[kind]
    if (dense.outputs, len(classes)) != (outputs, wanted):
        raise ValueError("the classes are not those of the network described")
    if not all(isinstance(label, str | int | float) for label in classes):
        raise ValueError("a class is neither a number nor a text")
    return SmallModel(columns, Network(dense, params, kind), classes, *scale)


def _column(said: dict[str, Any]) -> Column:
    """A column as it was described.

    Raises:
        ValueError: something else was.
    """
    found = Column(**{**said, "categories": tuple(said["categories"])})
    texts = (found.name, *found.categories)
    numbers = (found.mean, found.scale, *(() if found.kind == "category" else (found.fill,)))
    if found.kind not in get_args(get_type_hints(Column)["kind"]):
        raise ValueError(f"a column is of no kind that is known ({found.kind})")
    if not all(isinstance(text, str) for text in texts) or not isinstance(found.flagged, bool):
        raise ValueError("a column's name or categories are no texts")
    for number in numbers:
        _number(number)
    return found


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is no number")
    return float(value)
