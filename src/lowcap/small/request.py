"""What a user asks of `lowcap small`, and the rows that this is about."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from lowcap.data import Kind
from lowcap.errors import SettingsError
from lowcap.given import in_a_line
from lowcap.small.search.settings import Settings
from lowcap.small.table.reading import Source, read_source
from lowcap.small.table.shipped import SHIPPED, shipped_source
from lowcap.small.table.text import Limits

LIMITS = Limits(rows=20_000, cells=20_000_000)
"""Of the rows that are read; of more, a random sample is."""


MOST = {"sizes": 2**16, "folds": 1000, "repeats": 1000}
"""What a search may try at most; more would never end."""


@dataclass(frozen=True)
class Request:
    """What a user asks."""

    data: str
    """A file, or the name of a table that ships with scikit-learn."""
    target: str | None = None
    groups: str | None = None
    drop: tuple[str, ...] = ()
    test: str | None = None
    kind: Kind | None = None
    metric: str | None = None
    tolerance: float | None = None
    at_least: float | None = None
    budget: Mapping[str, int] = field(default_factory=dict)
    bits: int = 8
    minutes: float = 5.0
    settings: Settings = field(default_factory=Settings)
    positive: str | None = None
    """The label that F1 is of; the second of two unless given."""

    def read(self) -> Source:
        """The rows asked for.

        Raises:
            DataError: they cannot be learned from.
            SettingsError: the request contradicts itself.
        """
        self._check()
        if self.data not in SHIPPED:
            return read_source(
                self.data, self.target, groups=self.groups, drop=self.drop, test=self.test,
                limits=LIMITS,
            )  # fmt: skip
        if (self.groups, self.drop, self.test) != (None, (), None):
            raise SettingsError(f"{self.data}: comes as it is; groups, drop and test need a file")
        if self.target not in (None, "target"):
            raise SettingsError(f"{self.data}: its target is 'target', not '{self.target}'")
        return shipped_source(self.data)

    def _check(self) -> None:
        """Refuse numbers that contradict each other, or that no search could end with."""
        if self.tolerance is not None and self.at_least is not None:
            raise SettingsError("give a tolerance or a level, not both")
        if self.tolerance is not None and not 0 <= self.tolerance < math.inf:
            raise SettingsError(f"tolerance {self.tolerance:g}: must not be negative, nor infinite")
        if self.at_least is not None and not math.isfinite(self.at_least):
            raise SettingsError(f"at least {self.at_least:g}: must be a finite number")
        if not self.minutes > 0:
            raise SettingsError(f"minutes {self.minutes:g}: must be above 0")
        largest = {"sizes": max(self.settings.sizes)}
        largest |= {name: getattr(self.settings, name) for name in ("folds", "repeats")}
        for name, value in largest.items():
            if value > MOST[name]:
                told = in_a_line(value, 40)
                raise SettingsError(f"{name} {told}: must be at most {MOST[name]:,}")
