"""The answer: the smallest network that is good enough, those that may be, and a verdict.

The question is fixed before anything is measured. A size is good enough if its score is below the
reference's, that of the largest size, by no more than a tolerance; or, where the user names a
level, if its score is not below that. Scores are those to expect of networks that train on as many
rows as a fold leaves, over draws of the data. A size is compared with the largest on the same
folds, and intervals allow for folds that share most of their training rows.

Sizes stand in the order of their numbers of weights and biases. That is the order of their hidden
units, but that of a linear model of many classes is not the smallest.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float

from lowcap.errors import DataError, SettingsError
from lowcap.shown import card
from lowcap.small.search.intervals import CONFIDENCE, corrected_mean, one_sided, score_interval
from lowcap.small.search.metrics import Metric
from lowcap.small.search.search import Searched
from lowcap.small.search.wording import listed, number, sentence_of, units

Verdict = Literal["holds", "undecided", "not reached"]
"""Some size is shown to be good enough; the data cannot tell; the largest network is shown to gain
no more than the tolerance over a constant, or none to reach the level."""


@dataclass(frozen=True)
class Answer:
    """How small a network can be."""

    verdict: Verdict
    hidden: int | None
    """The smallest size that is shown to be good enough; None without one."""
    score: float
    """Its score; without such a size, the reference's..."""
    low: float
    high: float
    """...and the 95 % interval of that."""
    reference: int
    """The largest size."""
    reference_score: float
    constant_score: float
    """The score of the best prediction that looks at no input."""
    not_excluded: tuple[int, ...]
    """Smaller sizes that are not shown to be too small."""
    tolerance: float
    """By how much a score may be below the reference's."""
    at_least: float | None
    """The level that the user named, instead of a reference."""
    metric: str
    words: str
    """The metric in words."""
    reason: str = ""
    """Why the verdict is not "holds"."""
    useful: bool = True
    """Whether the largest size is shown to gain more over a constant than the tolerance; else no
    size is good enough for being as good as it."""

    @property
    def sentence(self) -> str:
        """All this in a sentence or three."""
        return sentence_of(self)

    def __str__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        facts = {
            "verdict": self.verdict,
            "hidden": "–" if self.hidden is None else self.hidden,
            "not excluded": listed(self.not_excluded) if self.not_excluded else "none",
            "score": f"{number(self.score)} [{number(self.low)}, {number(self.high)}]",
            f"score of {units(self.reference)}": number(self.reference_score),
            "score of a constant": number(self.constant_score),
            "metric": self.metric,
        }
        return card("How small can the network be?", facts, (), self.sentence)


class Judged(NamedTuple):
    """What became of every size."""

    passed: tuple[int, ...]
    """Sizes shown to be good enough, from the largest down to the first that was not."""
    excluded: tuple[int, ...]
    """Sizes shown not to be."""


def beyond(
    values: Float[np.ndarray, " folds"],
    reference: Float[np.ndarray, " folds"],
    ratio: float,
    tolerance: float,
    at_least: float | None,
    metric: Metric,
    rows: int,
) -> tuple[float, float]:
    """How far a score lies above what is good enough: the bounds, which err in 5 % of cases each.

    Args:
        values: of one network in each fold.
        reference: of the largest size in the same folds.
        ratio: see `corrected_mean`.
        tolerance: by how much a score may be below the reference's.
        at_least: a level instead; then reference and tolerance are not used.
        metric: see `score_interval`.
        rows: see `score_interval`.
    """
    if at_least is None:
        low, high = one_sided(corrected_mean(values - reference, ratio))
        return low + tolerance, high + tolerance
    _, low, high = score_interval(values, ratio, metric, rows, 2 * CONFIDENCE - 1)
    return low - at_least, high - at_least


def judged(
    scores: Float[np.ndarray, "sizes folds"],
    sizes: tuple[int, ...],
    ratio: float,
    tolerance: float,
    at_least: float | None,
    metric: Metric,
    rows: int,
) -> Judged:
    """Test the sizes from the largest down, and stop at the first that is not shown good enough.

    In such a fixed sequence a size that is too small passes with a probability of at most 5 %, as
    the first one to be tested that is too small has to pass. Against a reference, the largest size
    passes without a test: it is what is meant by good.

    Args:
        scores: of each size in each fold.
        sizes: in ascending order of their parameters.
        ratio: see `corrected_mean`.
        tolerance: see `beyond`.
        at_least: see `beyond`.
        metric: see `score_interval`.
        rows: see `score_interval`.
    """
    passed: list[int] = []
    excluded: list[int] = []
    going = True
    for place in reversed(range(len(sizes))):
        if at_least is None and place == len(sizes) - 1:
            passed.append(sizes[place])
            continue
        low, high = beyond(scores[place], scores[-1], ratio, tolerance, at_least, metric, rows)
        going = going and low >= 0
        if going:
            passed.append(sizes[place])
        elif high < 0:
            excluded.append(sizes[place])
    return Judged(tuple(passed), tuple(excluded))


def decide(
    scores: Float[np.ndarray, "sizes folds"],
    constant: Float[np.ndarray, " folds"],
    sizes: tuple[int, ...],
    ratio: float,
    metric: Metric,
    tolerance: float,
    at_least: float | None,
    rows: int,
) -> Answer:
    """The answer from a table of scores.

    Before any size is judged, the largest has to beat the best constant: otherwise all sizes are
    equally good at nothing. It has to beat it by more than the tolerance too, or else the constant
    would be good enough.

    Args:
        scores: of each size in each fold.
        constant: of the best constant prediction in each fold.
        sizes: in ascending order of their parameters; the last is the reference.
        ratio: held-out rows to training rows.
        metric: of the scores.
        tolerance: see `judged`.
        at_least: see `judged`.
        rows: see `score_interval`.
    """
    found = judged(scores, sizes, ratio, tolerance, at_least, metric, rows)
    hidden = found.passed[-1] if found.passed else None
    if at_least is None and hidden == sizes[-1]:
        hidden = None  # that it is as good as itself was not tested
    gain = one_sided(corrected_mean(scores[-1] - constant, ratio))
    spare = tolerance if at_least is None else 0.0
    useful = gain[0] > spare
    if useful or (at_least is not None and len(found.excluded) == len(sizes)):
        verdict, reason = _verdict(found, sizes, hidden, at_least)
    else:
        verdict, reason = _useless(gain, spare)
    if verdict != "holds":
        hidden = None
    shown = sizes[-1] if hidden is None else hidden
    interval = score_interval(scores[sizes.index(shown)], ratio, metric, rows)
    smaller = sizes[: sizes.index(shown)] if verdict != "not reached" else ()
    return Answer(
        verdict=verdict,
        hidden=hidden,
        score=interval.estimate,
        low=interval.low,
        high=interval.high,
        reference=sizes[-1],
        reference_score=float(scores[-1].mean()),
        constant_score=float(constant.mean()),
        not_excluded=tuple(size for size in smaller if size not in found.excluded),
        tolerance=tolerance,
        at_least=at_least,
        metric=metric.name,
        words=metric.words,
        reason=reason,
        useful=useful,
    )


def _useless(gain: tuple[float, float], spare: float) -> tuple[Verdict, str]:
    """What can be said where the largest size is not shown to gain so much over a constant.

    That nothing is shown does not show that there is nothing: few rows show little.

    Args:
        gain: the bounds of its gain.
        spare: what has to be gained: the tolerance, or nothing where a level is asked for.
    """
    if gain[0] > 0:
        return "undecided", (
            "the tolerance is as large as all that networks may gain over a constant: give a "
            "smaller one"
        )
    if gain[1] <= spare:
        more = f" by more than {number(spare)}" if spare else ""
        return "not reached", f"the largest network predicts no better than a constant{more}"
    return "undecided", (
        "the largest network is not shown to predict better than a constant: there is nothing to "
        "learn here, or there are too few rows to tell"
    )


def _verdict(
    found: Judged, sizes: tuple[int, ...], hidden: int | None, at_least: float | None
) -> tuple[Verdict, str]:
    """The verdict where networks are shown to be of use, or all to be too bad."""
    if hidden is not None:
        return "holds", ""
    if at_least is not None:
        if len(found.excluded) == len(sizes):
            return "not reached", "every size is shown to score below the level"
        return "undecided", f"{units(sizes[-1])} may or may not reach the level"
    if len(found.excluded) == len(sizes) - 1:
        return "undecided", f"every size below {sizes[-1]} is shown to be worse: try larger ones"
    return "undecided", (
        "the scores vary too much from fold to fold to tell sizes apart: gather more rows, or "
        "allow a larger tolerance"
    )


def usual_tolerance(searched: Searched) -> float:
    """The tolerance of the metric; 2 % of the best constant's error where it has none."""
    given = searched.metric.tolerance
    return 0.02 * float(abs(searched.constant.mean())) if given is None else given


def answer(
    searched: Searched, *, tolerance: float | None = None, at_least: float | None = None
) -> Answer:
    """How small a network can be, from what a search found.

    Args:
        searched: scores of all sizes.
        tolerance: how far below the largest size's score is good enough; that of the metric unless
            given.
        at_least: the score that is good enough, instead of the largest size's.

    Raises:
        SettingsError: the tolerance is negative.
        DataError: fewer than two folds have a score, as where one class is missing in the others.

    Example:
        >>> answer(search(task)).sentence
        '4 hidden units suffice: balanced accuracy .962 [.95, .97] against .966 for ...'
    """
    if tolerance is not None and not tolerance >= 0:
        raise SettingsError(f"tolerance {tolerance}: must not be negative")
    there = np.isfinite(searched.scores).all(axis=0) & np.isfinite(searched.constant)
    if there.sum() < 2:
        raise DataError(f"{searched.task}: {searched.metric.words} of fewer than two folds")
    order = np.argsort(searched.parameters, kind="stable")
    return decide(
        searched.scores[order][:, there],
        searched.constant[there],
        tuple(searched.settings.sizes[place] for place in order),
        searched.ratio,
        searched.metric,
        usual_tolerance(searched) if tolerance is None else tolerance,
        at_least,
        searched.rows,
    )
