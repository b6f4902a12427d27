"""The smallest network that is good enough for some data, as a scikit-learn search."""

import warnings
from collections.abc import Sequence
from os import PathLike
from typing import Any

import numpy as np
from sklearn.base import clone, is_regressor
from sklearn.utils import check_consistent_length, check_random_state, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, column_or_1d

from lowcap.data import Task, array_task
from lowcap.errors import LowcapError, SettingsError
from lowcap.small.estimators.exporting import digest_of
from lowcap.small.estimators.results import chosen_size, cv_results, frontier
from lowcap.small.estimators.scales import Scales, learn_scales
from lowcap.small.estimators.settings import (
    AUTO,
    EstimatorError,
    check_classes,
    recipe_of,
    whole,
)
from lowcap.small.estimators.shown import Shown, answer_html, bar
from lowcap.small.estimators.single import (
    SmallMLP,
    SmallMLPClassifier,
    checked_rows,
    encoded,
)
from lowcap.small.estimators.training import Trained
from lowcap.small.export.folder import FORMATS
from lowcap.small.search.answer import Answer, answer
from lowcap.small.search.divisions import INNER_FOLDS
from lowcap.small.search.metrics import find_metric, of_label
from lowcap.small.search.refit import Refitted, refit
from lowcap.small.search.search import search
from lowcap.small.search.settings import SIZES, Settings


def _classifies(searching: "SmallestNetworkCV") -> bool:
    return not is_regressor(searching)


class SmallestNetworkCV(Shown):
    """How small can a network be? Scores every hidden size and keeps the smallest that suffices.

    A size suffices if repeated cross-validation shows its score to be at most `tolerance` below
    that of the largest size, or at least `at_least`; see `lowcap.small.search.answer`. The network
    that is kept is then trained on all rows. Where no size is shown to suffice, that is the largest
    one, and a warning says why.

    Args:
        estimator: `SmallMLPClassifier()` unless given, or a `SmallMLPRegressor`; of its settings
            `epochs`, `patience` and `batch_size` are used. Each network stops early by a fifth of
            the rows, so that `early_stopping` and `validation_fraction` do not matter.
        sizes: hidden sizes in ascending order, at least two; 0 is a linear model.
        learning_rates: of Adam, tried for each size.
        tolerance: that of the metric unless given: 0.02 of a share, 0.05 of R squared.
        at_least: a score that is good enough, instead of the largest size's.
        scoring: "balanced_accuracy" or "r2" unless given; or "accuracy", "f1", "f1_macro",
            "roc_auc", "neg_log_loss", "neg_root_mean_squared_error", "neg_mean_absolute_error".
        pos_label: the label that "f1" is of; the second in order unless given.
        cv: folds, a number.
        repeats: how often the rows are divided into folds anew.
        seeds: networks of each size and fold.
        starts: networks that are trained to keep the best of.
        minutes: that the search may take; repeats that do not fit are left out.
        random_state: puts the rows in another order, which decides who shares a fold; None leaves
            them as they stand, and everything that is drawn is the same every time.
        verbose: 1 shows a progress bar, and the answer in a sentence.

    Attributes:
        answer_: the `Answer`, with a `sentence`.
        frontier_: a DataFrame: score, interval and parameters of every size.
        cv_results_: the scores as `GridSearchCV` has them.
        best_estimator_, best_params_, best_index_, best_score_: of the size that is kept. The
            estimator's loss curves are NaN, as the search keeps none.
        classes_, n_features_in_, feature_names_in_: as in all estimators.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> X, y = load_iris(return_X_y=True)
        >>> quick = SmallestNetworkCV(sizes=(0, 2, 8), repeats=1, seeds=2, starts=1, tolerance=0.1)
        >>> quick.fit(X, y).best_params_
        {'hidden': 0}
        >>> quick.frontier_.columns.tolist()
        ['hidden', 'parameters', 'score', 'low', 'high', 'standing']
    """

    def __init__(
        self,
        estimator=None,
        *,
        sizes=SIZES,
        learning_rates=(0.005, 0.02),
        tolerance=None,
        at_least=None,
        scoring=None,
        pos_label=None,
        cv=5,
        repeats=4,
        seeds=6,
        starts=3,
        minutes=None,
        random_state=None,
        verbose=0,
    ):
        self.estimator = estimator
        self.sizes = sizes
        self.learning_rates = learning_rates
        self.tolerance = tolerance
        self.at_least = at_least
        self.scoring = scoring
        self.pos_label = pos_label
        self.cv = cv
        self.repeats = repeats
        self.seeds = seeds
        self.starts = starts
        self.minutes = minutes
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X, y, sample_weight=None, groups=None):
        """Search, answer, and train the network that is kept.

        Args:
            X: numbers [rows, columns]; an array or a DataFrame.
            y: labels of any kind, or numbers.
            sample_weight: how much each row counts, in training and in scores.
            groups: rows of one group never stand on both sides of a fold. In a pipeline or in
                `cross_val_score` ask for it by `set_fit_request(groups=True)`.

        Raises:
            ValueError: a setting or the data are impossible.
        """
        template, numeric = self._template(), is_regressor(self)
        x, y, weights, there = checked_rows(self, X, y, sample_weight, numeric)
        settings = self._settings(template, len(x))
        if groups is not None:
            groups = column_or_1d(groups)
            check_consistent_length(groups, there)
            groups = groups[there]
        targets = y.astype(float) if numeric else self._encode(y)
        if not numeric:
            check_classes(y, settings.folds)
        order = np.arange(len(x))
        if self.random_state is not None:
            order = check_random_state(self.random_state).permutation(len(x))
        scales = learn_scales(x, weights)
        try:
            task = self._task(scales.apply(x)[order], targets[order], weights[order],
                              None if groups is None else groups[order])  # fmt: skip
            self._search(task, settings)
            size, everywhere = chosen_size(self.answer_), np.ones(task.inputs, bool)
            refitted = refit(task, size, self.search_, everywhere)
        except LowcapError as error:
            raise EstimatorError(str(error)) from error
        self._keep(template, size, refitted, scales, digest_of(x, y))
        return self

    def _template(self) -> SmallMLP:
        template = SmallMLPClassifier() if self.estimator is None else self.estimator
        if not isinstance(template, SmallMLP):
            name = type(template).__name__
            raise EstimatorError(
                f"estimator {name}: give a SmallMLPClassifier or SmallMLPRegressor"
            )
        return template

    def _settings(self, template: SmallMLP, rows: int) -> Settings:
        recipe = recipe_of(template)
        if recipe.sparsity:
            raise EstimatorError(f"sparsity {recipe.sparsity:g}: the search prunes nothing")
        for name in ("sizes", "learning_rates"):
            if not np.iterable(getattr(self, name)):
                raise EstimatorError(f"{name} {getattr(self, name)!r}: give several")
        folds = whole("cv", self.cv, 2)
        if rows < 2 * folds:
            raise EstimatorError(
                f"n_samples={rows}: too few for {folds} folds, as each needs two rows"
            )
        try:
            return Settings(
                tuple(whole("sizes", size, 0) for size in self.sizes),
                folds,
                whole("repeats", self.repeats, 1),
                whole("seeds", self.seeds, 1),
                whole("starts", self.starts, 1),
                tuple(float(rate) for rate in self.learning_rates),
                recipe.epochs,
                recipe.patience,
                batch_size=None if recipe.batch_size == AUTO else recipe.batch(rows) or rows,
            )
        except SettingsError as error:
            raise EstimatorError(str(error)) from error

    def _encode(self, y: np.ndarray) -> np.ndarray:
        self.classes_, numbers = encoded(y)
        return numbers

    def _task(self, x: np.ndarray, y: np.ndarray, weights: np.ndarray, groups: Any) -> Task:
        kind = "regression" if is_regressor(self) else "classes"
        if kind == "classes" and len(self.classes_) == 2:
            kind = "binary"
        equal = np.ptp(weights) == 0
        return array_task(
            x, y, kind=kind, name="table", groups=groups,
            weights=None if equal else weights / weights.mean(),
        )  # fmt: skip

    def _search(self, task: Task, settings: Settings) -> None:
        everywhere = np.ones(task.inputs, bool)
        metric = of_label(
            find_metric(self.scoring, task.target.kind),
            [] if is_regressor(self) else self.classes_.tolist(),
            self.pos_label,
            "pos_label",
        )
        with bar(bool(self.verbose)) as progress:
            self.search_ = search(
                task, settings, metric=metric, standardise=everywhere,
                minutes=self.minutes, progress=progress,
            )  # fmt: skip
        self.answer_ = self.answer(tolerance=self.tolerance, at_least=self.at_least)
        if self.verbose:
            print(self.answer_.sentence)
        elif self.answer_.verdict != "holds":
            warnings.warn(self.answer_.sentence, UserWarning, stacklevel=3)

    def _keep(
        self, template: SmallMLP, size: int, refitted: Refitted, scales: Scales, digest: str
    ) -> None:
        best: Any = clone(template)
        best.set_params(
            hidden=size, learning_rate=refitted.learning_rate, early_stopping=True,
            validation_fraction=1 / INNER_FOLDS,
        )  # fmt: skip
        for name in ("n_features_in_", "feature_names_in_", "classes_"):
            if hasattr(self, name):
                setattr(best, name, getattr(self, name))
        unknown = np.full(refitted.epochs, np.nan)  # what a search keeps of its losses is the last
        trained = Trained(scales, refitted.network, (0.0, 1.0), unknown, unknown)
        best._adopt(trained, digest, getattr(self, "classes_", ()))
        self.best_estimator_ = best
        self.cv_results_ = cv_results(self.search_)
        self.frontier_ = frontier(self.search_, self.answer_)
        self.best_params_ = {"hidden": size}
        self.best_index_ = self.search_.settings.sizes.index(size)
        self.best_score_ = float(self.cv_results_["mean_test_score"][self.best_index_])

    def answer(self, *, tolerance: float | None = None, at_least: float | None = None) -> Answer:
        """What the search says to another question; nothing is trained.

        Args:
            tolerance: how far below the largest size's score is good enough.
            at_least: the score that is good enough, instead of the largest size's.
        """
        check_is_fitted(self, "search_")
        return answer(self.search_, tolerance=tolerance, at_least=at_least)

    def _found_html(self) -> str:
        """The answer and the frontier."""
        return answer_html(self.answer_, self.frontier_) if hasattr(self, "frontier_") else ""

    def score(self, X, y, sample_weight=None):
        """The score of the kept network by the metric of the search; larger is better.

        Raises:
            ValueError: a label was not seen in training.
        """
        check_is_fitted(self)
        y = column_or_1d(y)
        logits = self.best_estimator_._logits(X)
        check_consistent_length(logits, y, sample_weight)
        if _classifies(self):
            if not np.isin(y, self.classes_).all():
                raise EstimatorError("y: holds labels that were not seen in training")
            y = np.searchsorted(self.classes_, y)
        weights = None if sample_weight is None else np.asarray(sample_weight, float)
        return float(self.search_.metric(logits[None], y, weights)[0])

    def predict(self, X):
        """The label or the number of each row."""
        return self._best().predict(X)

    @available_if(_classifies)
    def predict_proba(self, X):
        """The probability of each class [rows, classes]."""
        return self._best().predict_proba(X)

    @available_if(_classifies)
    def predict_log_proba(self, X):
        """The logarithm of each class's probability [rows, classes]."""
        return self._best().predict_log_proba(X)

    @available_if(_classifies)
    def decision_function(self, X):
        """The log-odds of the second of two classes [rows], or a logit for each [rows, classes]."""
        return self._best().decision_function(X)

    def _best(self) -> Any:
        check_is_fitted(self)
        return self.best_estimator_

    def export(
        self,
        folder: str | PathLike[str],
        to: Sequence[str] = FORMATS,
        rows: Any = None,
        bits: int = 32,
    ) -> None:
        """Write the kept network into a folder; see `SmallMLPClassifier.export`."""
        self._best().export(folder, to, rows, bits)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        own = get_tags(SmallMLPClassifier() if self.estimator is None else self.estimator)
        tags.estimator_type = own.estimator_type
        tags.classifier_tags, tags.regressor_tags = own.classifier_tags, own.regressor_tags
        tags.target_tags = own.target_tags
        return tags
