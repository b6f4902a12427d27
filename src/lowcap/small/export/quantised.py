"""A small network in whole numbers: 8-bit weights, 32-bit sums, shifts; no floating point anywhere.

What the exported C code computes, this computes bit for bit, and this is what is scored.

    sum    = bias + weights . inputs                           each hidden unit; 32 bits
    hidden = min((max(sum, 0) + half) >> shift, 32767)         half = 2^shift / 2, 0 without a shift
    output = second bias + second weights . hidden             32 bits

Every hidden unit has a scale of its own for its weights: a ReLU unit may be stretched at will if
the weights behind it are shrunk, so that these scales cost no multiplication. The output's weights
share one scale. A binary network says class 1 where its output is at least 0, one of several
classes that of the largest output, the first of equal ones. For a regression see `Finish`.
Quantisation bounds every sum over all inputs that can be sent; no sum leaves 32 bits.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Int, Int8, Int32, Shaped, UInt8

from lowcap.small.export.coding import LARGEST, Codes, Coding
from lowcap.small.model import SmallModel

Whole = Float[np.ndarray, "rows _"]
"""Whole numbers in double precision, which holds them exactly up to 2^53."""


@dataclass(frozen=True)
class Finish:
    """How a regression's output becomes its prediction times 2^digits.

    narrow     = output / 2^first_shift, rounded, held within -32767..32767
    prediction = narrow * factor / 2^second_shift, rounded, + offset

    Halves are rounded away from 0.
    """

    first_shift: int
    factor: int
    second_shift: int
    offset: int
    digits: int
    """The prediction is the whole number times 2^-digits."""

    def __call__(self, outputs: Int32[np.ndarray, " rows"]) -> Int32[np.ndarray, " rows"]:
        """The predictions as whole numbers."""
        wide = outputs.astype(np.int64)
        narrow = np.clip(_shifted(wide, self.first_shift), -LARGEST, LARGEST)
        return (_shifted(narrow * self.factor, self.second_shift) + self.offset).astype(np.int32)


def _shifted(values: Int[np.ndarray, " rows"], shift: int) -> Int[np.ndarray, " rows"]:
    """Divided by 2^shift and rounded, halves away from 0."""
    half = (1 << shift) >> 1
    return np.sign(values) * ((np.abs(values) + half) >> shift)


@dataclass(frozen=True, eq=False)
class Quantised:
    """A small model in whole numbers. `predict` says what the chip says."""

    model: SmallModel
    coding: Coding
    first: Int8[np.ndarray, "units inputs"]
    bias: Int32[np.ndarray, " units"]
    shifts: UInt8[np.ndarray, " units"] | None = None
    """How far each hidden unit's sum is shifted; None without hidden units, as is the rest."""
    second: Int8[np.ndarray, "outputs units"] | None = None
    second_bias: Int32[np.ndarray, " outputs"] | None = None
    saturates: bool = False
    """Whether some hidden value could exceed 16 bits, if it were not held there."""
    finish: Finish | None = None
    """Of a regression."""
    scale: float = 1.0
    """What 1 of an output is in the network as it was trained."""

    def outputs(self, codes: Codes) -> Int32[np.ndarray, "rows outputs"]:
        """The network's outputs from what is sent to it."""
        sums = self.coding.inputs(codes) @ self.first.T.astype(float) + self.bias
        if self.second is None or self.shifts is None:
            return sums.astype(np.int32)
        hidden = hidden_values(sums, self.shifts)
        return (hidden @ self.second.T.astype(float) + self.second_bias).astype(np.int32)

    def predictions(self, codes: Codes) -> Int32[np.ndarray, " rows"]:
        """The class's number, or the regression's whole number."""
        outputs = self.outputs(codes)
        if self.finish is not None:
            return self.finish(outputs[:, 0])
        if len(self.model.classes) == 2:
            return (outputs[:, 0] >= 0).astype(np.int32)
        return outputs.argmax(axis=1).astype(np.int32)

    def logits(self, codes: Codes) -> Float[np.ndarray, "rows outputs"]:
        """What is said, on the scale of the network as it was trained."""
        if self.finish is None:
            return self.outputs(codes) * self.scale
        said = np.ldexp(self.predictions(codes).astype(float), -self.finish.digits)
        return ((said - self.model.target_mean) / self.model.target_scale)[:, None]

    def predict(self, table: pd.DataFrame) -> Shaped[np.ndarray, " rows"]:
        """A label, or a number, for each row of a table in the user's units."""
        said = self.predictions(self.coding.encode(table))
        if self.finish is not None:
            return np.ldexp(said.astype(float), -self.finish.digits)
        return np.array(self.model.classes, object)[said]


def hidden_values(sums: Whole, shifts: UInt8[np.ndarray, " units"]) -> Whole:
    """The hidden layer's values, from its sums."""
    wide, places = np.maximum(sums, 0).astype(np.int64), shifts.astype(np.int64)
    return np.minimum((wide + ((1 << places) >> 1)) >> places, LARGEST).astype(float)
