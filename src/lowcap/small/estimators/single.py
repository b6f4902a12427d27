"""One small network as a scikit-learn estimator: a classifier and a regressor."""

from collections.abc import Sequence
from os import PathLike
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from lowcap.networks import probabilities
from lowcap.small.estimators.exporting import digest_of, export_model, model_of
from lowcap.small.estimators.settings import AUTO, EstimatorError, check_numbers, recipe_of
from lowcap.small.estimators.shown import Shown
from lowcap.small.estimators.training import Table, Trained, train
from lowcap.small.export.folder import FORMATS
from lowcap.small.model import SmallModel
from lowcap.small.search.wording import units


class SmallMLP(Shown):
    """What the classifier and the regressor share: settings, training, the network itself."""

    def __init__(
        self,
        hidden=16,
        *,
        learning_rate=0.01,
        epochs=200,
        sparsity=0.0,
        batch_size=AUTO,
        early_stopping=False,
        validation_fraction=0.2,
        patience=10,
        random_state=None,
    ):
        self.hidden = hidden
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.sparsity = sparsity
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.random_state = random_state

    def _fit(self, table: Table, y: Any, classes: Any = ()) -> Any:
        """Train on rows that weigh more than 0; the others are no rows at all."""
        recipe = recipe_of(self)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self._adopt(train(table, recipe, seed), digest_of(table.x, y), classes)
        return self

    def _adopt(self, trained: Trained, digest: str, classes: Any) -> None:
        """Become a network that was trained."""
        numbered = [f"x{place}" for place in range(len(trained.scales.varies))]
        names = list(getattr(self, "feature_names_in_", numbered))
        self.network_ = trained.folded()
        self.model_ = model_of(trained.inner, trained.scales, trained.target, names, classes)
        self.n_iter_ = len(trained.loss)
        self.loss_curve_ = trained.loss.tolist()
        self.validation_curve_ = trained.validation_loss.tolist()
        self.n_outputs_ = self.network_.dense.outputs
        self._digest = digest

    def _logits(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        x: Any = validate_data(self, X, dtype=np.float64, reset=False)
        return self.network_.logits(x)

    def _found_html(self) -> str:
        """The network in a sentence."""
        if not hasattr(self, "network_"):
            return ""
        weights = sum(values.size for values in self.network_.params.values())
        left = sum(np.count_nonzero(values) for values in self.network_.params.values())
        size = units(sum(self.network_.dense.hidden))
        return (
            f"<p>{size}: {left:,} of {weights:,} weights and biases are not 0, after "
            f"{self.n_iter_} epochs.</p>"
        )

    @property
    def coefs_(self) -> list[np.ndarray]:
        """Weights of each layer, [inputs, units], as `sklearn.neural_network.MLPClassifier` has
        them; they take columns as they stand."""
        params = self.network_.params
        return [params[f"w{layer}"].T for layer in range(1, len(params) // 2 + 1)]

    @property
    def intercepts_(self) -> list[np.ndarray]:
        """Biases of each layer."""
        params = self.network_.params
        return [params[f"b{layer}"] for layer in range(1, len(params) // 2 + 1)]

    def export(
        self,
        folder: str | PathLike[str],
        to: Sequence[str] = FORMATS,
        rows: Any = None,
        bits: int = 32,
    ) -> None:
        """Write the network into a folder for other programs to run, with a manifest.

        Args:
            folder: a new one, or one of an earlier export, which is replaced.
            to: some of "c", "onnx", "safetensors" and "html", a page that runs the network.
            rows: for test vectors and examples; drawn from the columns' means and deviations unless
                given, as no training rows are kept.
            bits: 32 for floating point, 8 for whole numbers, of the C code and the page. Those need
                `rows` of training, which set their ranges.

        Raises:
            SettingsError: a format is unknown, or rows are wanted.
            RunError: the folder cannot be written.
        """
        check_is_fitted(self)
        model: SmallModel = self.model_
        export_model(model, folder, to, self._digest, rows, bits)


def checked_rows(
    estimator: Any, X: Any, y: Any, sample_weight: Any, numeric: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Numbers, targets and weights of the rows that weigh more than 0, and which rows these are.

    Raises:
        ValueError: they do not belong together, or are not of a kind that can be learned.
    """
    x: Any
    try:
        x, y = validate_data(estimator, X, y, dtype=np.float64, y_numeric=numeric)
    except (ValueError, TypeError) as error:
        check_numbers(X, type(estimator).__name__, error)
        raise
    y = column_or_1d(y, warn=True)
    weights = _check_sample_weight(sample_weight, x, dtype=np.float64, ensure_non_negative=True)
    there = weights > 0
    if not there.any():
        raise EstimatorError("sample_weight: every row weighs 0")
    return x[there], y[there], weights[there], there


def encoded(y: Any) -> tuple[np.ndarray, np.ndarray]:
    """The classes in ascending order, and the number of the class of every row.

    Raises:
        ValueError: there is one class only, or the targets are no classes.
    """
    check_classification_targets(y)
    classes, numbers = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise EstimatorError("y: only one class; a classifier needs at least two classes")
    return classes, numbers


class SmallMLPClassifier(ClassifierMixin, SmallMLP):
    """A small network that tells classes apart: one hidden layer of ReLU units, or none.

    Columns are scaled to mean 0 and deviation 1 inside, and the scales folded into the weights that
    are kept. So `fit` wants numbers as they stand, and prediction costs no more than the network.
    It is computed in double precision by NumPy alone. Training is `lowcap.fit` with Adam.

    Args:
        hidden: hidden units; 0 is logistic regression.
        learning_rate: of Adam.
        epochs: passes over the training rows, at most; as many again for each round of pruning.
        sparsity: the share of the weights to remove, exactly, the smallest first, in rounds of at
            most half of what is left, each of which is trained again. Biases stay. Weights of a
            column that does not vary are 0 in any case and do not count.
        batch_size: rows a step; "auto" takes 32 of a small table and up to 256 of a large one; None
            takes all, so that a row of weight 2 does exactly what two rows do.
        early_stopping: keep rows back, and stop once their loss does not improve. Weights of rows
            do not count there.
        validation_fraction: the share of the rows that are kept back.
        patience: epochs without improvement after which training stops.
        random_state: of the initial weights, the order of the rows, and which are kept back.

    Attributes:
        classes_: the labels in ascending order.
        network_: the `lowcap.Network`, which takes columns as they stand.
        coefs_, intercepts_: its weights and biases in scikit-learn's form.
        model_: the columns and the network, as they are exported.
        n_iter_: epochs of training.
        loss_curve_, validation_curve_: the loss of each epoch; NaN where no rows were kept back.
        n_features_in_, feature_names_in_: as in all estimators.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> X, y = load_iris(return_X_y=True)
        >>> small = SmallMLPClassifier(hidden=2, random_state=0).fit(X, y)
        >>> small.predict_proba(X[:5]).shape
        (5, 3)
        >>> bool(small.score(X, y) > 0.9)
        True
    """

    def fit(self, X, y, sample_weight=None):
        """Train the network.

        Args:
            X: numbers [rows, columns]; an array or a DataFrame.
            y: labels of any kind, one a row.
            sample_weight: how much each row counts; 1 unless given.

        Raises:
            ValueError: a setting or the data are impossible.
        """
        x, y, weights, _ = checked_rows(self, X, y, sample_weight, numeric=False)
        self.classes_, numbers = encoded(y)
        several = len(self.classes_) > 2
        table = Table(x, numbers, weights, *(("classes", len(self.classes_)) if several
                                             else ("binary", 1)))  # fmt: skip
        return self._fit(table, y, self.classes_)

    def decision_function(self, X):
        """The log-odds of the second of two classes [rows], or a logit for each [rows, classes]."""
        logits = self._logits(X)
        return logits[:, 0] if self.n_outputs_ == 1 else logits

    def predict_proba(self, X):
        """The probability of each class [rows, classes]."""
        found = probabilities(self._logits(X), self.network_.kind)
        return np.column_stack([1 - found, found]) if self.n_outputs_ == 1 else found

    def predict_log_proba(self, X):
        """The logarithm of each class's probability [rows, classes], also of very small ones."""
        logits = self._logits(X)
        if self.n_outputs_ == 1:
            logits = np.column_stack([np.zeros(len(logits)), logits])
        return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)

    def predict(self, X):
        """The label of each row."""
        said = self.decision_function(X)
        return self.classes_[said.argmax(axis=1) if said.ndim > 1 else (said >= 0).astype(int)]


class SmallMLPRegressor(RegressorMixin, SmallMLP):
    """A small network that predicts a number: one hidden layer of ReLU units, or none.

    The target is scaled inside too. For everything else see `SmallMLPClassifier`; the loss is half
    the mean squared error of the scaled target, and 0 hidden units are linear regression.

    Example:
        >>> import numpy as np
        >>> X = np.linspace(-1, 1, 100)[:, None]
        >>> bend = SmallMLPRegressor(hidden=4, random_state=0).fit(X, abs(X[:, 0]))
        >>> bool(bend.score(X, abs(X[:, 0])) > 0.9)
        True
    """

    def fit(self, X, y, sample_weight=None):
        """Train the network.

        Args:
            X: numbers [rows, columns]; an array or a DataFrame.
            y: a number for each row.
            sample_weight: how much each row counts; 1 unless given.

        Raises:
            ValueError: a setting or the data are impossible.
        """
        x, y, weights, _ = checked_rows(self, X, y, sample_weight, numeric=True)
        y = y.astype(float)
        return self._fit(Table(x, y, weights, "regression", 1), y)

    def predict(self, X):
        """The number of each row."""
        return self._logits(X)[:, 0]
