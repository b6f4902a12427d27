"""What other models score on the same folds: a constant, a linear model, a decision tree."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from lowcap.data import Task
from lowcap.data.tasks import as_floats
from lowcap.small.search.divisions import Division
from lowcap.small.search.metrics import Metric

_SURE = 1e-6
"""A tree's probabilities are kept so far from 0 and 1 that no log loss is infinite."""


def constant_score(task: Task, division: Division, metric: Metric) -> float:
    """The score of the best prediction that looks at no input.

    Which constant is best is decided on the rows that are not held out: the classes' shares, or any
    one class; the mean, or the median. (F1 of one class rewards saying it always.)
    """
    seen, held_out = task.y[division.seen], task.y[division.held_out]
    options = _constants(task, seen)
    own = _weights(task, division.seen)
    place = int(metric(_repeated(options, len(seen)), seen, own).argmax())
    other = _weights(task, division.held_out)
    return float(metric(_repeated(options[[place]], len(held_out)), held_out, other)[0])


def _constants(task: Task, y: np.ndarray) -> Float[np.ndarray, "options outputs"]:
    if task.target.kind == "regression":
        return np.array([[y.mean()], [np.median(y)]], float)
    classes = max(task.target.outputs, 2)
    share = np.bincount(y.astype(int), minlength=classes) / len(y)
    logs = np.log(np.concatenate([share[None], np.eye(classes)]).clip(_SURE))
    return logs if task.target.kind == "classes" else logs[:, 1:] - logs[:, :1]


def _repeated(
    options: Float[np.ndarray, "options outputs"], rows: int
) -> Float[np.ndarray, "options rows outputs"]:
    return np.repeat(options[:, None], rows, axis=1)


def _weights(task: Task, rows: Int[np.ndarray, " some"]) -> np.ndarray | None:
    return None if task.weights is None else task.weights[rows]


class Family(NamedTuple):
    """Models of scikit-learn that differ in one setting."""

    words: str
    setting: str
    values: tuple[Any, ...]
    make: Callable[..., Any]


def _families(task: Task, metric: Metric) -> Mapping[str, Family]:
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    depths, strengths = (1, 2, 3, 4, 6, 8, 12), (0.01, 0.1, 1.0, 10.0)
    if task.target.kind == "regression":
        return {
            "tree": Family("decision tree", "max_depth", depths, DecisionTreeRegressor),
            "linear": Family("ridge regression", "alpha", (0.1, 1.0, 10.0, 100.0), Ridge),
        }
    equal: Any = {"class_weight": "balanced"} if metric.classes_equal else {}
    return {
        "tree": Family("decision tree", "max_depth", depths,
                       lambda **own: DecisionTreeClassifier(**own, **equal)),
        "linear": Family("logistic regression", "C", strengths,
                         lambda **own: LogisticRegression(**own, **equal, max_iter=1000)),
    }  # fmt: skip


def references(task: Task, divisions: tuple[Division, ...], metric: Metric) -> pd.DataFrame:
    """Scores of scikit-learn's models, each setting chosen on the inner part as networks' are.

    Returns:
        One row per model, repeat and fold: `model, repeat, fold, setting, leaves, score`. Models
        are "constant", "tree" and "linear"; `leaves` is a tree's number of leaves.
    """
    rows = []
    for division in divisions:
        where = {"repeat": division.repeat, "fold": division.fold}
        score = constant_score(task, division, metric)
        rows.append({"model": "constant", **where, "score": score})
        for name, family in _families(task, metric).items():
            rows.append({"model": name, **where, **_best(task, division, metric, family)})
    return pd.DataFrame(rows)


def _best(task: Task, division: Division, metric: Metric, family: Family) -> dict[str, Any]:
    """The model that the inner part likes best, and its score on the rows that are held out."""
    best = None
    x, y = as_floats(task.x[division.train]), task.y[division.train]
    weights = _weights(task, division.train)
    for value in family.values:
        own = {family.setting: value}
        if family.setting == "max_depth":
            own["random_state"] = 0
        model = family.make(**own)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            model.fit(x, y, sample_weight=weights)
        inner = _score(task, division.inner, metric, model)
        if best is None or inner > best[0]:
            best = inner, value, model
    assert best is not None
    _, value, model = best
    leaves = model.get_n_leaves() if hasattr(model, "get_n_leaves") else np.nan
    return {
        "setting": value,
        "leaves": leaves,
        "score": _score(task, division.held_out, metric, model),
    }


def _score(task: Task, rows: Int[np.ndarray, " some"], metric: Metric, model: Any) -> float:
    x = as_floats(task.x[rows])
    if task.target.kind == "regression":
        logits = model.predict(x)[:, None]
    else:
        found = np.full((len(rows), max(task.target.outputs, 2)), _SURE)
        found[:, model.classes_.astype(int)] = model.predict_proba(x)  # a class may be missing
        logits = np.log(found.clip(_SURE))
        if task.target.kind == "binary":
            logits = logits[:, 1:] - logits[:, :1]
    return float(metric(logits[None], task.y[rows], _weights(task, rows))[0])
