"""Populations: many networks as one object, whatever their architecture."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int, Shaped
from safetensors import SafetensorError
from safetensors.numpy import load, save

from lowcap.data import Kind
from lowcap.errors import DataError
from lowcap.given import rows_for
from lowcap.json_files import parse_json
from lowcap.networks.choosing import chosen, one_chosen
from lowcap.networks.network import Network, class_probabilities, decisions, probabilities
from lowcap.networks.pruning import GLOBAL, MagnitudeRanks, PruningRule
from lowcap.shown import card, counted, grouped, line, listed

Same = TypeVar("Same", bound="Population")


class Responses(NamedTuple):
    """What a population says of some rows."""

    logits: Float[np.ndarray, "members rows outputs"]
    peaks: Float[np.ndarray, " units"]
    """The largest magnitude of every hidden unit's output over the rows; 0 for a dead unit."""

    def __repr__(self) -> str:
        members, rows, outputs = self.logits.shape
        return line("Responses", f"logits [{members} members, {rows} rows, {outputs} outputs]")


class Population(ABC):
    """Networks that take the same rows and answer with the same outputs.

    `Fused` holds networks with one hidden layer of any sizes, or none, which compute as one matrix
    product. `Stacked` holds networks of one architecture, of any depth. What is written for a
    population works for both.
    """

    kind: Kind
    """What the outputs mean: the log-odds of class 1, a logit for each class, or a number."""
    masks: Mapping[str, Bool[np.ndarray, "..."]] | None
    """By array, which weights are held at 0 (False) if training goes on; None for none."""

    @property
    @abstractmethod
    def keys(self) -> pd.DataFrame:
        """The columns that tell the members apart in every table, one row per member."""

    @property
    @abstractmethod
    def inputs(self) -> int:
        """Features of one row."""

    @property
    @abstractmethod
    def outputs(self) -> int:
        """Outputs of each member."""

    @property
    @abstractmethod
    def arrays(self) -> dict[str, np.ndarray]:
        """All weights and biases by name, as they are stored."""

    @property
    @abstractmethod
    def owner(self) -> Int[np.ndarray, " units"]:
        """The member that each hidden unit belongs to."""

    @abstractmethod
    def with_arrays(
        self: Same,
        arrays: Mapping[str, np.ndarray],
        masks: Mapping[str, Bool[np.ndarray, "..."]] | None = None,
    ) -> Same:
        """The same members with other weights."""

    @abstractmethod
    def prepare(
        self, x: Float[np.ndarray, "rows inputs"], used: Bool[np.ndarray, " inputs"] | None = None
    ) -> Any:
        """Rows in the form that the population computes with, to be given to `respond` repeatedly.

        Args:
            x: features.
            used: inputs that are not 0 in every row, if known: others are passed over.
        """

    @abstractmethod
    def respond(self, x: Any) -> Responses:
        """Every member's logits, and how far each hidden unit answers.

        Args:
            x: rows of features, or what `prepare` made of them.
        """

    @abstractmethod
    def take(self: Same, members: Sequence[int] | Int[np.ndarray, " some"]) -> Same:
        """A population of some of the members, in ascending order of their number."""

    @abstractmethod
    def __getitem__(self, member: int) -> Network:
        """One member as a network of its own, in NumPy arrays."""

    @abstractmethod
    def _described(self) -> dict[str, Any]:
        """Everything but arrays, in plain values, for a file."""

    @abstractmethod
    def layers_of(self, member: int) -> dict[str, Any]:
        """By array that pruning may thin out, from input to output, the part of one member."""

    @property
    @abstractmethod
    def _prunable(self) -> tuple[str, ...]:
        """The arrays that pruning may thin out."""

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Network]:
        """The members one after another, each as a network of its own."""
        return (self[member] for member in range(len(self)))

    def __repr__(self) -> str:
        keys = self.keys
        told = "; ".join(f"{name} {listed(keys[name].tolist())}" for name in keys)
        sizes = f"{counted(self.inputs, 'input')}, {counted(self.outputs, 'output')} ({self.kind})"
        kind = f"{type(self).__name__} population"
        return line(kind, counted(len(self), "network"), sizes, *self._remarks, told)

    def _repr_html_(self) -> str:
        facts = {
            "form": ", ".join([type(self).__name__.lower(), *self._remarks]),
            "inputs": self.inputs,
            "outputs": self.outputs,
            "kind": self.kind,
        }
        note = "One network: population.member(hidden=..., seed=...); some: population.select(...)"
        title = f"Population of {counted(len(self), 'network')}"
        return card(title, facts, grouped(self.keys), note)

    @property
    def _remarks(self) -> list[str]:
        return ["pruned"] if self.masks else []

    def member(self, **keys: Any) -> Network:
        """The one network that has these keys.

        Raises:
            SettingsError: none has them, or several; it names the values there are.

        Example:
            >>> population.member(hidden=8, seed=3)
        """
        return self[one_chosen(self.keys, keys)]

    def select(self: Same, **keys: Any) -> Same:
        """The population of all networks that have these keys, each one value or several.

        Raises:
            SettingsError: a key is unknown, or no network has such a value.

        Example:
            >>> population.select(hidden=[8, 16], learning_rate=0.1)
        """
        return self.take(chosen(self.keys, keys))

    def predict_proba(self, x: Any) -> Float[np.ndarray, "members rows classes"]:
        """Every member's probability of each class; see `Network.predict_proba`."""
        logits = self.logits(self.prepare(rows_for(x, self.inputs)))
        return class_probabilities(probabilities(logits, self.kind), self.kind)

    def predict(self, x: Any) -> Shaped[np.ndarray, "members rows"]:
        """What every member says of each row; see `Network.predict`."""
        logits = self.logits(self.prepare(rows_for(x, self.inputs)))
        return decisions(probabilities(logits, self.kind), self.kind)

    def logits(self, x: Any) -> Float[np.ndarray, "members rows outputs"]:
        """Every member's outputs before the sigmoid or softmax.

        Args:
            x: rows of features, or what `prepare` made of them.
        """
        return self.respond(x).logits

    @cached_property
    def _ranks(self) -> list[MagnitudeRanks]:
        """The weights of every member by magnitude, from which any sparsity prunes; taken once."""
        arrays = self.arrays
        found = []
        for member in range(len(self)):
            parts = self.layers_of(member)
            found.append(MagnitudeRanks([arrays[name][part] for name, part in parts.items()]))
        return found

    def pruned(self: Same, sparsity: float, rule: PruningRule = GLOBAL) -> Same:
        """The population with the smallest weights of every member set to 0; biases stay.

        Trained further, the weights that were removed stay at 0.

        Args:
            sparsity: fraction of the weights to remove, exactly, rounded to whole weights.
            rule: which weights are compared with one another.

        Example:
            >>> sparse = population.pruned(0.9)
            >>> capacity(sparse, split)["test_f1"]
            >>> lowcap.fit(sparse, split, epochs=10)  # fine-tuning of what is left
        """
        if sparsity == 0:
            return self
        masks = {name: np.ones(self.arrays[name].shape, bool) for name in self._prunable}
        for member, ranks in enumerate(self._ranks):
            kept = ranks.keep(sparsity, rule)
            for (name, part), mask in zip(self.layers_of(member).items(), kept, strict=True):
                masks[name][part] = mask
        return self.masked(masks)

    def masked(self: Same, masks: Mapping[str, Bool[np.ndarray, "..."]]) -> Same:
        """The population with weights set to 0 where a mask is False; trained on, they stay at 0.

        Args:
            masks: by array, each of its shape; arrays without one stay whole.

        Example:
            >>> initial.masked(trained.pruned(0.9).masks)  # back to the start, as a lottery ticket
        """
        arrays = dict(self.arrays)
        for name, mask in masks.items():
            arrays[name] = arrays[name] * mask
        return self.with_arrays(arrays, masks)

    @property
    def weights_each(self) -> Int[np.ndarray, " members"]:
        """How many weights, without biases, each member has."""
        sizes = [
            sum(self.arrays[name][part].size for name, part in self.layers_of(member).items())
            for member in range(len(self))
        ]
        return np.asarray(sizes)

    def zeros_each(self) -> Int[np.ndarray, " members"]:
        """How many weights of each member, without biases, are exactly 0."""
        arrays = self.arrays
        zeros = [
            sum(int((arrays[name][part] == 0).sum()) for name, part in self.layers_of(m).items())
            for m in range(len(self))
        ]
        return np.asarray(zeros)

    def save(self, path: str | Path) -> None:
        """Write the population to a safetensors file, which `Population.load` reads."""
        Path(path).write_bytes(self.to_bytes())

    @staticmethod
    def load(path: str | Path) -> "Population":
        """Read a population from a file that `save` wrote.

        Raises:
            DataError: there is no such file, or it holds no population.
        """
        try:
            return Population.from_bytes(Path(path).read_bytes())
        except FileNotFoundError as error:
            raise DataError(f"{path}: no such file") from error
        except (OSError, DataError) as error:
            raise DataError(f"{path}: {error}") from error

    def to_bytes(self) -> bytes:
        """The content of a safetensors file that holds the population.

        Of an array with a mask only the weights that are left are held, in their order.
        """
        shapes, arrays = {}, {}
        for name, values in self.arrays.items():
            mask = (self.masks or {}).get(name)
            if mask is None:
                arrays[name] = np.ascontiguousarray(values)
            else:
                shapes[name] = values.shape
                arrays[name], arrays[f"mask/{name}"] = values[mask], np.packbits(mask)
        described = self._described() | ({"shapes": shapes} if shapes else {})
        return save(arrays, {"population": json.dumps(described)})

    @staticmethod
    def from_bytes(content: bytes) -> "Population":
        """The population that `to_bytes` gave the content of.

        Raises:
            DataError: the content is no population.
        """
        from lowcap.networks.forms import restored

        try:
            described = parse_json(metadata_of(content)["population"].encode())
            arrays, masks = load(content), {}
            for name, shape in described.pop("shapes", {}).items():
                size = int(np.prod(shape))
                mask = np.unpackbits(arrays.pop(f"mask/{name}"), count=size).astype(bool)
                masks[name], values = mask.reshape(shape), np.zeros(size, np.float32)
                values[mask] = arrays[name]
                arrays[name] = values.reshape(shape)
            return restored(described, arrays, masks or None)
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise DataError(f"holds no population of networks ({error})") from error


def metadata_of(content: bytes) -> dict[str, str]:
    """The metadata of a safetensors file from its content.

    Raises:
        ValueError: it is no such file.
    """
    length = int.from_bytes(content[:8], "little")  # of the header that follows, which is JSON
    return parse_json(content[8 : 8 + length]).get("__metadata__", {})
