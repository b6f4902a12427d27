"""What the page says of pruning: what the code did, what the text says, what networks tolerate."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lowcap.claims import Tables
from lowcap.claims.claim import real_minus
from lowcap.studies.low_capacity.claims.costs import Costs, costs, scored_rows
from lowcap.studies.low_capacity.claims.scores import of_digits, percent
from lowcap.studies.low_capacity.protocols import (
    FIRST_LAYER,
    GLOBAL,
    LISTING,
    RELEASED,
    by_protocol,
)
from lowcap.studies.low_capacity.settings import PAIRS

SPARSITY = 0.95
"""At which the page tells what pruning costs; the paper's."""


class Pruned:
    """A run's pruned networks in words; what they lost is worked out once for all sentences.

    Args:
        tables: the run's, with `pruning` and `capacity`.
    """

    def __init__(self, tables: Tables) -> None:
        protocols = by_protocol(tables["pruning"])
        self._task = hardest(tables)
        self._costs: dict[str, Costs] = {name: costs(tables, name) for name in protocols}
        rows = {name: scored_rows(tables, name) for name in protocols}
        self._rows = {name: part[part["sparsity"] == SPARSITY] for name, part in rows.items()}

    def sentence(self) -> str:
        """One sentence for the first paragraph; "" where pruning was not measured."""
        alone, together = (self._lost(rule.name) for rule in (LISTING, GLOBAL))
        if not (alone and together):
            return ""
        return real_minus(
            f"Without 95 % of their weights, networks on {self._task} lose {alone} of F1 if each "
            "layer is pruned by itself, as the paper's listing C.1 says, and "
            f"{together} if the smallest weights of both layers go."
        )

    def notes(self) -> list[str]:
        """The whole story, a paragraph a rule."""
        found = (self._released(), self._listing(), self._both_layers())
        return [real_minus(note) for note in found if note]

    def _released(self) -> str:
        """What the released code removes when it is asked for 95 %."""
        removed, most = [], 0.0
        for protocol, rows in self._of_rule(RELEASED.name).items():
            removed.append(rows["achieved_sparsity"].mean())
            table = self._costs[protocol].table
            table = table[(table["rule"] == RELEASED.name) & (table["sparsity"] == SPARSITY)]
            most = max(most, float(table["lost"].abs().max()))
        if not removed:
            return ""
        return (
            "The released code divides the percentage of weights to prune by 100 twice. Asked for "
            f"95 %, it removes {percent(float(np.mean(removed)))} of the weights here, and no mean "
            f"F1 changes by more than {most:.4f}: 95 % was never tested, and the paper's flat "
            "curves are those of networks that were hardly pruned. That is a diagnosis, not a "
            "claim that holds."
        )

    def _listing(self) -> str:
        """What the paper's text describes, and how little of a network it leaves connected."""
        lost = self._lost(LISTING.name)
        if not lost:
            return ""
        left = {
            protocol: f"{rows['live_units'].median():g} of {rows['hidden'].median():g}"
            for protocol, rows in self._of_rule(LISTING.name).items()
        }
        return (
            "The paper's listing C.1 takes the percentage of each layer by itself, so also of the "
            f"few output weights. At 95 %, networks on {self._task} above critical capacity lose "
            f"{lost} of F1 (absolute, mean over sizes); {self._cut(LISTING.name)}; hidden units "
            f"that still take part in the median network: {enumerated(left)}."
        )

    def _both_layers(self) -> str:
        """What networks tolerate if the weights of both layers are ranked together."""
        together, first = self._lost(GLOBAL.name), self._lost(FIRST_LAYER.name)
        if not together:
            return ""
        words = (
            "“Remove the smallest 95 %” can also be done with the weights of both layers ranked "
            "together, which mostly spares the output layer of trained networks. Then networks on "
            f"{self._task} lose {together} of F1; {self._cut(GLOBAL.name)}."
        )
        if first:
            words += f" If only the first layer is pruned, they lose {first}."
        return words + (
            " Nothing is trained again after pruning. The protocols' own rules, by which claims "
            "are judged first, are listing C.1 for the released procedure and both layers together "
            "for the corrected one; every reading stands beside the others in the figures."
        )

    def _lost(self, rule: str) -> str:
        """F1 lost by the rule, the mean over sizes above critical capacity, of every protocol."""
        words = {}
        for protocol, found in self._costs.items():
            rows = found.above_critical(self._task)
            rows = rows[(rows["rule"] == rule) & (rows["sparsity"] == SPARSITY)]
            if len(rows):
                words[protocol] = f"{rows['lost'].mean():.3f}"
        return enumerated(words) if words else ""

    def _cut(self, rule: str) -> str:
        """How many networks a rule cuts in two, over all tasks."""
        parts = {}
        for protocol, rows in self._of_rule(rule).items():
            count = int((~rows["connected"].astype(bool)).sum())
            parts[protocol] = f"{count} of {len(rows):,}" if count else "none"
        return (
            "networks of all tasks in which no path leads from the pixels to the answer any more: "
            f"{enumerated(parts)}"
        )

    def _of_rule(self, rule: str) -> dict[str, pd.DataFrame]:
        """By protocol, the networks that the rule pruned."""
        found = {name: rows[rows["rule"] == rule] for name, rows in self._rows.items()}
        return {name: rows for name, rows in found.items() if len(rows)}


def hardest(tables: Tables) -> str:
    """The last of the paper's pairs that is there, or else the task with most linear errors."""
    tasks = [str(task) for task in tables["pruning"]["task"].unique()]
    pairs = [task for task in PAIRS if task in tasks]
    if pairs and of_digits(tables["pruning"]):
        return pairs[-1]
    if "difficulty" in tables:
        errors = tables["difficulty"].groupby("task")["linear_error"].mean()
        errors = errors[errors.index.isin(tasks)]
        if len(errors):
            return str(errors.idxmax())
    return tasks[-1]


def enumerated(words: Mapping[str, str]) -> str:
    """Words for each protocol as one enumeration; only once where all are the same."""
    if len(words) == 1:
        return next(iter(words.values()))
    if len(set(words.values())) == 1:
        return f"{next(iter(words.values()))} (under every protocol)"
    *most, last = (f"{text} ({name})" for name, text in words.items())
    return f"{', '.join(most)} and {last}"
