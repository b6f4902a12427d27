"""Other models on the same folds, against scikit-learn called by hand."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, r2_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from lowcap.data import array_task
from lowcap.small.search.divisions import divisions
from lowcap.small.search.metrics import METRICS
from lowcap.small.search.references import constant_score, references
from tests.small.test_search import task_of


@pytest.mark.parametrize("kind", ["binary", "classes", "regression"])
def test_a_tree_is_scikit_learns_with_the_depth_that_the_inner_part_likes(kind):
    task = task_of(kind)
    metric = METRICS["r2" if kind == "regression" else "balanced_accuracy"]
    every = tuple(divisions(task, 3, 1))
    table = references(task, every, metric)
    assert len(table) == 9
    assert set(table["model"]) == {"constant", "linear", "tree"}
    one = every[1]
    row = table[(table["model"] == "tree") & (table["fold"] == 1)].iloc[0]

    def score(depth: int, rows: np.ndarray) -> float:
        if kind == "regression":
            tree = DecisionTreeRegressor(max_depth=depth, random_state=0)
            return r2_score(task.y[rows], tree.fit(x, y).predict(task.x[rows]))
        tree = DecisionTreeClassifier(max_depth=depth, random_state=0, class_weight="balanced")
        return balanced_accuracy_score(task.y[rows], tree.fit(x, y).predict(task.x[rows]))

    x, y = task.x[one.train], task.y[one.train]
    depths = (1, 2, 3, 4, 6, 8, 12)
    depth = int(row["setting"])
    assert depth == max(depths, key=lambda depth: score(depth, one.inner))
    # Where two classes are equally probable scikit-learn says the first, and networks the second.
    assert row["score"] == pytest.approx(score(depth, one.held_out), abs=0.04)
    assert row["leaves"] > 1


def test_a_linear_model_finds_what_is_linear():
    table = references(task_of("regression"), tuple(divisions(task_of("regression"), 3, 1)),
                       METRICS["r2"])  # fmt: skip
    assert (table[table["model"] == "linear"]["score"] > 0.8).all()


def test_the_best_constant_depends_on_the_metric():
    rng = np.random.default_rng(0)
    y = (np.arange(100) % 10 < 3).astype(int)
    task = array_task(rng.normal(size=(100, 2)), y)
    one = divisions(task, 5, 1)[0]

    def constant(name: str) -> float:
        return constant_score(task, one, METRICS[name])

    assert constant("accuracy") == pytest.approx(0.7)
    assert constant("balanced_accuracy") == constant("roc_auc") == 0.5
    assert constant("f1") == pytest.approx(2 * 0.3 / 1.3)
    assert constant("neg_log_loss") == pytest.approx(0.3 * np.log(0.3) + 0.7 * np.log(0.7), 1e-3)


def test_the_best_constant_of_a_regression_is_the_mean_or_the_median():
    y = np.random.default_rng(0).exponential(size=200)
    task = array_task(np.zeros((200, 1)) + y[:, None], y)
    one = divisions(task, 5, 1)[0]
    seen, held_out = task.y[one.seen], task.y[one.held_out]
    median = constant_score(task, one, METRICS["neg_mean_absolute_error"])
    assert median == pytest.approx(-np.abs(held_out - np.median(seen)).mean(), rel=1e-5)
    squared = constant_score(task, one, METRICS["neg_root_mean_squared_error"])
    assert squared == pytest.approx(-np.sqrt(((held_out - seen.mean()) ** 2).mean()), rel=1e-5)
