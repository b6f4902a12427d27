"""Networks laid out for comparison: training samples by kinds of network, equal but for one factor.

A training sample is one replicate: it has its own images, initial weights, order of batches, test
images and ellipses. Kinds of network on the same sample are not independent, so every statistic is
taken on each sample first, and intervals are taken over samples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from lowcap.claims import NotMeasured

KIND = ("dataset", "width", "depth", "activation", "optimizer", "batch", "labels", "shift",
        "length", "learning_rate")  # fmt: skip
"""What tells kinds of network apart."""

KEYS = (*KIND, "sample", "seed")
"""What tells networks apart."""

USUAL = {"activation": "relu", "labels": "true", "shift": 0}
"""The values of the factors that are not being compared; the batch may be either."""

Quantity = tuple[str, str]
"""A column of the table, and the side of the comparison that it is read on."""

Sides = Mapping[str, Mapping[str, Any]]
"""By name, the values of columns that the networks of one side of a comparison have."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Measurements of kinds of network on training samples; kinds that lack any are left out."""

    kinds: Sequence[tuple]
    """The values of `columns` of each kind."""
    columns: tuple[str, ...]
    samples: Sequence[int]
    sides: Sides
    values: Mapping[Quantity, Float[np.ndarray, "*runs samples kinds"]]
    """Means over a kind's networks (seeds) on a sample; with leading axes for simulated runs."""

    def __getitem__(self, quantity: Quantity) -> Float[np.ndarray, "*runs samples kinds"]:
        return self.values[quantity]

    def column(self, name: str) -> np.ndarray:
        """One key of every kind."""
        place = self.columns.index(name)
        return np.array([kind[place] for kind in self.kinds])

    def with_values(self, values: Mapping[Quantity, np.ndarray]) -> "Layout":
        """The same kinds and samples with other measurements."""
        return replace(self, values=values)

    def table(self) -> pd.DataFrame:
        """A table without rows that lays out to this, for judges of simulated runs."""
        table = pd.DataFrame()
        table.attrs[_LAID] = self
        return table


_LAID = "layout"


def where(table: pd.DataFrame, wanted: Mapping[str, Any]) -> Bool[np.ndarray, " rows"]:
    """Which rows have these values; a tuple means any of its values."""
    kept = np.ones(len(table), bool)
    for name, value in wanted.items():
        column = table[name].to_numpy()
        several = value if isinstance(value, tuple) else (value,)
        kept &= np.logical_or.reduce([column == one for one in several])
    return kept


def fitted(networks: pd.DataFrame) -> Bool[np.ndarray, " rows"]:
    """Which networks classify every training image right at the end of their training."""
    return networks["train_accuracy"].to_numpy() >= 1


def lay(
    table: pd.DataFrame,
    sides: Sides,
    columns: Sequence[str],
    common: Mapping[str, Any] | None = None,
    everyone: bool = False,
) -> Layout:
    """Lay out columns of a table by training sample and kind of network.

    A network counts if it has a twin on every side (same sample, same seed); a kind if it has such
    networks on every sample, so that all samples are compared on the same kinds.

    Args:
        table: one row a network, or several that are averaged.
        sides: what sets the sides of the comparison apart.
        columns: what is measured.
        common: what all networks must be.
        everyone: whether networks count that do not fit all training images at the end.

    Raises:
        NotMeasured: there are fewer than two samples, or no kind has twins on all of them.
    """
    if _LAID in table.attrs:
        return table.attrs[_LAID]
    split = {name for wanted in sides.values() for name in wanted}
    keys = tuple(name for name in KIND if name in table and name not in split)
    kept = where(table, common or {})
    if not everyone:
        kept &= fitted(table)
    for name in columns:
        kept &= np.isfinite(table[name].to_numpy())
    samples = sorted(set(table["sample"].tolist()))
    if len(samples) < 2:
        raise NotMeasured("an interval needs at least two training samples")
    held = [_by_network(table, kept & where(table, wanted), keys) for wanted in sides.values()]
    shared = [network for network in held[0] if all(network in other for other in held[1:])]
    number = {sample: place for place, sample in enumerate(samples)}
    samples_of: dict[tuple, set] = {}
    for kind, sample, _ in shared:
        samples_of.setdefault(kind, set()).add(sample)
    kinds = [kind for kind, on in samples_of.items() if len(on) == len(samples)]
    if not kinds:
        raise NotMeasured("no kind of network that it is about fits its images on every sample")
    place = {kind: at for at, kind in enumerate(kinds)}
    shared = [network for network in shared if network[0] in place]
    cells = np.array([number[sample] * len(kinds) + place[kind] for kind, sample, _ in shared])
    counts = np.bincount(cells, minlength=len(samples) * len(kinds))
    values = {}
    for side, networks in zip(sides, held, strict=True):
        rows = [networks[network] for network in shared]
        for name in columns:
            column = table[name].to_numpy(float)
            one = np.array([column[at[0]] if len(at) == 1 else column[at].mean() for at in rows])
            total = np.bincount(cells, one, len(counts)) / counts
            values[name, side] = total.reshape(len(samples), len(kinds))
    return Layout(kinds, keys, samples, sides, values)


def _by_network(
    table: pd.DataFrame, kept: Bool[np.ndarray, " rows"], keys: Sequence[str]
) -> dict[tuple, list[int]]:
    """The rows of each network: by kind, sample and seed."""
    rows = np.flatnonzero(kept)
    kinds = zip(*(table[name].to_numpy()[rows].tolist() for name in keys), strict=True)
    sample, seed = (table[name].to_numpy()[rows].tolist() for name in ("sample", "seed"))
    found: dict[tuple, list[int]] = {}
    for row, network in zip(rows.tolist(), zip(kinds, sample, seed, strict=True), strict=True):
        found.setdefault(network, []).append(row)
    return found


class Factor(NamedTuple):
    """One factor of a paired design."""

    column: str
    treated: str | int
    reference: str | int
    title: str
    equal: tuple[str, str]
    """For how long the treated and the reference networks train, in the comparison at equal
    length."""
    until_fit: tuple[str, str] = ("until fit", "until fit")
    """Likewise in the comparison when each fits."""
    everyone: bool = False
    """Whether networks count that did not fit all training images."""


FACTORS = {
    "random-labels": Factor("labels", "random", "true", "random labels", ("long", "long")),
    "full-batch": Factor("batch", "full", "100", "full batch", ("short", "short")),
    "augmentation": Factor(
        "shift", 4, 0, "translations", ("long", "long"), ("long", "until fit"), everyone=True
    ),
    "relu-vs-saturating": Factor(
        "activation", "hard sigmoid", "relu", "hard sigmoid", ("long", "long")
    ),
}

PAIRED = ("gap", "jacobian_norm", "transitions", "untrained_norm")
"""What is compared in pairs."""


def pairs(networks: pd.DataFrame, factor: Factor, equal: bool = True) -> Layout:
    """Treated networks and their twins, as the sides `treated` and `reference`.

    Raises:
        NotMeasured: no two kinds of network differ in this factor alone, on every sample.
    """
    treated, reference = factor.equal if equal else factor.until_fit
    sides = {
        "treated": {factor.column: factor.treated, "length": treated},
        "reference": {factor.column: factor.reference, "length": reference},
    }
    common = {name: value for name, value in USUAL.items() if name != factor.column}
    if factor.column != "batch":
        common["batch"] = "100"
    return lay(networks, sides, PAIRED, common, factor.everyone)
