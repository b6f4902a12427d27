"""One small network as a scikit-learn estimator."""

import pickle
import warnings
from doctest import run_docstring_examples

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import lowcap
from lowcap import SmallMLPClassifier, SmallMLPRegressor
from lowcap.errors import LowcapError
from lowcap.networks.pruning import removed
from lowcap.small.estimators.exporting import whole
from lowcap.small.estimators.settings import recipe_of
from lowcap.small.estimators.training import sparsities
from tests.small.contract import assert_all_apply, expected_failures

QUICK = {"hidden": 4, "epochs": 30, "random_state": 0}
CONTRACTS = [
    SmallMLPClassifier(),
    SmallMLPClassifier(hidden=0),
    SmallMLPClassifier(hidden=8, sparsity=0.5),
    SmallMLPRegressor(),
]


@parametrize_with_checks([CONTRACTS[0], CONTRACTS[3]], expected_failed_checks=expected_failures)
def test_contract(estimator, check):
    check(estimator)


@pytest.mark.long
@parametrize_with_checks(CONTRACTS[1:3], expected_failed_checks=expected_failures)
def test_contract_of_other_settings(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    ("estimator", "kind"),
    [*((one, "classifier") for one in CONTRACTS[:3]), (CONTRACTS[3], "regressor")],
    ids=str,
)
def test_no_check_is_left_out(estimator, kind):
    assert_all_apply(estimator, kind)


@pytest.fixture(scope="module")
def iris():
    table, labels = load_iris(return_X_y=True, as_frame=True)
    return table, labels.map(dict(enumerate(["setosa", "versicolor", "virginica"])))


def two(iris):
    table, labels = iris
    return table[50:], labels[50:]


def numbers(rows=80, columns=3, seed=0):
    rng = np.random.default_rng(seed)
    x = 1e4 + 30 * rng.normal(size=(rows, columns))
    return x, 1e3 + 5 * np.abs(x[:, 0] - 1e4)


def fitted(iris, kind, **settings):
    """A fitted estimator of each kind of task, with its rows."""
    if kind == "regression":
        x, y = numbers()
        return SmallMLPRegressor(**QUICK | settings).fit(x, y), x, y
    x, y = iris if kind == "classes" else two(iris)
    return SmallMLPClassifier(**QUICK | settings).fit(x, y), x, y


KINDS = ("binary", "classes", "regression")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hidden", [0, 4])
def test_predictions_are_the_networks_in_double_precision(iris, kind, hidden):
    estimator, x, _ = fitted(iris, kind, hidden=hidden)
    said = estimator.network_(np.asarray(x, float))
    assert estimator.network_.w1.dtype == said.dtype == np.float64
    assert estimator.network_.dense.hidden == ((hidden,) if hidden else ())
    if kind == "regression":
        np.testing.assert_array_equal(estimator.predict(x), said)
        return
    proba = estimator.predict_proba(x)
    np.testing.assert_array_equal(proba[:, 1] if kind == "binary" else proba, said)
    np.testing.assert_allclose(np.exp(estimator.predict_log_proba(x)), proba, atol=1e-12)
    np.testing.assert_array_equal(estimator.classes_[proba.argmax(axis=1)], estimator.predict(x))


@pytest.mark.parametrize("kind", KINDS)
def test_scikit_learn_says_the_same_with_these_weights(iris, kind):
    estimator, x, y = fitted(iris, kind)
    theirs = (MLPRegressor if kind == "regression" else MLPClassifier)(
        hidden_layer_sizes=(4,), max_iter=1
    )
    values = np.asarray(x, float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(values, y)
    theirs.coefs_, theirs.intercepts_ = estimator.coefs_, estimator.intercepts_
    if kind == "regression":
        np.testing.assert_allclose(estimator.predict(x), theirs.predict(values), rtol=1e-9)
    else:
        expected = theirs.predict_proba(values)
        np.testing.assert_allclose(estimator.predict_proba(x), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_model_to_export_says_the_same(iris, kind):
    estimator, x, _ = fitted(iris, kind)
    table = pd.DataFrame(np.asarray(x), columns=estimator.model_.names())
    said = estimator.model_.predict(table)
    if kind == "regression":
        np.testing.assert_allclose(said, estimator.predict(x), rtol=1e-9)
    else:
        assert said.tolist() == estimator.predict(x).tolist()


def test_a_linear_network_becomes_linear_regression():
    x, _ = numbers()
    y = x @ [1.0, -2.0, 0.5] + 7
    ours = SmallMLPRegressor(0, epochs=600, batch_size=None, learning_rate=0.05, random_state=0)
    ours.fit(x, y)
    theirs = LinearRegression().fit(x, y)
    np.testing.assert_allclose(ours.coefs_[0][:, 0], theirs.coef_, atol=1e-3)
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x), atol=0.1)


def test_a_row_of_weight_two_is_two_rows():
    x, y = numbers(40)
    times = np.random.default_rng(1).integers(0, 4, len(x))
    for kind in (SmallMLPRegressor, SmallMLPClassifier):
        target = y if kind is SmallMLPRegressor else np.where(y > np.median(y), "far", "near")
        estimator = kind(hidden=3, batch_size=None, epochs=60, random_state=0)
        weighted = clone(estimator).fit(x, target, sample_weight=times)
        repeated = clone(estimator).fit(x.repeat(times, axis=0), target.repeat(times))
        plain = clone(estimator).fit(x, target)

        def said(one, kind=kind):
            return one.predict(x) if kind is SmallMLPRegressor else one.predict_proba(x)[:, 0]

        scale = np.ptp(said(plain))
        assert np.abs(said(weighted) - said(repeated)).max() < 1e-3 * scale
        assert np.abs(said(weighted) - said(plain)).max() > 1e-2 * scale


def test_a_row_without_weight_is_no_row(iris):
    x, y = iris
    there = np.arange(150) % 3 > 0
    weighted = SmallMLPClassifier(**QUICK).fit(x, y, sample_weight=there.astype(float))
    alone = SmallMLPClassifier(**QUICK).fit(x[there], y[there])
    np.testing.assert_array_equal(weighted.predict_proba(x), alone.predict_proba(x))


def test_rows_that_fill_a_batch_up_change_nothing():
    x, y = numbers(20)
    part = SmallMLPRegressor(3, epochs=20, batch_size=32, random_state=0).fit(x, y)
    whole = SmallMLPRegressor(3, epochs=20, batch_size=None, random_state=0).fit(x, y)
    np.testing.assert_allclose(part.predict(x), whole.predict(x), rtol=1e-3)
    np.testing.assert_allclose(part.loss_curve_, whole.loss_curve_, rtol=1e-2)


@pytest.mark.parametrize("sparsity", [0.1, 0.5, 0.9])
def test_exactly_so_many_weights_are_removed(iris, sparsity):
    x, y = iris
    x = x.assign(same=3.0)  # a column that does not vary does not count
    dense = SmallMLPClassifier(hidden=6, epochs=20, random_state=0).fit(x, y)
    sparse = SmallMLPClassifier(hidden=6, epochs=20, random_state=0, sparsity=sparsity).fit(x, y)
    zeros = [sum(int((w == 0).sum()) for w in one.coefs_) for one in (dense, sparse)]
    weights = 4 * 6 + 6 * 3
    assert zeros == [6, 6 + removed(weights, sparsity)]
    assert sparse.n_iter_ == 20 * len(sparsities(sparsity))


def test_rounds_remove_at_most_half_of_what_is_left():
    assert sparsities(0) == [0.0]
    assert sparsities(0.5) == [0.0, 0.5]
    left = 1 - np.array(sparsities(0.97))
    assert left[-1] == pytest.approx(0.03)
    assert ((left[1:] / left[:-1] >= 0.5) & (left[1:] < left[:-1])).all()


def test_the_same_state_gives_the_same_network(iris):
    x, y = iris
    first, again, other = (
        SmallMLPClassifier(**QUICK | {"random_state": seed}).fit(x, y).predict_proba(x)
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
    drawn = np.random.RandomState(0)
    one, two = (
        SmallMLPClassifier(**QUICK | {"random_state": drawn}).fit(x, y).predict_proba(x)
        for _ in range(2)
    )
    assert not np.allclose(one, two)


def test_early_stopping_keeps_the_best_epoch(iris):
    x, y = load_diabetes(return_X_y=True)
    early = SmallMLPRegressor(
        hidden=16, epochs=200, early_stopping=True, patience=5, random_state=0
    ).fit(x, y)
    assert early.n_iter_ < 200
    assert len(early.loss_curve_) == len(early.validation_curve_) == early.n_iter_
    assert int(np.argmin(early.validation_curve_)) == early.n_iter_ - 1 - 5
    plain = SmallMLPRegressor(**QUICK).fit(x, y)
    assert plain.n_iter_ == 30
    assert plain.loss_curve_[-1] < plain.loss_curve_[0]
    assert np.isnan(plain.validation_curve_).all()


@pytest.mark.parametrize("kind", KINDS)
def test_copies_and_pickles(iris, kind):
    estimator, x, _ = fitted(iris, kind)
    again = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(again.predict(x), estimator.predict(x))
    fresh = clone(estimator)
    assert fresh.get_params() == estimator.get_params()
    assert not hasattr(fresh, "network_")
    assert "weights and biases are not 0" in estimator._repr_html_()
    assert "weights and biases" not in fresh._repr_html_()


def test_names_of_columns(iris):
    x, y = iris
    estimator = SmallMLPClassifier(**QUICK).fit(x, y)
    assert estimator.feature_names_in_.tolist() == x.columns.tolist()
    assert estimator.model_.names() == x.columns.tolist()
    assert estimator.n_features_in_ == 4
    with pytest.raises(ValueError, match="feature names"):
        estimator.predict(x[x.columns[::-1]])


def test_in_a_pipeline_and_in_a_grid(iris):
    x, y = iris
    shuffled = np.random.default_rng(0).permutation(150)
    x, y = x.iloc[shuffled], y.iloc[shuffled]
    estimator = SmallMLPClassifier(**QUICK | {"epochs": 100})
    pipeline = make_pipeline(StandardScaler(), estimator)
    assert cross_val_score(pipeline, x, y, cv=3).mean() > 0.8
    settings = {"hidden": [0, 4], "sparsity": [0, 0.5]}
    searched = GridSearchCV(estimator, settings, cv=2).fit(x, y)
    assert np.isfinite(searched.cv_results_["mean_test_score"]).all()
    assert searched.best_estimator_.score(x, y) > 0.8


def test_weights_through_metadata_routing(iris):
    x, y = two(iris)
    there = np.arange(100) % 2
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = SmallMLPClassifier(**QUICK).set_fit_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = make_pipeline(scaler, estimator)
        routed = pipeline.fit(x, y, sample_weight=there)
    scaled = routed[0].transform(x)
    alone = SmallMLPClassifier(**QUICK).fit(scaled[there > 0], y[there > 0])
    assert np.asarray(routed.predict(x)).tolist() == alone.predict(scaled).tolist()


@pytest.mark.parametrize(
    "labels", [[False, True], ["b", "a"], [-3, 7], [2.0, 5.0]], ids=["bool", "text", "int", "float"]
)
def test_labels_of_any_kind(labels):
    x = np.repeat([[0.0], [1.0]], 20, axis=0)
    y = np.array(labels).repeat(20)
    estimator = SmallMLPClassifier(0, learning_rate=0.1, random_state=0).fit(x, y)
    assert estimator.predict(x).tolist() == y.tolist()
    assert estimator.predict(x).dtype == y.dtype


def test_columns_of_any_size():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4)) * [1e-200, 1e200, 1, 0] + [0, 0, 1e9, 4]
    y = x[:, 2] > 1e9
    estimator = SmallMLPClassifier(0, random_state=0).fit(x, y)
    assert estimator.score(x, y) > 0.9
    changed = x + np.array([0, 0, 0, 1e6])
    np.testing.assert_array_equal(estimator.predict(changed), estimator.predict(x))


def test_export(iris, tmp_path):
    estimator, x, _ = fitted(iris, "classes")
    estimator.export(tmp_path / "c", to=("c", "safetensors"), rows=x[:9])
    assert {"model.h", "test_vectors.h", "manifest.json"} <= {
        path.name for path in (tmp_path / "c").iterdir()
    }
    estimator.export(tmp_path / "all")
    session = pytest.importorskip("onnxruntime").InferenceSession(tmp_path / "all" / "model.onnx")
    assert len(session.get_inputs()) >= 1
    estimator.export(tmp_path / "whole", to=("c", "html"), rows=x, bits=8)
    assert "int8_t model_first" in (tmp_path / "whole" / "model.h").read_text()
    for setting, words in (
        ({"to": "coffee"}, "format 'coffee'"),
        ({"bits": 8}, "give rows of training"),
        ({"bits": 4}, "must be 8 or 32"),
    ):
        with pytest.raises(LowcapError, match=words):
            estimator.export(tmp_path / "no", **setting)


@pytest.mark.parametrize("bits", [8, 32])
def test_a_column_that_did_not_vary_is_exported_too(tmp_path, bits):
    """It stands in the rows that the code is handed, and no weight looks at it."""
    x, y = numbers()
    x = np.insert(x, 1, 7.0, axis=1)
    estimator = SmallMLPRegressor(**QUICK).fit(x, y)
    estimator.export(tmp_path / "out", to="c", rows=x, bits=bits)
    assert f"#define MODEL_COLUMNS {x.shape[1]}" in (tmp_path / "out" / "model.h").read_text()
    changed = pd.DataFrame(x + np.eye(x.shape[1])[1] * 5, columns=list(estimator.model_.names()))
    np.testing.assert_allclose(whole(estimator.model_).predict(changed), estimator.predict(x))


IMPOSSIBLE = {
    "hidden": (-1, 2.5, "4", True),
    "learning_rate": (0, -1.0, "fast", float("inf")),
    "epochs": (0, 1.5),
    "sparsity": (-0.1, 1, 1.5, "half"),
    "batch_size": (0, "all", 2.5),
    "validation_fraction": (0, 1, "some"),
    "patience": (0,),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in IMPOSSIBLE.items() for value in values]
)
def test_impossible_settings_are_one_line(name, value):
    x, y = numbers()
    with pytest.raises(ValueError, match=name) as caught:
        SmallMLPRegressor(**{name: value}).fit(x, y)
    assert isinstance(caught.value, LowcapError)
    assert repr(value) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_impossible_data_are_one_line(iris):
    x, y = two(iris)
    wild = SmallMLPRegressor(learning_rate=1e30, epochs=3)
    cases = {
        "only one class": lambda: SmallMLPClassifier().fit(x, ["a"] * 100),
        "weighs 0|non-zero": lambda: SmallMLPClassifier().fit(x, y, sample_weight=np.zeros(100)),
        "validation part": lambda: SmallMLPClassifier(early_stopping=True).fit(x[48:53], y[48:53]),
        "became infinite": lambda: wild.fit(x, y.str.len()),
    }  # fmt: skip
    for words, call in cases.items():
        with pytest.raises(ValueError, match=words) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_batches_grow_with_the_table():
    assert recipe_of(SmallMLPClassifier()).batch(100) == 32
    assert recipe_of(SmallMLPClassifier()).batch(100_000) == 256
    assert recipe_of(SmallMLPClassifier(batch_size=None)).batch(100) is None


@pytest.mark.parametrize("kind", [SmallMLPClassifier, SmallMLPRegressor, sparsities])
def test_the_docstrings_examples_run(kind, capsys):
    run_docstring_examples(kind, vars(lowcap) | {kind.__name__: kind})
    assert capsys.readouterr().out == ""
