"""Several populations as one, so that what differs in masks or history still trains as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from jaxtyping import Bool, Int

from lowcap.errors import SettingsError
from lowcap.networks.fused import Fused
from lowcap.networks.population import Population
from lowcap.networks.stacked import Stacked
from lowcap.shown import line

Same = TypeVar("Same", bound=Population)


@dataclass(frozen=True, eq=False)
class Together(Generic[Same]):
    """Several populations as one.

    Example:
        >>> both = together([dense, dense.pruned(0.9)])
        >>> fitted = fit(both.population, split, epochs=10)
        >>> dense, sparse = both.apart(fitted.population)
    """

    population: Same
    part: Int[np.ndarray, " members"]
    """The number of the population that each member came from."""

    def __repr__(self) -> str:
        return line("Together", f"{self.part.max() + 1} populations as one", repr(self.population))

    def apart(self, population: Same) -> list[Same]:
        """The parts of a population with these members, such as after training."""
        count = int(self.part.max()) + 1
        return [population.take(np.flatnonzero(self.part == number)) for number in range(count)]


def together(populations: Sequence[Same]) -> Together[Same]:
    """Put populations side by side; the members of each keep their order and their masks.

    Raises:
        SettingsError: there are none, or they differ in form, architecture, inputs or outputs.
    """
    if not populations:
        raise SettingsError("give at least one population")
    fused: Any = [one for one in populations if isinstance(one, Fused)]
    stacked: Any = [one for one in populations if isinstance(one, Stacked)]
    alike = {(one.inputs, one.outputs, one.kind) for one in populations}
    if len(alike) > 1:
        raise SettingsError("populations differ in inputs, outputs or kind of task")
    if len(fused) == len(populations):
        return _fused(fused)
    if len(stacked) < len(populations):
        raise SettingsError("fused and stacked populations do not go together")
    if len({one.architecture for one in stacked}) > 1:
        raise SettingsError("stacked populations go together only if of one architecture")
    return _stacked(stacked)


def _fused(populations: Sequence[Fused]) -> Together[Any]:
    members = [member for one in populations for member in one.members]
    part = np.repeat(np.arange(len(populations)), [len(one) for one in populations])
    order = np.argsort([member.hidden for member in members], kind="stable")
    rows, units, first, unit = [], [], 0, 0
    for one in populations:
        own = one.layout
        rows += [first + np.arange(len(one.w1))[own.rows_of(m)] for m in range(own.members)]
        units += [unit + np.arange(own.units)[own.units_of(m)] for m in range(own.members)]
        first, unit = first + len(one.w1), unit + own.units
    place = {
        "w1": np.concatenate([rows[m] for m in order]),
        "w2": np.concatenate([units[m] for m in order]),
        "b2": order,
    }
    place["b1"] = place["w1"]
    w1, b1, w2, b2 = (
        np.concatenate([one.arrays[name] for one in populations])[place[name]]
        for name in ("w1", "b1", "w2", "b2")
    )
    masks = _joined_masks(populations)
    masks = masks and {name: mask[place[name]] for name, mask in masks.items()}
    sorted_members = tuple(members[m] for m in order)
    joined = Fused(sorted_members, w1, b1, w2, b2, populations[0].kind, masks)
    return Together(joined, part[order])


def _stacked(populations: Sequence[Stacked]) -> Together[Any]:
    first = populations[0]
    stacks = {
        name: np.concatenate([one.stacks[name] for one in populations]) for name in first.stacks
    }
    seeds = [seed for one in populations for seed in one.seeds]
    rates = [r for one in populations for r in one.learning_rates or (None,) * len(one)]
    part = np.repeat(np.arange(len(populations)), [len(one) for one in populations])
    masks = _joined_masks(populations)
    joined = Stacked(first.architecture, stacks, tuple(seeds), tuple(rates), first.kind, masks)
    return Together(joined, part)


def _joined_masks(populations: Sequence[Population]) -> dict[str, Bool[np.ndarray, "..."]] | None:
    """The masks one after another, all weights kept where a population has none."""
    names = {name for one in populations for name in one.masks or ()}
    if not names:
        return None
    return {
        name: np.concatenate(
            [
                one.masks[name]
                if one.masks is not None and name in one.masks
                else np.ones(one.arrays[name].shape, bool)
                for one in populations
            ]
        )
        for name in sorted(names)
    }
