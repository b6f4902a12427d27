"""The frontier: what networks of each size, sparsity and number of bits score and cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lowcap.errors import SettingsError
from lowcap.small.candidates import Candidates
from lowcap.small.export.c_parts import Exported, parts_of
from lowcap.small.export.layers import layers_of
from lowcap.small.export.quantise import quantise
from lowcap.small.search.answer import Answer, Verdict, judged
from lowcap.small.search.intervals import score_interval
from lowcap.small.search.search import Searched

Kind = tuple[int, float]
"""Hidden size and sparsity."""


class Cost(NamedTuple):
    """What a network takes on a chip, its instructions apart."""

    weights_left: int
    macs: int
    flash_bytes: int
    ram_bytes: int


def cost(exported: Exported) -> Cost:
    """What a network takes, counted in the C code that is exported of it."""
    parts = parts_of(exported)
    layers = layers_of(parts.model)
    left = np.count_nonzero(layers.first)
    left += 0 if layers.second is None else np.count_nonzero(layers.second)
    return Cost(int(left), parts.macs, parts.flash, parts.ram)


def as_exported(candidates: Candidates, calibration: pd.DataFrame) -> dict[tuple, Exported]:
    """Every candidate in whole numbers and in floating point, by size, sparsity and bits."""
    found: dict[tuple, Exported] = {}
    for kind, model in candidates.items():
        found[(*kind, 8)] = quantise(model, calibration)
        found[(*kind, 32)] = model
    return found


def frontier(
    scores: pd.DataFrame, exported: Mapping[tuple, Exported], searched: Searched
) -> pd.DataFrame:
    """One row per hidden size, sparsity and number of bits.

    Args:
        scores: of networks in folds; see `fold_scores`.
        exported: what is exported of each; kinds that are not there are left out.
        searched: the dense networks.

    Returns:
        `hidden, sparsity, bits, score, low, high, folds, parameters, weights_left, macs,
        flash_bytes, ram_bytes`. Score and interval are those to expect of networks trained in this
        way, over draws of the data; the rest is that of the network trained on all rows.
    """
    parameters = dict(zip(searched.settings.sizes, searched.parameters, strict=True))
    rows: list[dict[str, Any]] = []
    for key, own in scores.groupby(["hidden", "sparsity", "bits"]):
        hidden, sparsity, bits = int(key[0]), float(key[1]), int(key[2])  # type: ignore[index]
        there = own["score"].to_numpy(float)
        there = there[np.isfinite(there)]
        if (hidden, sparsity, bits) not in exported or len(there) < 2:
            continue
        found = score_interval(there, searched.ratio, searched.metric, searched.rows)
        named = {"hidden": hidden, "sparsity": sparsity, "bits": bits, "score": found.estimate}
        named |= {"low": found.low, "high": found.high}
        named |= {"folds": len(there), "parameters": parameters[hidden]}
        rows.append(named | cost(exported[hidden, sparsity, bits])._asdict())
    return pd.DataFrame(rows)


def beside_reference(
    scores: pd.DataFrame, searched: Searched, told: Answer
) -> tuple[np.ndarray, np.ndarray]:
    """Scores [kinds, folds], ascending by sparsity, and the reference's in the same folds."""
    table = scores.pivot_table("score", "sparsity", ["repeat", "fold"], dropna=False).sort_index()
    places = {(one.repeat, one.fold): n for n, one in enumerate(searched.divisions)}
    reference = searched.scores[searched.settings.sizes.index(told.reference)]
    folds: list[Any] = list(table.columns)
    against = reference[[places[where] for where in folds]]
    values = table.to_numpy(float)
    there = np.isfinite(values).all(axis=0) & np.isfinite(against)
    return values[:, there], against[there]


@dataclass(frozen=True)
class Dispensable:
    """What of a network's weights can go."""

    sparsity: float
    """The largest share without which the network is shown to be good enough still."""
    dense: Verdict
    """Whether the network with all its weights, in as many bits as it is exported, is."""


def dispensable(scores: pd.DataFrame, searched: Searched, told: Answer) -> Dispensable:
    """Test the sparsities of one size from dense to sparse; stop at the first that fails.

    What is asked of each is what was asked of sizes: a score that is not below the reference's by
    more than the tolerance, or not below the level, by the same paired and corrected test.

    Args:
        scores: of one size in one number of bits; see `fold_scores`.
        searched: the reference's scores.
        told: the question.
    """
    sparsities = sorted(scores["sparsity"].unique())
    values, reference = beside_reference(scores, searched, told)
    rows = values[::-1]  # the sparsest first, as the smallest size is
    places = tuple(range(len(rows)))[::-1]
    if told.at_least is None:
        rows, places = np.vstack([rows, reference]), (*places, len(sparsities))
    found = judged(
        rows, places, searched.ratio, told.tolerance, told.at_least, searched.metric, searched.rows
    )
    passed = [sparsities[place] for place in found.passed if place < len(sparsities)]
    dense: Verdict = "holds" if passed else "not reached" if 0 in found.excluded else "undecided"
    return Dispensable(float(max(passed, default=0.0)), dense)


def within(table: pd.DataFrame, bits: int, budget: Mapping[str, int]) -> pd.DataFrame:
    """The networks of a frontier that a budget allows.

    Args:
        table: the frontier.
        bits: in which networks are exported.
        budget: bytes of "flash" and "ram".

    Raises:
        SettingsError: it allows none.
    """
    own = table[table["bits"] == bits]
    fits = own
    for name, most in budget.items():
        fits = fits[fits[f"{name}_bytes"] <= most]
    if fits.empty:
        least = own.sort_values(["flash_bytes", "ram_bytes"]).iloc[0]
        asked = " and ".join(f"{most:,} bytes of {name}" for name, most in budget.items())
        raise SettingsError(
            f"no network fits into {asked}: the smallest that was tried takes "
            f"{int(least['flash_bytes']):,} bytes of flash and {int(least['ram_bytes']):,} of RAM"
        )
    return fits


_UNITS = {"B": 1, "kB": 1000, "KiB": 1024, "MB": 10**6, "MiB": 2**20}


def read_budget(words: tuple[str, ...]) -> dict[str, int]:
    """A budget in words, such as "flash=2kB" and "ram=256B".

    Raises:
        SettingsError: a word is not like these.
    """
    found: dict[str, int] = {}
    for word in words:
        name, _, size = word.partition("=")
        number = size.rstrip("BkKMi")
        unit = size[len(number) :] or "B"
        try:
            most = float(number) * _UNITS[unit]
        except (ValueError, KeyError):
            most = float("nan")
        if name not in ("flash", "ram") or name in found or not 0 < most < 1e15:
            raise SettingsError(
                f"budget '{word}': write flash=2kB, ram=256B or both (B, kB, KiB, MB, MiB)"
            )
        found[name] = int(most)
    return found
