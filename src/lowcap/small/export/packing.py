"""Weights as they lie in flash: all of them, or only those that are not 0, and where those are.

Where they are is said by a map, one bit for each weight of the matrix, or by the gaps between them.
A map is the shorter one for networks of which about a fifth of the weights is left, gaps for
networks of which a tenth is.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Shaped, UInt8

_LONGEST = 255


@dataclass(frozen=True, eq=False)
class Packed:
    """A matrix row by row; either all weights, or with a map, or with gaps and counts."""

    weights: Shaped[np.ndarray, " weights"]
    map: UInt8[np.ndarray, " bytes"] | None = None
    """A bit for each weight, 1 where it is there, the lowest first; rows begin with a new byte."""
    gaps: UInt8[np.ndarray, " weights"] | None = None
    """How many weights of 0 are left out before each. A run of more than 255 zeros is cut by a
    weight that is 0 itself."""
    counts: Shaped[np.ndarray, " rows"] | None = None
    """How many of the weights belong to each row."""

    @property
    def bytes(self) -> int:
        """What the arrays take."""
        arrays = (self.weights, self.map, self.gaps, self.counts)
        return sum(values.nbytes for values in arrays if values is not None)


def pack(matrix: Shaped[np.ndarray, "rows columns"]) -> Packed:
    """The shortest way to write a matrix; of equally short ones the simplest."""
    ways = (Packed(matrix.ravel()), mapped(matrix), gapped(matrix))
    return min(ways, key=lambda packed: packed.bytes)


def mapped(matrix: Shaped[np.ndarray, "rows columns"]) -> Packed:
    """The weights that are not 0, with a map of where they are."""
    there = matrix != 0
    weights = matrix[there] if there.any() else np.zeros(1, matrix.dtype)
    return Packed(weights, np.packbits(there, axis=1, bitorder="little").ravel())


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
        gaps=np.array(gaps or [0], np.uint8),
        counts=np.array(counts, np.uint8 if most < 256 else np.uint16),
    )


def unpack(packed: Packed, rows: int, columns: int) -> Shaped[np.ndarray, "rows columns"]:
    """The matrix again, by the steps that the C code takes."""
    matrix = np.zeros((rows, columns), packed.weights.dtype)
    if packed.map is not None:
        bits = np.unpackbits(packed.map.reshape(rows, -1), axis=1, bitorder="little")
        there = bits[:, :columns].astype(bool)
        matrix[there] = packed.weights[: there.sum()]
        return matrix
    if packed.gaps is None or packed.counts is None:
        return packed.weights.reshape(rows, columns)
    at = 0
    for row, count in zip(matrix, packed.counts, strict=True):
        place = 0
        for _ in range(int(count)):
            place += int(packed.gaps[at])
            row[place] = packed.weights[at]
            place, at = place + 1, at + 1
    return matrix
