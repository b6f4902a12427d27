"""The small convolutional network of 1810.03037 (sec. 7): convolution, max-pool, dense layer."""

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from lowcap.errors import SettingsError
from lowcap.streams import stream


@dataclass(frozen=True)
class ConvShape:
    """Sizes of a convolutional network on square images of one channel."""

    channels: int
    filter: int = 5
    """Side of a filter in pixels."""
    pool: int = 4
    """Side of a pooling window, in places of the filter."""
    stride: int = 2
    side: int = 28
    classes: int = 10

    def __post_init__(self) -> None:
        if self.cells < 1:
            raise SettingsError(f"filter {self.filter} and pool {self.pool} leave nothing to pool")

    @property
    def cells(self) -> int:
        """Pooling windows along one side; places that fill no window are left out."""
        return ((self.side - self.filter) // self.stride + 1) // self.pool


class Convolutional(eqx.Module):
    """Filters, each applied everywhere, rectified and max-pooled; then one dense layer."""

    filters: Float[Array, "channels area"]
    dense: Float[Array, "features classes"]
    bias: Float[Array, " classes"]
    shape: ConvShape = eqx.field(static=True)

    def logits(self, images: Float[Array, "rows pixels"]) -> Float[Array, "rows classes"]:
        """One product for all places of all images."""
        s = self.shape
        places = s.cells * s.pool
        grid = np.arange(places)[:, None] * s.stride + np.arange(s.filter)
        square = images.reshape(-1, s.side, s.side)
        patches = square[:, grid][:, :, :, grid].transpose(0, 1, 3, 2, 4)
        answers = patches.reshape(-1, s.filter**2) @ self.filters.T
        windows = answers.reshape(-1, s.cells, s.pool, s.cells, s.pool, s.channels)
        pooled = jax.nn.relu(windows.max(axis=(2, 4)))
        return pooled.reshape(len(images), -1) @ self.dense + self.bias


def fresh(
    shape: ConvShape,
    seed: int,
    filters: Float[np.ndarray, "channels area"] | None = None,
    scale: float = 1.0,
) -> Convolutional:
    """Initial weights N(0, 2 / inputs), filters times `scale`, or the given filters; no bias."""
    generator = stream(
        "convolutional initial weights", seed, shape.channels, shape.filter, shape.pool
    )
    size = (shape.channels, shape.filter**2)
    drawn = scale * generator.normal(0, np.sqrt(2 / shape.filter**2), size)
    features = shape.cells**2 * shape.channels
    dense = generator.normal(0, np.sqrt(2 / features), (features, shape.classes))
    return Convolutional(
        jnp.asarray(drawn if filters is None else filters, jnp.float32),
        jnp.asarray(dense, jnp.float32),
        jnp.zeros(shape.classes),
        shape,
    )
