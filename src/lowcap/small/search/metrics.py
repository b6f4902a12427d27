"""Scores by the names that scikit-learn gives them, of many networks at once; larger is better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from jaxtyping import Float, Shaped

from lowcap.data import Kind
from lowcap.errors import SettingsError
from lowcap.given import in_a_line

Logits = Float[np.ndarray, "members rows outputs"]
Labels = Shaped[np.ndarray, " rows"]
Weights = Float[np.ndarray, " rows"]
PerMember = Float[np.ndarray, " members"]


@dataclass(frozen=True)
class Metric:
    """A score of predictions against what was true, larger for better ones."""

    name: str
    """As scikit-learn names the scorer."""
    words: str
    kinds: tuple[Kind, ...]
    """The kinds of task it is for."""
    function: Callable[[Logits, Labels, Weights], PerMember]
    limits: tuple[float, float] = (0.0, 1.0)
    """The smallest and the largest score there can be."""
    tolerance: float | None = 0.02
    """A loss of score that is small unless the user says otherwise; None for 2 % of the error that
    the best constant makes."""
    classes_equal: bool = False
    """Whether a rare class counts as much as a frequent one, so that a network should answer as if
    all classes were equally frequent."""
    positive: int = 1
    """Of F1: the number of the class whose rows are to be found."""

    def __call__(self, logits: Logits, y: Labels, weights: Weights | None = None) -> PerMember:
        """The score of every member.

        Args:
            logits: what each says of each row: the log-odds of class 1, a logit for each class, or
                the predicted number.
            y: what was true: 0 and 1, numbers of classes, or any numbers.
            weights: of the rows; all 1 unless given.
        """
        ones = np.ones(len(y)) if weights is None else np.asarray(weights, float)
        return self.function(np.asarray(logits, float), y, ones)


def _classes(logits: Logits) -> int:
    return max(logits.shape[2], 2)


def _predicted(logits: Logits) -> Shaped[np.ndarray, "members rows"]:
    """The number of the class that each member says; class 1 where its log-odds are at least 0."""
    return (logits[..., 0] >= 0).astype(int) if logits.shape[2] == 1 else logits.argmax(axis=2)


def _counts(logits: Logits, y: Labels, weights: Weights):
    """By member and class: weight that is rightly said, said, and true."""
    said = _predicted(logits)[..., None] == np.arange(_classes(logits))
    true = (y.astype(int)[:, None] == np.arange(_classes(logits))) * weights[:, None]
    return (said * true).sum(axis=1), (said * weights[:, None]).sum(axis=1), true.sum(axis=0)


def _accuracy(logits: Logits, y: Labels, weights: Weights) -> PerMember:
    return ((_predicted(logits) == y.astype(int)) * weights).sum(axis=1) / weights.sum()


def _balanced_accuracy(logits: Logits, y: Labels, weights: Weights) -> PerMember:
    hits, _, true = _counts(logits, y, weights)
    there = true > 0
    return (hits[:, there] / true[there]).mean(axis=1)


def _f1_by_class(logits: Logits, y: Labels, weights: Weights):
    hits, said, true = _counts(logits, y, weights)
    pairs = said + true
    return 2 * hits / np.where(pairs > 0, pairs, 1), pairs > 0


def _f1(logits: Logits, y: Labels, weights: Weights, positive: int = 1) -> PerMember:
    return _f1_by_class(logits, y, weights)[0][:, positive]


def _f1_macro(logits: Logits, y: Labels, weights: Weights) -> PerMember:
    found, there = _f1_by_class(logits, y, weights)
    return (found * there).sum(axis=1) / there.sum(axis=1)


def _roc_auc(logits: Logits, y: Labels, weights: Weights) -> PerMember:
    """The share of pairs of a row of either class that stand in the right order; ties half."""
    found = []
    for values in logits[..., 0]:
        distinct, place = np.unique(values, return_inverse=True)
        ones = np.bincount(place, weights * (y > 0), len(distinct))
        zeros = np.bincount(place, weights * (y <= 0), len(distinct))
        below = np.cumsum(zeros) - zeros / 2
        pairs = ones.sum() * zeros.sum()
        found.append((ones * below).sum() / pairs if pairs else np.nan)
    return np.array(found)


def _neg_log_loss(logits: Logits, y: Labels, weights: Weights) -> PerMember:
    if logits.shape[2] == 1:
        one = logits[..., 0]
        losses = np.logaddexp(0, one) - y * one
    else:
        largest = logits.max(axis=2)
        total = np.log(np.exp(logits - largest[..., None]).sum(axis=2)) + largest
        losses = total - np.take_along_axis(logits, y.astype(int)[None, :, None], axis=2)[..., 0]
    return -(losses * weights).sum(axis=1) / weights.sum()


def _mean_square(logits: Logits, y: Labels, weights: Weights) -> PerMember:
    return ((logits[..., 0] - y) ** 2 * weights).sum(axis=1) / weights.sum()


def _r2(logits: Logits, y: Labels, weights: Weights) -> PerMember:
    spread = ((y - np.average(y, weights=weights)) ** 2 * weights).sum() / weights.sum()
    errors = _mean_square(logits, y, weights)
    if spread == 0:  # as scikit-learn decides: right everywhere, or not
        return np.where(errors == 0, 1.0, 0.0)
    return 1 - errors / spread


def _neg_root_mean_squared_error(logits: Logits, y: Labels, weights: Weights) -> PerMember:
    return -np.sqrt(_mean_square(logits, y, weights))


def _neg_mean_absolute_error(logits: Logits, y: Labels, weights: Weights) -> PerMember:
    return -(np.abs(logits[..., 0] - y) * weights).sum(axis=1) / weights.sum()


_LABELS: tuple[Kind, ...] = ("binary", "classes")
_NUMBER: tuple[Kind, ...] = ("regression",)
_ERROR = (-np.inf, 0.0)

METRICS = {
    metric.name: metric
    for metric in (
        Metric("balanced_accuracy", "balanced accuracy", _LABELS, _balanced_accuracy,
               classes_equal=True),
        Metric("accuracy", "accuracy", _LABELS, _accuracy),
        Metric("f1", "F1 of class 1", ("binary",), _f1),
        Metric("f1_macro", "mean F1 of the classes", _LABELS, _f1_macro, classes_equal=True),
        Metric("roc_auc", "area under the ROC curve", ("binary",), _roc_auc),
        Metric("neg_log_loss", "minus log loss", _LABELS, _neg_log_loss, _ERROR, None),
        Metric("r2", "R squared", _NUMBER, _r2, (-np.inf, 1.0), 0.05),
        Metric("neg_root_mean_squared_error", "minus root mean squared error", _NUMBER,
               _neg_root_mean_squared_error, _ERROR, None),
        Metric("neg_mean_absolute_error", "minus mean absolute error", _NUMBER,
               _neg_mean_absolute_error, _ERROR, None),
    )
}  # fmt: skip

USUAL = {"binary": "balanced_accuracy", "classes": "balanced_accuracy", "regression": "r2"}
"""The metric of each kind of task unless another is given."""


def find_metric(name: str | None, kind: Kind) -> Metric:
    """The metric of that name, or the usual one of a kind of task.

    Raises:
        SettingsError: there is none of that name for this kind.
    """
    fitting = [metric.name for metric in METRICS.values() if kind in metric.kinds]
    name = USUAL[kind] if name is None else name
    if name not in fitting:
        raise SettingsError(f"metric '{name}': a {kind} task takes {', '.join(fitting)}")
    return METRICS[name]


def of_label(
    metric: Metric, classes: Sequence[object], positive: object = None, name: str = "positive"
) -> Metric:
    """The metric that knows which label F1 is of; others are of all labels, and stay as they are.

    Classes keep their numbers, so that networks and what is exported of them do too.

    Args:
        metric: from `find_metric`.
        classes: the labels of the task by their numbers; none of a number to predict.
        positive: one of them, or its text; the second unless given.
        name: what this setting is called, for the message.

    Raises:
        SettingsError: there is no such label, or the metric or the task knows no positive one.
    """
    told = f"{name} '{in_a_line(positive, 40)}'"
    if positive is not None:
        if len(classes) != 2:
            what = f"{len(classes)} labels" if classes else "a number"
            raise SettingsError(f"{told}: the target is {what}; of two labels one is positive")
        if metric.name != "f1":
            raise SettingsError(f"{told}: only metric 'f1' has a positive label, not {metric.name}")
    if metric.name != "f1":
        return metric
    place = 1 if positive is None else _place(positive, classes)
    if place is None:
        labels = " and ".join(in_a_line(label, 40) for label in classes)
        raise SettingsError(f"{told}: no such label; the labels are {labels}")
    words = f'F1 of "{in_a_line(classes[place], 40)}"'
    return replace(metric, words=words, function=partial(_f1, positive=place), positive=place)


def _place(wanted: object, classes: Sequence[object]) -> int | None:
    """The number of a label, which may be given as it is or as it is written: 1 and 1.0 as "1"."""
    for place, label in enumerate(classes):
        written = {str(label)}
        if isinstance(label, float) and label.is_integer():
            written.add(str(int(label)))
        if str(wanted) in written:
            return place
    return None
