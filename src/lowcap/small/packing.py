"""Weights as they lie in flash: whole, or only those that are not 0 with the gaps between them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Shaped, UInt8

_LONGEST = 255


@dataclass(frozen=True, eq=False)
class Packed:
    """A matrix row by row. With gaps: before each weight that many weights of 0 are left out.

    A run of more than 255 zeros is cut by a weight that is 0 itself.
    """

    weights: Shaped[np.ndarray, " weights"]
    gaps: UInt8[np.ndarray, " weights"] | None = None
    counts: Shaped[np.ndarray, " rows"] | None = None
    """How many of the weights belong to each row; None where all are there."""

    @property
    def bytes(self) -> int:
        """What the arrays take."""
        arrays = (self.weights, self.gaps, self.counts)
        return sum(values.nbytes for values in arrays if values is not None)


def pack(matrix: Shaped[np.ndarray, "rows columns"]) -> Packed:
    """The shorter of both ways to write a matrix; whole, if they are equally long."""
    whole, sparse = Packed(matrix.ravel()), gapped(matrix)
    return sparse if sparse.bytes < whole.bytes else whole


def gapped(matrix: Shaped[np.ndarray, "rows columns"]) -> Packed:
    """The weights that are not 0, with the gaps before them."""
    weights, gaps, counts = [], [], []
    for row in matrix:
        before, end = len(weights), 0
        for place in np.flatnonzero(row):
            gap = int(place) - end
            while gap > _LONGEST:  # 255 zeros left out, and one that is written
                weights.append(0)
                gaps.append(_LONGEST)
                gap -= _LONGEST + 1
            weights.append(row[place])
            gaps.append(gap)
            end = int(place) + 1
        counts.append(len(weights) - before)
    most = max(counts, default=0)
    return Packed(
        # C has no arrays of length 0.
        np.array(weights or [0], matrix.dtype),
        np.array(gaps or [0], np.uint8),
        np.array(counts, np.uint8 if most < 256 else np.uint16),
    )


def unpack(packed: Packed, rows: int, columns: int) -> Shaped[np.ndarray, "rows columns"]:
    """The matrix again, by the steps that the C code takes."""
    if packed.gaps is None or packed.counts is None:
        return packed.weights.reshape(rows, columns)
    matrix = np.zeros((rows, columns), packed.weights.dtype)
    at = 0
    for row, count in zip(matrix, packed.counts, strict=True):
        place = 0
        for _ in range(int(count)):
            place += int(packed.gaps[at])
            row[place] = packed.weights[at]
            place, at = place + 1, at + 1
    return matrix
