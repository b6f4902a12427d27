"""Columns and targets on a scale that networks learn well from, with weights of rows."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

_ROUNDING = 10 * np.finfo(float).eps
"""A deviation of so small a share of the mean is what rounding leaves of a constant."""


@dataclass(frozen=True, eq=False)
class Scales:
    """Mean and deviation of every column that varies."""

    varies: Bool[np.ndarray, " columns"]
    """Columns that say the same in every row are left out: nothing can be learned from them."""
    mean: Float[np.ndarray, " varying"]
    scale: Float[np.ndarray, " varying"]

    def apply(self, x: Float[np.ndarray, "rows columns"]) -> Float[np.ndarray, "rows varying"]:
        """The columns that vary, with mean 0 and deviation 1 where the scales were learned."""
        return (x[:, self.varies] - self.mean) / self.scale


def learn_scales(
    x: Float[np.ndarray, "rows columns"], weights: Float[np.ndarray, " rows"]
) -> Scales:
    """Weighted means and deviations of columns. If none varies, the first is kept all the same."""
    size = np.abs(x).max(axis=0)
    size[size == 0] = 1.0  # so that no square overflows
    mean, scale = _moments(x / size, weights)
    varies = scale > 0
    varies[0] |= not varies.any()
    scale[scale == 0] = 1.0
    return Scales(varies, (mean * size)[varies], (scale * size)[varies])


def learn_scale(
    y: Float[np.ndarray, " rows"], weights: Float[np.ndarray, " rows"]
) -> tuple[float, float]:
    """Weighted mean and deviation of a target; a constant one has the deviation 1."""
    mean, scale = _moments(y[:, None], weights)
    return float(mean[0]), float(scale[0]) or 1.0


def _moments(x: Float[np.ndarray, "rows columns"], weights: Float[np.ndarray, " rows"]):
    mean = np.average(x, axis=0, weights=weights)
    scale = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=weights))
    scale[(scale <= _ROUNDING * np.abs(mean)) | (np.ptp(x, axis=0) == 0)] = 0.0
    return mean, scale
