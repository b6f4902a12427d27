"""From a small network to whole numbers: scales, shifts and biases, set by training rows."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from lowcap.errors import SettingsError
from lowcap.small.export.coding import LARGEST, Coding, integer_coding
from lowcap.small.export.layers import Layers, layers_of
from lowcap.small.export.quantised import Finish, Quantised, Whole, hidden_values
from lowcap.small.model import SmallModel

_AIM = 2**13 - 1
"""The largest hidden value, and narrow output, among the calibration's rows; four times that is
held."""
_LONGEST = 18
"""No shift is longer: a sum has 31 bits, and 13 are aimed at."""
_LIMIT = 2**31 - 1 - 2**_LONGEST
"""What every sum stays within, so that rounding can add half of a step to it."""


def quantise(model: SmallModel, calibration: pd.DataFrame) -> Quantised:
    """The model in whole numbers.

    Args:
        model: what is to be exported.
        calibration: training rows, in the user's units; ranges are set by them.

    Raises:
        SettingsError: the network is not of a kind that can be exported, or there are no rows.
    """
    if calibration.empty:
        raise SettingsError("no rows to set the ranges of whole numbers by")
    layers_of(model)  # refuses what cannot be exported, scales of 0 among it
    coding = integer_coding(model, calibration)
    return quantised(model, coding, coding.inputs(coding.encode(calibration)))


def quantised(model: SmallModel, coding: Coding, inputs: Whole) -> Quantised:
    """The model in whole numbers, where rows of its columns are at hand as they are sent.

    Args:
        model: what is to be exported.
        coding: of its columns.
        inputs: the calibration's rows, by `Coding.inputs`.

    Raises:
        SettingsError: the network is not of a kind that can be exported.
    """
    layers = layers_of(model)
    weights = layers.first * coding.step
    if layers.second is None or layers.second_bias is None:
        only = _rounded(weights, layers.bias, coding.centre, coding.most, apart=False)
        return Quantised(
            model, coding, only.weights.astype(np.int8), only.bias.astype(np.int32),
            finish=_finish(model, only, inputs), scale=float(only.scales[0]),
        )  # fmt: skip
    first = _rounded(weights, layers.bias, coding.centre, coding.most, apart=True)
    return _with_second(model, coding, layers, inputs, first)


@dataclass(frozen=True, eq=False)
class _Rounded:
    """A layer in whole numbers."""

    weights: Whole
    bias: Float[np.ndarray, " units"]
    scales: Float[np.ndarray, " units"]
    """What 1 of each unit's sum is in the network as it was trained."""
    bound: Float[np.ndarray, " units"]
    """What no sum's size exceeds, whatever is sent; nor that of any part of it."""

    def __call__(self, inputs: Whole) -> Whole:
        """The sums."""
        return inputs @ self.weights.T + self.bias


def _rounded(
    weights: Float[np.ndarray, "units inputs"],
    answers: Float[np.ndarray, " units"],
    centre: Float[np.ndarray, " inputs"],
    most: Float[np.ndarray, " inputs"],
    *,
    apart: bool,
) -> _Rounded:
    """A layer with 8-bit weights whose sums stay within 32 bits.

    Args:
        weights: on the whole numbers that come in, in real units.
        answers: what the layer says where its inputs are at their centre. The bias is what makes
            the rounded weights say that there too, so that rounding costs nothing at the centre.
        centre: the inputs' centre.
        most: each input's largest size.
        apart: whether each unit has a scale of its own.
    """
    largest = np.abs(weights).max(axis=1)
    if not apart:
        largest = np.full(len(largest), largest.max())
    # A layer without weights still has biases to tell apart.
    spare = np.abs(answers).max() / 2**7 or 1.0
    scales = np.where(largest > 0, largest, spare) / 127
    while True:
        rounded = np.rint(weights / scales[:, None])
        bias = np.rint(answers / scales - rounded @ centre)
        bound = np.abs(rounded) @ most + np.abs(bias)
        over = bound > _LIMIT
        if not over.any():
            return _Rounded(rounded, bias, scales, bound)
        scales = np.where(over if apart else over.any(), 2 * scales, scales)


def _with_second(
    model: SmallModel, coding: Coding, layers: Layers, inputs: Whole, first: _Rounded
) -> Quantised:
    """The output layer, set by what the first one makes of the calibration's rows."""
    assert layers.second is not None
    sums = first(inputs)
    shifts = _shifts(sums)
    hidden = hidden_values(sums, shifts)
    reached = np.floor((first.bound + 2.0**shifts / 2) / 2.0**shifts)
    seen = (inputs - coding.centre) * coding.step  # what the network is shown of what is sent
    second = _rounded(
        layers.second * first.scales * 2.0**shifts,
        layers(seen).mean(axis=0),
        hidden.mean(axis=0),
        np.minimum(reached, LARGEST),
        apart=False,
    )
    return Quantised(
        model, coding, first.weights.astype(np.int8), first.bias.astype(np.int32), shifts,
        second.weights.astype(np.int8), second.bias.astype(np.int32),
        bool((reached > LARGEST).any()), _finish(model, second, hidden), float(second.scales[0]),
    )  # fmt: skip


def _shifts(sums: Whole) -> np.ndarray:
    """How far each unit's sums are shifted; all alike, if that costs none of them much."""
    largest = sums.max(axis=0)
    largest = np.where(largest > 0, largest, np.abs(sums).max(axis=0))  # asleep in every row
    shifts = np.ceil(np.log2(np.maximum(largest, 1) / _AIM)).clip(0, _LONGEST)
    if np.ptp(shifts) <= 1:
        shifts = np.full_like(shifts, shifts.max())
    return shifts.astype(np.uint8)


def _finish(model: SmallModel, layer: _Rounded, inputs: Whole) -> Finish | None:
    """How a regression's output becomes a number in the user's units; None for classes."""
    if model.classes:
        return None
    largest = float(np.abs(layer(inputs)).max())
    size = float(layer.scales[0]) * model.target_scale
    first_shift = int(np.ceil(np.log2(max(largest, 1) / _AIM)).clip(0, _LONGEST))
    digits = _exponent(_AIM, max(largest, 1) * size)
    digits = min(digits, _exponent(2**14, size * 2.0**first_shift))
    if model.target_mean:
        digits = min(digits, _exponent(2**30, abs(model.target_mean)))
    ratio = np.ldexp(size, first_shift + digits)
    second_shift = int(np.clip(_exponent(2**14, ratio), 0, 30))
    return Finish(
        first_shift,
        int(np.rint(np.ldexp(ratio, second_shift))),
        second_shift,
        int(np.rint(np.ldexp(model.target_mean, digits))),
        digits,
    )


def _exponent(limit: float, value: float) -> int:
    """The largest n for which value * 2^n is not above the limit."""
    return int(np.floor(np.log2(limit / value)))
