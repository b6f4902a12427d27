"""Whether one property of pairs grows with another along a line, or only along some curve.

Pairs that share a class, such as 4-9 and 4-7, are alike, so every test here treats classes, not
pairs, as what was drawn by chance.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.optimize import isotonic_regression

from lowcap.claims.claim import Generator
from lowcap.claims.estimates import CONFIDENCE, Estimate, Interval, Permuted
from lowcap.claims.exchange import ends
from lowcap.claims.verdict import NotMeasured
from lowcap.streams import stream

Pairs = Float[np.ndarray, " pairs"]
Draws = Float[np.ndarray, "draws pairs"]
Shares = Float[np.ndarray, " draws"]

DRAWS = 500
"""Simulated runs for each shape of curve."""

SHAPES: dict[str, Callable[[Pairs], Pairs]] = {
    "threshold": lambda x: (x > np.median(x)).astype(float),
    "ramp": lambda x: np.maximum(x - np.median(x), 0),
    "ranks": lambda x: np.unique(x, return_inverse=True)[1].astype(float),
}
"""Curves that rise and are no line: a jump at the median, flat up to there, and even steps."""


@dataclass(frozen=True)
class Widest:
    """One quantity estimated under several assumptions: the union of their intervals."""

    several: tuple[Estimate, ...]

    @property
    def value(self) -> float:
        """The mean of their values."""
        return float(np.mean([one.value for one in self.several]))

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """From the lowest limit to the highest."""
        _, lows, highs = zip(*(one.interval(confidence) for one in self.several), strict=True)
        return Interval(self.value, min(lows), max(highs))


def monotone(x: Pairs, ys: Draws) -> Draws:
    """The rising curve with the least squared error (isotonic regression), for each row of y."""
    _, places, counts = np.unique(x, return_inverse=True, return_counts=True)
    same = np.eye(len(counts))[places]  # pairs that are alike in x share one level
    means = ys @ same / counts
    return np.array([isotonic_regression(y, weights=counts).x for y in means])[:, places]


def explained(x: Pairs, ys: Draws) -> tuple[Shares, Shares]:
    """The shares of the variance that a line explains, and a rising curve, for each row of y."""
    centered, away = ys - ys.mean(axis=1, keepdims=True), x - x.mean()
    # Where nothing varies nothing is explained.
    whole = np.maximum((centered**2).sum(axis=1), np.finfo(float).tiny)
    line = (centered @ away) ** 2 / (away @ away) / whole
    return line, (monotone(x, centered) ** 2).sum(axis=1) / whole


def _beyond(x: Pairs, ys: Draws) -> Shares:
    line, curve = explained(x, ys)
    return curve - line


def slope(one: pd.Series, other: pd.Series) -> Permuted:
    """By how much `one` rises with `other`, against `Scatter` about a line without slope.

    Raises:
        NotMeasured: as `exchanged`; or `other` does not vary.
    """
    x, scatter = other.loc[one.index].to_numpy(float), Scatter(one, other)
    weights = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    null = scatter.signs(stream("slope over pairs"), DRAWS * len(SHAPES)) @ weights
    return Permuted(float(one.to_numpy(float) @ weights), null)


def beyond_line(one: pd.Series, other: pd.Series, margin: float) -> Widest:
    """The share of the variance of `one` that a rising curve over `other` explains beyond a line.

    A curve has more freedom than a line and follows chance further. How much further is seen in
    simulated runs whose true curve departs from a line by exactly `margin`, in each of `SHAPES`,
    with the scatter of the real run (`Scatter`): the value is corrected by their median, and lies
    above or below the margin where chance alone would rarely bring theirs.

    Args:
        one: by pair, named as "4-9". Every two classes must be a pair.
        other: the same pairs in any order.
        margin: the share that the interval is held against.

    Raises:
        NotMeasured: as `exchanged`; or no curve of `SHAPES` departs that far from a line.
    """
    y, x = one.to_numpy(float), other.loc[one.index].to_numpy(float)
    scatter, generator = Scatter(one, other), stream("beyond a line")
    (found,) = _beyond(x, y[None])
    parts = []
    for shape in SHAPES.values():
        curve = scatter.curve(shape, margin)
        if curve is not None:
            null = _beyond(x, curve + scatter.signs(generator, DRAWS))
            usual = float(np.median(null))
            parts.append(Permuted(found - usual + margin, null - usual, (-np.inf, 1)))
    if not parts:
        raise NotMeasured("over these difficulties no curve is far enough from a line")
    return Widest(tuple(parts))


class Scatter:
    """How pairs scatter around the best rising curve, and curves that could lie beneath.

    What is left of a pair is split into the share of its two classes and its own, which keep
    their places, since harder pairs scatter more (a wild bootstrap after Menzel, 2021).
    """

    def __init__(self, one: pd.Series, other: pd.Series) -> None:
        self.ends = ends(one.index)
        self.x, y = other.loc[one.index].to_numpy(float), one.to_numpy(float)
        if np.ptp(self.x) == 0:
            raise NotMeasured("all pairs are alike in what a line should follow")
        (curve,) = monotone(self.x, y[None])
        # The curve spends one degree of freedom on each of its levels (Meyer and Woodroofe, 2000).
        free = max(len(y) - len(np.unique(curve)), 1)
        self.noise = min(float(((y - curve) ** 2).sum()) / free, float(np.var(y)))
        self.signal = float(np.var(y)) - self.noise
        # Where only few pairs lie a curve passes through them, so what is left of a line tells
        # better which pairs scatter most.
        line = _standard(self.x)
        left = y - y.mean() - np.mean(line * y) * line
        left *= np.sqrt(self.noise / max(float(np.mean(left**2)), np.finfo(float).tiny))
        count = self.classes = int(self.ends.max()) + 1
        sums = np.bincount(self.ends.ravel(), np.repeat(left, 2), count)
        self.of_class = (sums - left.sum() / (count - 1)) / (count - 2)
        self.of_pair = left - self.of_class[self.ends].sum(axis=1)
        # After Satterthwaite (1946): one class that scatters most is little to learn a spread from.
        own = np.bincount(self.ends.ravel(), np.repeat(self.of_pair**2, 2), count) / 2
        parts = (count - 1) * self.of_class**2 + own
        even = parts.sum() ** 2 / max((parts**2).sum(), np.finfo(float).tiny)
        self.df = max(even * (count - 2) / count, 1.0)

    def curve(self, shape: Callable[[Pairs], Pairs], margin: float | None) -> Pairs | None:
        """A line bent towards a shape until it departs by `margin` of the variance, noise included.

        The whole shape where the margin is None; None where even that departs too little.
        """
        line, bent = _standard(self.x), _standard(shape(self.x))
        alike = float(np.mean(line * bent))
        most = 1 - alike**2
        if most < 1e-9 or (margin is not None and most <= margin):
            return None
        if margin is None:
            return np.sqrt(self.signal) * bent
        # So strong a signal that the bent line still rises everywhere.
        signal = max(self.signal, margin * self.noise / (most - margin))
        departs = margin * (signal + self.noise)
        away = (bent - alike * line) / np.sqrt(most)
        return np.sqrt(signal - departs) * line + np.sqrt(departs) * away

    def signs(self, generator: Generator, draws: int) -> Draws:
        """Scatter with signs by chance, as large as so few classes can tell."""
        of_class = generator.choice([-1, 1], (draws, self.classes)) * self.of_class
        of_pair = generator.choice([-1, 1], (draws, len(self.x))) * self.of_pair
        size = np.sqrt(self.df / generator.chisquare(self.df, (draws, 1)))
        return size * (of_class[:, self.ends].sum(axis=2) + of_pair)

    def normal(self, generator: Generator) -> Pairs:
        """Normal scatter with the real run's spread, for simulated runs."""
        of_class = generator.standard_normal(self.classes) * self.of_class
        of_pair = generator.standard_normal(len(self.x)) * self.of_pair
        return of_class[self.ends].sum(axis=1) + of_pair


def _standard(values: Pairs) -> Pairs:
    spread = np.std(values)
    return (values - values.mean()) / (spread if spread > 0 else 1.0)


def linear_worlds(
    one: pd.Series, other: pd.Series, margin: float
) -> list[tuple[str, bool | None, Callable[[Generator], pd.Series]]]:
    """For a judge of `slope` and `beyond_line`: names, truths, and draws of `one`."""
    scatter = Scatter(one, other)
    first, second = scatter.ends.T
    line = np.sqrt(scatter.signal) * _standard(scatter.x)
    curves: list[tuple[str, bool | None, Pairs | None]] = [
        *((f"{n} at the margin", None, scatter.curve(s, margin)) for n, s in SHAPES.items()),
        ("a line", True, line),
        ("a threshold", False, scatter.curve(SHAPES["threshold"], None)),
        ("a falling line", False, -line),
    ]
    square = np.zeros((scatter.classes, scatter.classes))
    square[first, second] = square[second, first] = one

    def unrelated(generator: Generator) -> pd.Series:
        new = generator.permutation(scatter.classes)
        return pd.Series(square[new[first], new[second]], one.index)

    def draws(curve: Pairs) -> Callable[[Generator], pd.Series]:
        return lambda generator: pd.Series(curve + scatter.normal(generator), one.index)

    known = [(name, truth, draws(curve)) for name, truth, curve in curves if curve is not None]
    return [*known, ("no relation", None, unrelated)]
