"""Convolutional networks: filters, each applied everywhere, then pooling, then a linear head."""

from dataclasses import dataclass
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from lowcap.errors import SettingsError
from lowcap.networks.activations import Activation, activation
from lowcap.networks.architectures import Params, Rows
from lowcap.streams import stream


@dataclass(frozen=True)
class Convolutional:
    """Filters, each applied everywhere, rectified and max-pooled; then one dense layer.

    The small network of 1810.03037 (sec. 7), on square images, flattened row by row with the
    colours of a pixel side by side. A hidden unit is a pooled feature: what one filter answers in
    one window. Features go window by window, the channels of a window side by side.

    Arrays: `filters` [channels, area x colours], `filter_bias` [channels] if wanted, `dense`
    [features, outputs], `bias` [outputs].

    Example:
        >>> stack(Convolutional(8, filter=3, pool=2, stride=1, outputs=1), range(10), kind="binary")
    """

    channels: int
    filter: int = 5
    """Side of a filter in pixels."""
    pool: int = 4
    """Side of a pooling window, in places of the filter."""
    stride: int = 2
    side: int = 28
    outputs: int = 10
    scale: float = 1.0
    """Initial filters are N(0, 2 / weights) times this."""
    colours: int = 1
    """Numbers of a pixel: 1 for grey images, 3 for coloured ones."""
    padding: int = 0
    """Pixels that are 0 added on each side of an image."""
    filter_bias: bool = False
    """Whether each filter adds a number of its own to its answers."""

    def __post_init__(self) -> None:
        sizes = (self.channels, self.filter, self.pool, self.stride, self.outputs, self.colours)
        if min(sizes) < 1 or not 0 <= self.padding < self.filter:
            raise SettingsError(
                f"{self}: sizes must be at least 1 and the padding less than a filter's side"
            )
        if self.windows < 1:
            raise SettingsError(
                f"images of {self.side} x {self.side} are too small for filters of {self.filter} x "
                f"{self.filter} at stride {self.stride} with pools of {self.pool} x {self.pool}"
            )

    @property
    def inputs(self) -> int:
        """Numbers of an image."""
        return self.side**2 * self.colours

    @property
    def windows(self) -> int:
        """Pooling windows along one side; places that fill no window are left out."""
        room = self.side + 2 * self.padding - self.filter
        return (room // self.stride + 1) // self.pool

    @property
    def units(self) -> int:
        """Pooled features, which are what the dense layer is given."""
        return self.windows**2 * self.channels

    @property
    def channel_of_unit(self) -> Int[np.ndarray, " units"]:
        """The channel that each pooled feature is of."""
        return np.tile(np.arange(self.channels), self.windows**2)

    @property
    def multiply_adds(self) -> int:
        """Products of a weight and a value in one forward pass of one image."""
        places = (self.windows * self.pool) ** 2
        return places * self.channels * self._weights + self.units * self.outputs

    @property
    def size(self) -> int | str:
        """The number of channels."""
        return self.channels

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the weights that pruning may thin out."""
        return ("filters", "dense")

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every array of one member."""
        own = {"filter_bias": (self.channels,)} if self.filter_bias else {}
        return {
            "filters": (self.channels, self._weights),
            **own,
            "dense": (self.units, self.outputs),
            "bias": (self.outputs,),
        }

    @property
    def nonlinearity(self) -> Activation:
        """What stands between the layers."""
        return activation("relu")

    @property
    def _weights(self) -> int:
        """Weights of one filter."""
        return self.filter**2 * self.colours

    def initial(self, seed: int) -> dict[str, np.ndarray]:
        """Weights N(0, 2 / inputs), the filters times `scale`; biases 0."""
        generator = stream(
            "convolutional initial weights", seed, self.channels, self.filter, self.pool
        )
        found = {name: np.zeros(shape, np.float32) for name, shape in self.shapes.items()}
        filters = generator.normal(0, np.sqrt(2 / self._weights), found["filters"].shape)
        dense = generator.normal(0, np.sqrt(2 / self.units), found["dense"].shape)
        filters = (self.scale * filters).astype(np.float32)
        return found | {"filters": filters, "dense": dense.astype(np.float32)}

    def responses(self, params: Params, x: Any) -> tuple[list[Any], Float[Any, "rows outputs"]]:
        """Of one member: the pooled answers before rectification [rows, units], and the logits."""
        in_jax = isinstance(x, jax.Array)
        pooled = (_strongest if in_jax else _strongest_in_numpy)(self.patches(x), params["filters"])
        before = self._features(params, pooled.reshape(self.channels, len(x), -1))
        apply = self.nonlinearity.apply if in_jax else self.nonlinearity.in_numpy
        return [before], apply(before) @ params["dense"] + params["bias"]

    def patches(self, x: Any) -> Float[Any, "places weights answers"]:
        """What the filters look at: by place within a window, [filter weights, rows x windows].

        By place, so that pooling is a maximum over a few whole arrays.
        """
        found = self._black_added(x.T)[self._pixels]  # whole rows are moved, not single numbers
        return found.swapaxes(2, 3).reshape(*found.shape[:2], -1)

    def first(self, params: Params, x: Rows) -> Float[np.ndarray, "rows answers"]:
        """What each filter answers at each place, without its bias."""
        answers = np.stack([params["filters"] @ patch for patch in self.patches(x)])
        answers = answers.reshape(len(answers), self.channels, len(x), -1)
        return np.moveaxis(answers, 2, 0).reshape(len(x), -1)

    def column(self, params: Params, number: int) -> Float[np.ndarray, " answers"]:
        """What 1 more of an input adds to what `first` gives."""
        alone = np.zeros((1, self.inputs), np.float32)
        alone[0, number] = 1
        return self.first(params, alone)[0]

    def onward(
        self, params: Params, first: Float[np.ndarray, "rows answers"]
    ) -> Float[np.ndarray, "rows outputs"]:
        """The logits, from what `first` gives, changed or not."""
        pooled = self._by_place(first).max(axis=1)
        before = self._features(params, np.moveaxis(pooled, 1, 0))
        return self.nonlinearity.in_numpy(before) @ params["dense"] + params["bias"]

    def gradient(
        self, params: Params, x: Rows, towards: Float[np.ndarray, "rows outputs"] | None = None
    ) -> Rows:
        """The gradient with respect to the input; of equal answers in a window the first counts.

        See `Network.gradient`.
        """
        answers = self._by_place(self.first(params, x))
        winner, pooled = answers.argmax(axis=1), answers.max(axis=1)
        before = self._features(params, np.moveaxis(pooled, 1, 0))
        if towards is None:
            logits = self.nonlinearity.in_numpy(before) @ params["dense"] + params["bias"]
            towards = np.eye(self.outputs, dtype=logits.dtype)[logits.argmax(axis=1)]
        back = self.nonlinearity.slope(before) * (towards @ params["dense"].T)
        back = back.reshape(len(x), -1, self.channels).transpose(2, 0, 1)
        winner = np.moveaxis(winner, 1, 0)
        moved = np.zeros((self.inputs + 1, len(x)), back.dtype)  # one more for the padding
        for number, place in enumerate(self._pixels):
            own = np.where(winner == number, back, 0).reshape(self.channels, -1)
            steps = (params["filters"].T @ own).reshape(len(place), len(x), -1)
            for pixels, step in zip(place, steps, strict=True):
                moved[pixels] += step.T
        return moved[:-1].T

    def linked(
        self, params: Params, used: Bool[np.ndarray, " inputs"]
    ) -> list[Bool[np.ndarray, " units"]]:
        """Which pooled features lie on a path from a used pixel to an output.

        On one lies a feature whose filter has a weight on a used pixel at some place in the window,
        and which the dense layer has a weight for.
        """
        there = (params["filters"] != 0).astype(np.float32)
        patches = self.patches(used[None].astype(np.float32))
        reached = _strongest_in_numpy(patches, there) > 0  # [channels, windows]
        return [reached.T.reshape(-1) & (params["dense"] != 0).any(axis=1)]

    def connected(self, params: Params, used: Bool[np.ndarray, " inputs"]) -> bool:
        """Whether any path of weights leads from a used pixel to an output."""
        return bool(self.linked(params, used)[0].any())

    @property
    def _pixels(self) -> Int[np.ndarray, "places weights windows"]:
        """Which input each weight of a filter meets, at each place of each window.

        The padding around the image is one more input.
        """
        lines = self._lines[:, :, :, None, None, None], self._lines[None, None, None]
        down, right = np.broadcast_arrays(*lines)
        inside = (np.minimum(down, right) >= 0) & (np.maximum(down, right) < self.side)
        colour = np.arange(self.colours)
        pixel = np.where(inside, down * self.side + right, 0)[..., None] * self.colours + colour
        pixel = np.where(inside[..., None], pixel, self.inputs)
        # From place, window and weight of each direction to both directions' place, weight, window.
        pixel = pixel.transpose(0, 3, 2, 5, 6, 1, 4)
        return pixel.reshape(self.pool**2, self._weights, self.windows**2)

    @property
    def _lines(self) -> Int[np.ndarray, "places windows weights"]:
        """The same along one direction; less than 0 and more than the side's end are padding."""
        windows = np.arange(self.windows) * self.pool * self.stride
        places = np.arange(self.pool)[:, None] * self.stride - self.padding
        return (places + windows)[:, :, None] + np.arange(self.filter)

    def _black_added(self, x: Any) -> Any:
        """Inputs [inputs, rows] with one more for the padding, if there is any."""
        if not self.padding:
            return x
        library = jnp if isinstance(x, jax.Array) else np
        return library.concatenate([x, library.zeros((1, x.shape[1]), x.dtype)])

    def _features(
        self, params: Params, pooled: Float[Any, "channels rows windows"]
    ) -> Float[Any, "rows units"]:
        """Pooled answers with the filters' biases, in the order of the dense layer's weights."""
        if self.filter_bias:
            pooled = pooled + params["filter_bias"][:, None, None]
        return pooled.transpose(1, 2, 0).reshape(pooled.shape[1], -1)

    def _by_place(
        self, first: Float[np.ndarray, "rows answers"]
    ) -> Float[np.ndarray, "rows places channels windows"]:
        return first.reshape(len(first), self.pool**2, self.channels, -1)


def _strongest_in_numpy(
    patches: Float[np.ndarray, "places weights answers"],
    filters: Float[np.ndarray, "channels weights"],
) -> Float[np.ndarray, "channels answers"]:
    """The largest answer of each filter in each window [channels, rows x windows]."""
    return reduce(np.maximum, (filters @ patch for patch in patches))


@jax.custom_vjp
def _strongest(
    patches: Float[Array, "places weights answers"], filters: Float[Array, "channels weights"]
) -> Float[Array, "channels answers"]:
    """As in NumPy. Its gradient needs who won and not all answers, which would leave the cache."""
    return _compete(patches, filters)[0]


def _compete(patches, filters):
    best = filters @ patches[0]
    winner = jnp.zeros(best.shape, jnp.int8 if len(patches) <= 128 else jnp.int32)
    for number in range(1, len(patches)):
        answers = filters @ patches[number]
        winner = jnp.where(answers > best, jnp.asarray(number, winner.dtype), winner)
        best = jnp.maximum(best, answers)
    return best, (patches, filters, winner)


def _credit(saved, slope):
    patches, filters, winner = saved
    own = [jnp.where(winner == number, slope, 0) for number in range(len(patches))]
    of_filters = sum((one @ patch.T for one, patch in zip(own, patches, strict=True)), 0.0)
    return jnp.stack([filters.T @ one for one in own]), of_filters


_strongest.defvjp(_compete, _credit)
