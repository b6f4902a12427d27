"""How long cells will take, learned from those that are finished.

The logarithm of a cell's seconds for each unit of its cost is taken as a sum over its settings and
its measures, each term drawn towards 0 (ridge regression): with few finished cells it is the mean,
with many it knows which settings are dear. The first cells of a kind compile their code; that they
do is a term of its own, which is not expected of later ones.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from lowcap.runs.cell import Cell

_RIDGE = 1.0
"""How strongly terms are drawn towards 0: a term seen once moves half of the way."""

_RARE = 0.02
"""Terms of a smaller share of the cells are left out, so that there are never many."""

_SEEDS = ("seed", "sample", "draw")
"""Settings that change no cell's seconds, and would take the terms of those that do."""


class Expected:
    """Seconds that cells are expected to take.

    Args:
        cells: those of which any may be asked for.
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        known = [_terms_of(cell) for cell in cells]
        counts = Counter(term for terms in known for term in terms)
        least = max(2, _RARE * len(known))
        self._terms = {term: n for n, term in enumerate(t for t in counts if counts[t] >= least)}
        self._of = dict(zip((cell.fingerprint for cell in cells), known, strict=True))
        self._rows: list[np.ndarray] = []
        self._logs: list[float] = []
        self._seconds: list[float] = []
        self._costs: list[float] = []
        self._met: set[Any] = set()

    def learn(self, cell: Cell, seconds: float) -> None:
        """A cell took so many seconds."""
        row = self._row(cell)
        kind = (cell.cost, cell.measures)
        row[-1] = kind not in self._met
        self._met.add(kind)
        self._rows.append(row)
        self._seconds.append(max(seconds, 1e-3))
        self._costs.append(cell.cost)
        self._logs.append(float(np.log(max(seconds, 1e-3) / cell.cost)))

    def seconds(self, cells: Sequence[Cell]) -> Float[np.ndarray, " cells"]:
        """Of each cell; nothing is known before the first was learned from.

        Raises:
            ValueError: nothing was learned yet.
        """
        if not self._rows:
            raise ValueError("nothing was learned yet")
        rows, logs = np.stack(self._rows), np.asarray(self._logs)
        mean = float(logs.mean())
        drawn = np.full(rows.shape[1], _RIDGE)
        drawn[-1] = _RIDGE / 10  # compiling is known to take time
        square = rows.T @ rows + np.diag(drawn)
        weights = np.linalg.solve(square, rows.T @ (logs - mean))
        costs = np.asarray(self._costs)
        # Logarithms underrate sums: what the finished cells took sets the level.
        level = sum(self._seconds) / float((costs * np.exp(mean + rows @ weights)).sum())
        asked = np.stack([self._row(cell) for cell in cells]) if cells else rows[:0]
        return level * np.array([c.cost for c in cells]) * np.exp(mean + asked @ weights)

    def _row(self, cell: Cell) -> Float[np.ndarray, " terms"]:
        row = np.zeros(len(self._terms) + 1)  # the last one: the first of its kind
        row[[self._terms[t] for t in self._of[cell.fingerprint] if t in self._terms]] = 1
        return row


def _terms_of(cell: Cell) -> list[Any]:
    config = cell.config
    terms: list[Any] = [("measure", name) for name, _ in cell.measures]
    terms += [("measures", len(cell.measures)), ("cost", cell.cost), ("data", cell.data_sha256)]
    if is_dataclass(config):
        terms.append(("kind", type(config).__name__))
        for field in fields(config):
            if field.name not in _SEEDS:
                terms.append((field.name, str(getattr(config, field.name))))
    return terms
