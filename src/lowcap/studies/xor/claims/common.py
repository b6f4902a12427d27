"""What the judges share: shares of simulated runs that never err more often than they say."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lowcap.claims import Interval, NotMeasured
from lowcap.studies.xor.settings import GAMMA

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Counted:
    """A share of independent runs with the interval of Clopper and Pearson (1934).

    Unlike Wilson's it never errs more often than it says, on either side, however near 0 or 1 the
    share is: the theorems' shares are.
    """

    successes: int
    runs: int

    @property
    def value(self) -> float:
        """Successes over runs."""
        return self.successes / self.runs

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """The exact interval from the binomial distribution."""
        tail, x, n = (1 - confidence) / 2, self.successes, self.runs
        low = float(stats.beta.ppf(tail, x, n - x + 1)) if x > 0 else 0.0
        high = float(stats.beta.ppf(1 - tail, x + 1, n - x)) if x < n else 1.0
        return Interval(self.value, low, high)


@dataclass(frozen=True)
class Difference:
    """One share less another, of different runs: Newcombe's (1998) square-and-add interval."""

    one: Counted
    other: Counted

    @property
    def value(self) -> float:
        """The difference."""
        return self.one.value - self.other.value

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """From both shares' own intervals, as far as each may be off towards the other."""
        value, one, other = self.value, *(x.interval(confidence) for x in (self.one, self.other))
        below = np.hypot(one.estimate - one.low, other.high - other.estimate)
        above = np.hypot(one.high - one.estimate, other.estimate - other.low)
        return Interval(value, float(value - below), float(value + above))


def diverse(frequencies: pd.DataFrame, gamma: float = GAMMA) -> pd.DataFrame:
    """The runs on diverse training sets, by k; the largest cell of each."""
    rows = frequencies[(frequencies["points"] == 0) & (frequencies["gamma"] == gamma)]
    return rows.sort_values("runs").drop_duplicates("k", keep="last").set_index("k").sort_index()


def row_of(frequencies: pd.DataFrame, k: int) -> dict[str, Any]:
    """The counts of one size on diverse training sets.

    Raises:
        NotMeasured: it was not simulated.
    """
    table = diverse(frequencies)
    if k not in table.index:
        raise NotMeasured(f"k = {k} was not simulated")
    return {"k": k, **dict(zip(table.columns, table.loc[[k]].to_numpy()[0].tolist(), strict=True))}


def percents(interval: Interval) -> str:
    """Both limits, in percent."""
    return f"{interval.low:.2%} to {interval.high:.2%}"
