"""The stacked population: networks of one architecture, of any depth, their weights stacked."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jax import lax
from jaxtyping import Array, Bool, Float, Int

from lowcap.data import Kind
from lowcap.errors import SettingsError
from lowcap.given import several
from lowcap.networks.architectures import Architecture, Dense
from lowcap.networks.convolutional import Convolutional
from lowcap.networks.network import Network
from lowcap.networks.population import Population, Responses
from lowcap.networks.rows import Rows, plain

ARCHITECTURES = {"dense": Dense, "convolutional": Convolutional}
"""By the name under which a saved population remembers them."""

STACKED_CHUNK = 512
"""Rows whose activations are held together where members are evaluated side by side."""


@dataclass(frozen=True, eq=False, repr=False)
class Stacked(Population):
    """Members of one architecture; every array has their number in front."""

    architecture: Architecture
    stacks: Mapping[str, Float[np.ndarray, "members ..."]]
    """The arrays of the architecture by name, stacked by member."""
    seeds: tuple[int, ...]
    """The seed of each member's initial weights."""
    learning_rates: tuple[float | None, ...] = ()
    """The learning rate of each member; None, or () for all, for the optimizer's usual one."""
    kind: Kind = "classes"
    masks: Mapping[str, Bool[np.ndarray, "..."]] | None = None

    def __post_init__(self) -> None:
        count = len(self.seeds)
        shapes = {name: (count, *shape) for name, shape in self.architecture.shapes.items()}
        if {name: values.shape for name, values in self.stacks.items()} != shapes:
            raise SettingsError("the weights are not those of the architecture and its members")
        if self.learning_rates and len(self.learning_rates) != count:
            raise SettingsError(f"{count} members, but {len(self.learning_rates)} learning rates")

    @cached_property
    def keys(self) -> pd.DataFrame:
        """One row per member: `hidden, learning_rate, seed`.

        Several hidden layers are written like "64-64"; of a convolutional network `hidden` is the
        number of channels.
        """
        rates = self.learning_rates or (None,) * len(self.seeds)
        return pd.DataFrame(
            {"hidden": self.architecture.size, "learning_rate": rates, "seed": self.seeds}
        )

    @property
    def inputs(self) -> int:
        """Features of one row."""
        return self.architecture.inputs

    @property
    def outputs(self) -> int:
        """Outputs of each member."""
        return self.architecture.outputs

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The weights and biases by name, members in front."""
        return dict(self.stacks)

    @cached_property
    def owner(self) -> Int[np.ndarray, " units"]:
        """The member that each hidden unit belongs to."""
        return np.repeat(np.arange(len(self.seeds)), self.architecture.units)

    def with_arrays(
        self,
        arrays: Mapping[str, np.ndarray],
        masks: Mapping[str, Bool[np.ndarray, "..."]] | None = None,
    ) -> "Stacked":
        """The same members with other weights."""
        stacks = {name: np.asarray(arrays[name], np.float32) for name in self.stacks}
        return Stacked(self.architecture, stacks, self.seeds, self.learning_rates, self.kind, masks)

    def with_rates(self, rates: Sequence[float | None]) -> "Stacked":
        """The same networks under other learning rates."""
        return Stacked(
            self.architecture, self.stacks, self.seeds, tuple(rates), self.kind, self.masks
        )

    def take(self, members: Sequence[int] | Int[np.ndarray, " some"]) -> "Stacked":
        """A population of some of the members, in ascending order of their number."""
        some = np.unique(np.asarray(members))
        masks = self.masks and {name: mask[some] for name, mask in self.masks.items()}
        return Stacked(
            self.architecture,
            {name: values[some] for name, values in self.stacks.items()},
            tuple(self.seeds[m] for m in some),
            tuple(self.learning_rates[m] for m in some) if self.learning_rates else (),
            self.kind,
            masks,
        )

    def __getitem__(self, member: int) -> Network:
        """One member as a network of its own, in NumPy arrays."""
        params = {name: values[member] for name, values in self.stacks.items()}
        return Network(self.architecture, params, self.kind)

    def prepare(
        self, x: Float[np.ndarray, "rows inputs"], used: Bool[np.ndarray, " inputs"] | None = None
    ) -> Rows:
        """Rows on the device, all inputs of them; see `Population.prepare`."""
        return plain(x)

    def respond(self, x: Rows | Float[np.ndarray, "rows inputs"]) -> Responses:
        """Every member's logits, and the largest output of each hidden unit."""
        rows = x if isinstance(x, Rows) else self.prepare(x)
        params = {name: jax.device_put(values) for name, values in self.stacks.items()}
        logits, peaks = jax.device_get(_respond(params, rows.x, rows.count, self.architecture))
        return Responses(logits[:, : rows.count], peaks.reshape(-1))

    def _described(self) -> dict[str, Any]:
        name = next(n for n, one in ARCHITECTURES.items() if isinstance(self.architecture, one))
        return {
            "form": "stacked",
            "kind": self.kind,
            "architecture": [name, asdict(self.architecture)],  # type: ignore[call-overload]
            "seeds": self.seeds,
            "learning_rates": self.learning_rates,
        }

    @staticmethod
    def restored(
        described: Mapping[str, Any], arrays: Mapping[str, np.ndarray], masks: Any
    ) -> "Stacked":
        """The population of a file; see `Population.load`."""
        name, sizes = described["architecture"]
        plain_sizes = {k: tuple(v) if isinstance(v, list) else v for k, v in sizes.items()}
        architecture = ARCHITECTURES[name](**plain_sizes)
        stacks = {each: arrays[each] for each in architecture.shapes}
        seeds, rates = tuple(described["seeds"]), tuple(described["learning_rates"])
        return Stacked(architecture, stacks, seeds, rates, described["kind"], masks)

    def layers_of(self, member: int) -> dict[str, Any]:
        """By array that pruning may thin out, the part of one member."""
        return dict.fromkeys(self.architecture.layers, member)

    @property
    def _prunable(self) -> tuple[str, ...]:
        return self.architecture.layers


def stack(
    architecture: Architecture,
    seeds: int | Sequence[int],
    learning_rates: float | Sequence[float | None] = (),
    kind: Kind = "classes",
) -> Stacked:
    """A population of fresh networks, one for each seed.

    A single learning rate is that of all of them.

    Weights come from NumPy on the host, so that they are the same on every device.

    Example:
        >>> deep = stack(Dense(784, (64, 64), 10), seeds=range(20), learning_rates=[0.05] * 20)
        >>> fitted = lowcap.fit(deep, split, optimizer="momentum")
    """
    seeds = several(seeds)
    fresh = [architecture.initial(seed) for seed in seeds]
    if not fresh:
        raise SettingsError("a population needs at least one member")
    if isinstance(learning_rates, int | float):
        learning_rates = [learning_rates] * len(fresh)
    return joined(architecture, fresh, seeds, learning_rates, kind)


def joined(
    architecture: Architecture,
    params: Sequence[Mapping[str, np.ndarray]],
    seeds: Sequence[int],
    learning_rates: Sequence[float | None] = (),
    kind: Kind = "classes",
) -> Stacked:
    """A population of networks whose arrays are given one by one."""
    stacks = {
        name: np.stack([np.asarray(one[name], np.float32) for one in params])
        for name in architecture.shapes
    }
    return Stacked(architecture, stacks, tuple(seeds), tuple(learning_rates), kind)


def member_logits(
    architecture: Architecture, params: Mapping[str, Array], x: Float[Array, "rows inputs"]
) -> Float[Array, "outputs rows"]:
    """The outputs of one member, rows last as everywhere in training."""
    return architecture.responses(params, x)[1].T


@partial(jax.jit, static_argnames="architecture")
def _respond(params, x, count, architecture):
    def of_member(one, part, real):
        before, logits = architecture.responses(one, part)
        apply = architecture.nonlinearity.apply
        peaks = [jnp.where(real[:, None], jnp.abs(apply(z)), 0).max(axis=0) for z in before]
        return logits, jnp.concatenate([*peaks, jnp.zeros(0)])

    def add(chunk, carry):
        logits, peaks = carry
        start = chunk * STACKED_CHUNK
        part = lax.dynamic_slice_in_dim(x, start, STACKED_CHUNK)
        real = start + jnp.arange(STACKED_CHUNK) < count
        answers, reached = jax.vmap(of_member, in_axes=(0, None, None))(params, part, real)
        logits = lax.dynamic_update_slice_in_dim(logits, answers, start, axis=1)
        return logits, jnp.maximum(peaks, reached)

    members = len(next(iter(params.values())))
    nothing = (
        jnp.zeros((members, len(x), architecture.outputs)),
        jnp.zeros((members, architecture.units)),
    )
    return lax.fori_loop(0, -(-count // STACKED_CHUNK), add, nothing)
