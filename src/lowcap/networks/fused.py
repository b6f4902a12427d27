"""The fused population: networks with one hidden layer of any sizes, or none, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jax import lax
from jaxtyping import Array, Bool, Float, Int

from lowcap.data import Kind
from lowcap.errors import SettingsError
from lowcap.networks.architectures import Dense
from lowcap.networks.layout import Layout
from lowcap.networks.members import Member, hidden_sizes, key_table
from lowcap.networks.network import Network
from lowcap.networks.packed import Packed, pack
from lowcap.networks.population import Population, Responses
from lowcap.networks.rows import ROW_CHUNK, Rows, as_floats, with_ones


@dataclass(frozen=True, eq=False, repr=False)
class Fused(Population):
    """The weights of all members, one below the other; `Packed` is how they compute.

    A member with hidden units answers ``w2.T relu(w1 x + b1) + b2`` on its own rows; one without
    answers ``w1 x + b1``, its rows of `w1` being its outputs (and its `b2` is not used).
    """

    members: tuple[Member, ...]
    """In ascending order of hidden size."""
    w1: Float[np.ndarray, "first inputs"]
    b1: Float[np.ndarray, " first"]
    w2: Float[np.ndarray, "units outputs"]
    b2: Float[np.ndarray, "members outputs"]
    kind: Kind = "binary"
    masks: Mapping[str, Bool[np.ndarray, "..."]] | None = None

    def __post_init__(self) -> None:
        layout = self.layout
        expected = (layout.lines + layout.units, layout.units, layout.members)
        if (len(self.w1), len(self.w2), len(self.b2)) != expected:
            raise SettingsError("the weights are not those of the sorted members")

    @cached_property
    def layout(self) -> Layout:
        """Which rows belong to which member."""
        return Layout(hidden_sizes(self.members), self.outputs)

    @cached_property
    def keys(self) -> pd.DataFrame:
        """One row per member: `hidden, learning_rate, seed`."""
        return key_table(self.members)

    @property
    def inputs(self) -> int:
        """Features of one row."""
        return self.w1.shape[1]

    @property
    def outputs(self) -> int:
        """Outputs of each member."""
        return self.b2.shape[1]

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The weights and biases by name."""
        return {"w1": self.w1, "b1": self.b1, "w2": self.w2, "b2": self.b2}

    @property
    def owner(self) -> Int[np.ndarray, " units"]:
        """The member that each hidden unit belongs to."""
        return self.layout.owner

    def with_arrays(
        self,
        arrays: Mapping[str, np.ndarray],
        masks: Mapping[str, Bool[np.ndarray, "..."]] | None = None,
    ) -> "Fused":
        """The same members with other weights."""
        w1, b1, w2, b2 = (np.asarray(arrays[name], np.float32) for name in self.arrays)
        return Fused(self.members, w1, b1, w2, b2, self.kind, masks)

    def with_members(self, members: Sequence[Member]) -> "Fused":
        """The same weights under other settings, such as a resolved learning rate."""
        return replace(self, members=tuple(members))

    def take(self, members: Sequence[int] | Int[np.ndarray, " some"]) -> "Fused":
        """A population of some of the members, in ascending order of their number."""
        some = np.unique(np.asarray(members))
        rows, units = self.layout.all_rows_of(some), self.layout.all_units_of(some)
        part = {"w1": rows, "b1": rows, "w2": units, "b2": some}
        w1, b1, w2, b2 = (values[part[name]] for name, values in self.arrays.items())
        masks = self.masks and {name: mask[part[name]] for name, mask in self.masks.items()}
        return Fused(tuple(self.members[m] for m in some), w1, b1, w2, b2, self.kind, masks)

    def __getitem__(self, member: int) -> Network:
        """One member as a network of its own, in NumPy arrays."""
        member = range(len(self.members))[member]
        size, rows = self.layout.hidden[member], self.layout.rows_of(member)
        first = {"w1": self.w1[rows], "b1": self.b1[rows]}
        if size == 0:
            return Network(Dense(self.inputs, (), self.outputs), first, self.kind)
        second = {"w2": self.w2[self.layout.units_of(member)].T, "b2": self.b2[member]}
        return Network(Dense(self.inputs, (size,), self.outputs), first | second, self.kind)

    def prepare(
        self, x: Float[np.ndarray, "rows inputs"], used: Bool[np.ndarray, " inputs"] | None = None
    ) -> Rows:
        """Rows on the device, without inputs that are not used; see `Population.prepare`."""
        return with_ones(x, np.ones(self.inputs, bool) if used is None else used)

    def respond(self, x: Rows | Float[np.ndarray, "rows inputs"]) -> Responses:
        """Every member's logits, and the largest output of each hidden unit."""
        rows = x if isinstance(x, Rows) else self.prepare(x)
        assert rows.used is not None  # `prepare` names them
        logits, peaks = jax.device_get(_respond(pack(self.arrays, self.layout, rows.used), rows))
        return Responses(np.moveaxis(logits[..., : rows.count], 1, 2), peaks)

    def _described(self) -> dict[str, Any]:
        members = [[m.hidden, m.learning_rate, m.seed, m.initialiser] for m in self.members]
        return {"form": "fused", "kind": self.kind, "members": members}

    @staticmethod
    def restored(
        described: Mapping[str, Any], arrays: Mapping[str, np.ndarray], masks: Any
    ) -> "Fused":
        """The population of a file; see `Population.load`."""
        members = tuple(Member(*settings) for settings in described["members"])
        w1, b1, w2, b2 = (arrays[name] for name in ("w1", "b1", "w2", "b2"))
        return Fused(members, w1, b1, w2, b2, described["kind"], masks)

    def layers_of(self, member: int) -> dict[str, Any]:
        """By array that pruning may thin out, the part of one member."""
        rows = self.layout.rows_of(member)
        if self.layout.hidden[member] == 0:
            return {"w1": rows}
        return {"w1": rows, "w2": self.layout.units_of(member)}

    @property
    def _prunable(self) -> tuple[str, ...]:
        return ("w1", "w2")


@jax.jit
def _respond(
    network: Packed, rows: Rows
) -> tuple[Float[Array, "members outputs rows"], Float[Array, " units"]]:
    """Logits, and each unit's largest output; a chunk at a time, padding left out."""

    def add(chunk, carry):
        logits, peaks = carry
        start = chunk * ROW_CHUNK
        part = as_floats(lax.dynamic_slice_in_dim(rows.x, start, ROW_CHUNK))
        lines, hidden = network.hidden(part)
        real = start + jnp.arange(ROW_CHUNK) < rows.count
        peaks = jnp.maximum(peaks, jnp.where(real, hidden, 0).max(axis=1))
        answers = network.readout(lines, hidden)
        return lax.dynamic_update_slice_in_dim(logits, answers, start, axis=2), peaks

    layout = network.layout
    nothing = (
        jnp.zeros((layout.members, layout.outputs, len(rows.x))),
        jnp.zeros(layout.units),
    )
    return lax.fori_loop(0, -(-rows.count // ROW_CHUNK), add, nothing)
