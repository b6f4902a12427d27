"""Training a population portion by portion, each in one call of the compiled loop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from lowcap.data import Labelled, Split
from lowcap.networks import Fused, Population, Stacked, stacks_of
from lowcap.networks.layout import Layout
from lowcap.networks.packed import columns_for, pack, unpack
from lowcap.networks.rows import ROW_CHUNK, plain, with_ones
from lowcap.networks.stacked import STACKED_CHUNK
from lowcap.training.loop import Ended, train
from lowcap.training.losses import Totals
from lowcap.training.memory import members_at_once, portions, units_at_once, weights_at_once
from lowcap.training.steps import Data, Epochs, How, Masks

NARROW = 256
"""Inputs up to which a step waits for its many small operations rather than for its products..."""

_NARROWER = 16
"""...so that portions of so many times fewer weights keep all it goes through in cache."""

_RESTING = 3
"""So many times smaller still where members rest, since a portion ends with the last of them."""

LITTLE = 10**11
"""Weights of the first layer times rows times epochs up to which one program for all hidden sizes
is faster: one for each of them, where there are many outputs, takes a sixth less time to run but a
second more to compile."""


@dataclass(frozen=True)
class Plan:
    """What all portions of a population share."""

    split: Split
    how: How
    epochs: Epochs
    labels: Shaped[np.ndarray, "members rows"] | None
    weights: Float[np.ndarray, "members rows"] | None
    rates: Float[np.ndarray, " members"]
    progress: Callable[[int, int], None] | None
    memory: int | None

    def of(self, some: Int[np.ndarray, " some"]) -> "Plan":
        """That of some of the members."""
        return replace(
            self,
            labels=None if self.labels is None else self.labels[some],
            weights=None if self.weights is None else self.weights[some],
            rates=self.rates[some],
        )


class Trained(NamedTuple):
    """All portions together, members in their order."""

    population: Population
    train: Totals
    """Sums of every epoch, [epochs, members]."""
    validation: Totals
    reached: Int[np.ndarray, " members"]
    """Epochs after which a member rested; -1 if never."""


def train_population(population: Population, plan: Plan) -> Trained:
    """Train all members, in portions that fit into memory and caches."""
    if isinstance(population, Stacked):
        return _stacked(population, plan)
    assert isinstance(population, Fused)
    return _searched(population, plan) if plan.how.searching else _fused(population, plan)


def _fused(population: Fused, plan: Plan) -> Trained:
    split, span, layout = plan.split, plan.epochs, population.layout
    # Narrower than split.active, which knows the test rows too.
    used = np.asarray((split.train.x != 0).any(axis=0) | (split.validation.x != 0).any(axis=0))
    if plan.how.side is not None:  # images that move reach every pixel
        used = np.ones_like(used)
    x, checked = with_ones(split.train.x, used), with_ones(split.validation.x, used)
    rows, columns = int(span.rows), columns_for(int(used.sum()))
    at_once = span.order is not None and rows <= ROW_CHUNK
    narrow = columns <= NARROW
    how = plan.how._replace(
        chunk=rows if at_once else ROW_CHUNK, at_once=at_once, reorder=at_once and narrow
    )
    work = len(population.w1) * columns * int(span.places) * plan.how.epochs
    one_size = layout.outputs > 1 and work > LITTLE
    at_most = weights_at_once()
    if narrow and not one_size:
        at_most //= _NARROWER * (_RESTING if _may_rest(how) else 1)
    units = units_at_once(columns, how.chunk, at_most, plan.memory)
    dealt = layout.portions(units, of_one_size=one_size)
    validation = _data(checked.x, checked.count, split.validation, None, None)
    arrays = {name: np.array(values) for name, values in population.arrays.items()}
    ended: list[Ended] = []
    for some in dealt:
        own = plan.of(some)
        data = _data(x.x, x.count, split.train, own.labels, own.weights)
        network = pack(population.arrays, layout, used, some)
        masks = _packed_masks(population, used, some)
        rates = jax.device_put(own.rates)
        ended.append(
            train(network, rates, data, validation, span, masks, how, len(some), ROW_CHUNK)
        )
        if len(ended) > 1:  # the one before: this one is computed meanwhile
            _take_out(ended, -2, dealt, arrays, layout, used)
        _tell(plan, dealt, len(ended))
    _take_out(ended, -1, dealt, arrays, layout, used)
    return _gathered(population.with_arrays(arrays, population.masks), dealt, ended)


def _may_rest(how: How) -> bool:
    """Whether members may end before the last epoch."""
    return how.stop == "fit" or (how.stop == "validation" and how.patience < how.epochs)


def _take_out(ended: list[Ended], which: int, dealt, arrays, layout: Layout, used) -> None:
    """Put the weights of a portion among those of all, so that no second copy of all is kept."""
    some = dealt[len(ended) + which]
    unpack(some, ended[which].network, arrays, layout, used)
    ended[which] = ended[which]._replace(network=None)


def _packed_masks(
    population: Fused, used: Bool[np.ndarray, " inputs"], some: Int[np.ndarray, " some"]
) -> Masks:
    """Which weights of some members may move, in the form that `pack` gives them."""
    if population.masks is None:
        return None
    layout, inputs = population.layout, int(used.sum())
    rows, units = layout.all_rows_of(some), layout.all_units_of(some)
    part = {"w1": rows, "b1": rows, "w2": units, "b2": some}
    own = {name: mask[part[name]] for name, mask in population.masks.items()}
    first = None
    if "w1" in own or "b1" in own:
        first = np.ones((len(rows), columns_for(inputs)), bool)
        if "w1" in own:
            first[:, :inputs] = np.compress(used, own["w1"], axis=1)
        first[:, inputs] = own.get("b1", True)
    return jax.device_put([first, own.get("w2"), own.get("b2")])


def _stacked(population: Stacked, plan: Plan) -> Trained:
    split, span, architecture = plan.split, plan.epochs, population.architecture
    rows = int(span.rows)
    how = plan.how._replace(chunk=rows, at_once=True, architecture=architecture)
    x, checked = plain(split.train.x), plain(split.validation.x)
    together = members_at_once(architecture, max(rows, STACKED_CHUNK), plan.memory)
    dealt = portions(len(population), together)
    validation = _data(checked.x, checked.count, split.validation, None, None)
    ended: list[Ended] = []
    for some in dealt:
        own = plan.of(some)
        data = _data(x.x, x.count, split.train, own.labels, own.weights)
        network = {name: jax.device_put(values[some]) for name, values in population.stacks.items()}
        masks = _stacked_masks(population, some)
        rates = jax.device_put(own.rates)
        ended.append(
            train(network, rates, data, validation, span, masks, how, len(some), STACKED_CHUNK)
        )
        _tell(plan, dealt, len(ended))
    arrays = {
        name: np.concatenate([np.asarray(one.network[name]) for one in ended])
        for name in population.stacks
    }
    return _gathered(population.with_arrays(arrays, population.masks), dealt, ended)


def _stacked_masks(population: Stacked, some: Int[np.ndarray, " some"]) -> Masks:
    kept = population.masks
    if kept is None:
        return None
    names = sorted(population.stacks)  # the order of a mapping's leaves
    return jax.device_put([kept[name][some] if name in kept else None for name in names])


def _searched(population: Fused, plan: Plan) -> Trained:
    """Optimizers that search along a line, for which each member's loss must stand by itself."""
    layout = population.layout
    arrays = {name: values.copy() for name, values in population.arrays.items()}
    dealt, parts = [], []
    for some, stacked in stacks_of(population):
        own = plan.of(some)
        found = _stacked(stacked, own)
        dealt.append(some)
        parts.append(found)
        for member, network in zip(some.tolist(), found.population, strict=True):
            rows = layout.rows_of(member)
            arrays["w1"][rows], arrays["b1"][rows] = network.w1, network.b1
            if layout.hidden[member]:
                arrays["w2"][layout.units_of(member)] = network.w2.T
                arrays["b2"][member] = network.b2
    back = np.argsort(np.concatenate(dealt))
    ran = [len(part.train.loss) for part in parts]
    return Trained(
        population.with_arrays(arrays, population.masks),
        _side_by_side([part.train for part in parts], ran, back),
        _side_by_side([part.validation for part in parts], ran, back),
        np.concatenate([part.reached for part in parts])[back],
    )


def _targets(y: np.ndarray, length: int) -> Any:
    """Targets padded with 0; classes as whole numbers, all others as floats. Rows last."""
    kept = np.int32 if np.issubdtype(y.dtype, np.integer) else np.float32
    padded = np.zeros((*y.shape[:-1], length), kept)
    padded[..., : y.shape[-1]] = y
    return jax.device_put(padded)


def _data(
    x: Any,
    count: int,
    labelled: Labelled,
    labels: Shaped[np.ndarray, "members rows"] | None,
    weights: Float[np.ndarray, "members rows"] | None,
) -> Data:
    """Rows on the device with what is to be predicted of them, by member where that is given."""
    y = labelled.y if labels is None else labels
    weight = None if weights is None else _targets(weights, len(x))
    return Data(x, _targets(np.asarray(y), len(x)), count, weight)


def _tell(plan: Plan, dealt: Sequence[np.ndarray], done: int) -> None:
    if plan.progress is not None:
        plan.progress(sum(map(len, dealt[:done])), sum(map(len, dealt)))


def _gathered(
    population: Population, dealt: Sequence[np.ndarray], ended: Sequence[Ended]
) -> Trained:
    """Sums and stops of all portions in the order of the members."""
    back = np.argsort(np.concatenate(dealt))
    found = jax.device_get([(one.train, one.validation, one.reached, one.ran) for one in ended])
    ran = [int(one[3]) for one in found]
    return Trained(
        population,
        _side_by_side([one[0] for one in found], ran, back),
        _side_by_side([one[1] for one in found], ran, back),
        np.concatenate([one[2] for one in found])[back],
    )


def _side_by_side(
    parts: Sequence[Totals], ran: Sequence[int], back: Int[np.ndarray, " members"]
) -> Totals:
    """Sums of every epoch of parts that trained apart, for as long as the longest of them trained.

    Where all members of a part rest, its training ends, and its last scores stand from then on.

    Args:
        parts: [epochs, members] each.
        ran: epochs that each part trained.
        back: what puts the parts' members, one part after the other, in their order.
    """
    longest = max(ran)

    def joined(*each: np.ndarray) -> np.ndarray:
        epochs = [np.minimum(np.arange(longest), last - 1) for last in ran]
        return np.concatenate([part[own] for part, own in zip(each, epochs, strict=True)], axis=1)[
            :, back
        ]

    return jax.tree.map(joined, *parts)
