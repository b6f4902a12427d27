"""A fixed number of a file's rows, each as likely as any other, without holding all of them."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int


class Reservoir:
    """Keeps at most `most` of all rows that it is offered.

    Every row draws a number, and the rows with the smallest ones stay. So the rows that are kept
    do not depend on how many are offered at a time, and they are those that `chosen` names.
    """

    def __init__(self, most: int, generator: np.random.Generator):
        self.most = most
        self.offered = 0
        self._generator = generator
        self._keys = np.zeros(0)
        self._numbers = np.zeros(0, np.int64)
        self._rows: list[str] = []

    def offer(self, rows: Sequence[str]) -> None:
        """Take or leave each of the next rows."""
        keys = self._generator.random(len(rows))
        full = len(self._rows) >= self.most
        good = np.flatnonzero(keys < self._keys.max()) if full else np.arange(len(rows))
        self._keys = np.append(self._keys, keys[good])
        self._numbers = np.append(self._numbers, self.offered + good)
        self._rows += [rows[place] for place in good]
        self.offered += len(rows)
        if len(self._rows) > self.most:
            stay = _smallest(self._keys, self.most)
            self._keys, self._numbers = self._keys[stay], self._numbers[stay]
            self._rows = [self._rows[place] for place in stay]

    @property
    def kept(self) -> tuple[Int[np.ndarray, " kept"], list[str]]:
        """The numbers of the rows that stayed, from 0 and ascending, and the rows."""
        return self._numbers, self._rows


def chosen(total: int, most: int, generator: np.random.Generator) -> Int[np.ndarray, " kept"]:
    """The numbers of the rows that a `Reservoir` keeps of `total`, from 0 and ascending."""
    return _smallest(generator.random(total), most)


def _smallest(keys: np.ndarray, most: int) -> Int[np.ndarray, " kept"]:
    if len(keys) <= most:
        return np.arange(len(keys))
    return np.sort(np.argpartition(keys, most - 1)[:most])
