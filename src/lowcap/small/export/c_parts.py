"""The arrays of numbers that the exported C code holds, of a float or a quantised model."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from lowcap.errors import SettingsError
from lowcap.small.export.coding import Codes, Coding, float_coding
from lowcap.small.export.layers import Layers, layers_of
from lowcap.small.export.packing import pack
from lowcap.small.export.quantised import Finish, Quantised
from lowcap.small.model import SmallModel

Exported = SmallModel | Quantised
"""A float model is written with 32-bit floating point."""


@dataclass(frozen=True, eq=False)
class Parts:
    """What is written, and how large it is."""

    model: SmallModel
    coding: Coding
    units: int
    """Rows of the first layer: hidden units, or outputs where there are none."""
    outputs: int
    arrays: Mapping[str, np.ndarray]
    """By name: first, first_bias; map, or gaps and counts, of a sparse first layer; second,
    second_bias; shifts; raises of bytes, two in each; fill, kinds of prepared inputs."""
    shift: int = 0
    """Of all hidden units, where they have no shifts of their own."""
    saturates: bool = False
    finish: Finish | None = None

    @property
    def integer(self) -> bool:
        """Whether there is no floating point."""
        return self.coding.integer

    @cached_property
    def flash(self) -> int:
        """Bytes of all arrays."""
        return sum(values.nbytes for values in self.arrays.values())

    @property
    def ram(self) -> int:
        """Bytes of the values that are sent, of the inputs that they are made into, and of the
        outputs; a few variables on the stack come on top."""
        each = 4 if not self.integer else 1 if self.coding.form == "bytes" else 2
        made = len(self.coding.step) if self.coding.form == "prepared" else 0
        return each * (len(self.coding.codes) + made) + 4 * self.outputs

    @property
    def macs(self) -> int:
        """Products of a weight and a value that one prediction takes."""
        return sum(self.arrays[name].size for name in ("first", "second") if name in self.arrays)


def flash_bytes(exported: Exported) -> int:
    """The flash that the weights and tables of the exported code take, its instructions apart."""
    return parts_of(exported).flash


def parts_of(exported: Exported) -> Parts:
    """What is written of a model.

    Raises:
        SettingsError: the network cannot be exported.
    """
    return _of_quantised(exported) if isinstance(exported, Quantised) else _of_float(exported)


def _of_quantised(quantised: Quantised) -> Parts:
    arrays = _first(quantised.first, quantised.bias) | _tables(quantised.coding)
    shifts = quantised.shifts
    if quantised.second is not None and quantised.second_bias is not None:
        # Unit by unit: each hidden value is used up as soon as it is known.
        arrays["second"] = quantised.second.T.ravel()
        arrays["second_bias"] = quantised.second_bias
    shift = 0
    if shifts is not None and np.ptp(shifts):
        arrays["shifts"] = shifts
    elif shifts is not None:
        shift = int(shifts[0])
    outputs = len(quantised.bias if quantised.second is None else quantised.second)
    return Parts(
        quantised.model, quantised.coding, len(quantised.bias), outputs, arrays, shift,
        quantised.saturates, quantised.finish,
    )  # fmt: skip


def _of_float(model: SmallModel) -> Parts:
    coding = float_coding(model)
    layers = in_units(layers_of(model), model)
    first = layers.first * coding.step
    bias = layers.bias - first @ coding.centre
    arrays = _first(_single(first), _single(bias)) | _tables(coding)
    if layers.second is not None and layers.second_bias is not None:
        arrays["second"] = _single(layers.second).T.ravel()
        arrays["second_bias"] = _single(layers.second_bias)
    return Parts(model, coding, len(bias), layers.outputs, arrays)


def in_units(layers: Layers, model: SmallModel) -> Layers:
    """The layers, with a regression's outputs in the user's units."""
    if model.classes:
        return layers
    scale, mean = model.target_scale, model.target_mean
    if layers.second is None or layers.second_bias is None:
        return Layers(layers.first * scale, layers.bias * scale + mean)
    second, bias = layers.second * scale, layers.second_bias * scale + mean
    return Layers(layers.first, layers.bias, second, bias)


def _single(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        found = values.astype(np.float32)
    if not np.isfinite(found).all():
        raise SettingsError("weights in the columns' own units exceed 32-bit floating point")
    return found


def _first(weights: np.ndarray, bias: np.ndarray) -> dict[str, np.ndarray]:
    packed = pack(weights)
    found = {"first": packed.weights, "first_bias": bias}
    if packed.map is not None:
        found["map"] = packed.map
    if packed.gaps is not None and packed.counts is not None:
        found |= {"gaps": packed.gaps, "counts": packed.counts}
    return found


def _tables(coding: Coding) -> dict[str, np.ndarray]:
    """What the code must know of the columns."""
    if coding.raises:
        even, odd = coding.raises[::2], (*coding.raises[1::2], 0)
        pairs = [low + 16 * high for low, high in zip(even, odd, strict=False)]
        return {"raises": np.array(pairs, np.uint8)}
    if coding.form != "prepared":
        return {}
    large = max(code.values for code in coding.codes) > 127
    flag = 2**15 if large else 2**7
    kinds = [code.values + flag * code.column.flagged for code in coding.codes]
    fills = [code.fill for code in coding.codes]
    return {
        "fill": np.array(fills, np.int16 if coding.integer else np.float32),
        "kinds": np.array(kinds, np.uint16 if large else np.uint8),
    }


@dataclass(frozen=True, eq=False)
class Expected:
    """What the exported code must say of some rows."""

    codes: Codes
    outputs: np.ndarray
    """[rows, outputs]; of floats in double precision."""
    predictions: np.ndarray
    tolerance: float
    """How far a float output may be off; 0 of whole numbers."""


def expected(exported: Exported, rows: pd.DataFrame) -> Expected:
    """The reference's word on some rows; of floats without those that rounding could decide."""
    if isinstance(exported, Quantised):
        codes = exported.coding.encode(rows)
        return Expected(codes, exported.outputs(codes), exported.predictions(codes), 0.0)
    coding, layers = float_coding(exported), in_units(layers_of(exported), exported)
    codes = coding.encode(rows)
    inputs = coding.inputs(codes)
    outputs = layers((inputs - coding.centre) * coding.step)
    # Single precision errs by a share of the sum of all terms' sizes.
    terms = (np.abs(inputs) + np.abs(coding.centre)) @ np.abs(layers.first * coding.step).T
    terms = terms + np.abs(layers.bias)
    if layers.second is not None and layers.second_bias is not None:
        terms = terms @ np.abs(layers.second).T + np.abs(layers.second_bias)
    sizes = terms.max(axis=1, initial=0.0)
    # A few rows far out would widen the tolerance of all.
    most = 4 * float(np.median(sizes[np.isfinite(sizes)])) if np.isfinite(sizes).any() else 0.0
    tolerance = max(5e-6 * most, 1e-30)
    said, margin = _said(exported, outputs)
    clear = (sizes <= most) & (margin > 2 * tolerance)
    return Expected(codes[clear], outputs[clear], said[clear], tolerance)


def _said(
    model: SmallModel, outputs: Float[np.ndarray, "rows outputs"]
) -> tuple[Shaped[np.ndarray, " rows"], Float[np.ndarray, " rows"]]:
    """Predictions, and by how much they are what they are."""
    if not model.classes:
        return outputs[:, 0], np.full(len(outputs), np.inf)
    if len(model.classes) == 2:
        return (outputs[:, 0] >= 0).astype(int), np.abs(outputs[:, 0])
    ordered = np.sort(outputs, axis=1)
    return outputs.argmax(axis=1), ordered[:, -1] - ordered[:, -2]
