"""The search for the smallest network as a scikit-learn estimator."""

import html
import pickle
import warnings
from dataclasses import replace
from doctest import run_docstring_examples

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, get_scorer
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import lowcap
from lowcap import SmallestNetworkCV, SmallMLPClassifier, SmallMLPRegressor
from lowcap.data import array_task
from lowcap.errors import LowcapError
from lowcap.small.estimators import smallest
from lowcap.small.estimators.results import frontier
from lowcap.small.search.answer import answer
from lowcap.small.search.divisions import divisions
from lowcap.small.search.search import search
from lowcap.small.search.settings import Settings
from tests.small.contract import assert_all_apply, expected_failures

# Batches of 4, as even the ten rows of a check fill one: programs are shared.
TINY = {"cv": 2, "repeats": 1, "seeds": 1, "starts": 1, "learning_rates": (0.02,), "sizes": (0, 8)}
CONTRACTS = [
    SmallestNetworkCV(SmallMLPClassifier(epochs=40, batch_size=4), **TINY),
    SmallestNetworkCV(SmallMLPRegressor(epochs=40, batch_size=4), **TINY),
]


@pytest.mark.filterwarnings("ignore::UserWarning")
@parametrize_with_checks(CONTRACTS[:1], expected_failed_checks=expected_failures)
def test_contract(estimator, check):
    check(estimator)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::UserWarning")
@parametrize_with_checks(CONTRACTS[1:], expected_failed_checks=expected_failures)
def test_contract_of_regressions(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    ("estimator", "kind"), [(CONTRACTS[0], "classifier"), (CONTRACTS[1], "regressor")], ids=str
)
def test_no_check_is_left_out(estimator, kind):
    assert_all_apply(estimator, kind)


def rows(kind, count=120, seed=0):
    """A task whose answer needs a bend: the first column's distance from 0."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 3)) * [1, 5, 0.1] + [0, 100, 0]
    bend = np.abs(x[:, 0])
    if kind == "regression":
        return x, 1000 + 50 * bend
    cuts = [0.7] if kind == "binary" else [0.4, 1.0]
    return x, np.array(["near", "there", "far"])[np.digitize(bend, cuts)]


QUICK = {
    "sizes": (0, 1, 6),
    "cv": 3,
    "repeats": 2,
    "seeds": 2,
    "starts": 2,
    "learning_rates": (0.05,),
}


def searching(kind, **settings):
    single = SmallMLPRegressor if kind == "regression" else SmallMLPClassifier
    return SmallestNetworkCV(single(epochs=60, batch_size=16), **QUICK | settings)


KINDS = ("binary", "classes", "regression")


@pytest.fixture(scope="module", params=KINDS)
def found(request):
    """A search of each kind of task with its rows, and what kind it is."""
    x, y = rows(request.param)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return searching(request.param).fit(x, y), x, y, request.param


def test_it_is_what_its_estimator_is(found):
    estimator, *_, kind = found
    assert is_regressor(estimator) == (kind == "regression")
    assert is_classifier(estimator) == (kind != "regression")
    for method in ("predict_proba", "decision_function", "predict_log_proba"):
        assert hasattr(estimator, method) == (kind != "regression")
    assert is_classifier(SmallestNetworkCV())


def test_it_asks_and_answers_as_the_search_does(found):
    estimator, x, y, kind = found
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    settings = Settings(
        (0, 1, 6), folds=3, repeats=2, seeds=2, starts=2, learning_rates=(0.05,), epochs=60,
        batch_size=16,
    )  # fmt: skip
    task = array_task(scaled, y, kind=kind)
    direct = search(task, settings, standardise=np.ones(3, bool))
    np.testing.assert_allclose(estimator.search_.scores, direct.scores, atol=1e-3)
    assert estimator.answer_ == answer(estimator.search_)
    loose = estimator.answer(at_least=0.0)
    assert loose == answer(estimator.search_, at_least=0.0)
    assert loose.at_least == 0.0


def test_results_are_as_a_grid_search_has_them(found):
    estimator, *_ = found
    results, scores = estimator.cv_results_, estimator.search_.scores
    assert results["params"] == [{"hidden": 0}, {"hidden": 1}, {"hidden": 6}]
    assert results["param_hidden"].tolist() == [0, 1, 6]
    splits = np.stack([results[f"split{fold}_test_score"] for fold in range(6)], axis=1)
    np.testing.assert_array_equal(splits, scores)
    np.testing.assert_allclose(results["mean_test_score"], scores.mean(axis=1))
    np.testing.assert_allclose(results["std_test_score"], scores.std(axis=1))
    assert results["rank_test_score"][scores.mean(axis=1).argmax()] == 1
    assert {len(values) for values in results.values()} == {3}
    assert estimator.best_params_ == results["params"][estimator.best_index_]
    assert estimator.best_score_ == results["mean_test_score"][estimator.best_index_]
    assert estimator.best_estimator_.hidden == estimator.best_params_["hidden"]


def test_the_frontier_has_a_row_for_each_size(found):
    estimator, *_ = found
    table = estimator.frontier_
    assert table["parameters"].is_monotonic_increasing
    assert (table["low"] <= table["score"]).all()
    assert (table["score"] <= table["high"]).all()
    by_size = table.set_index("hidden")
    for size, scores in zip((0, 1, 6), estimator.search_.scores, strict=True):
        assert by_size.loc[size, "score"] == pytest.approx(scores.mean())
    assert by_size.loc[6, "standing"] in ("reference", "answer")
    network = estimator.best_estimator_.network_
    size = estimator.best_params_["hidden"]
    assert network.parameters == by_size.loc[size, "parameters"]


def test_the_standing_of_a_size_is_its_answers(found):
    searched = found[0].search_
    order = np.argsort(searched.parameters, kind="stable")
    sizes = [searched.settings.sizes[place] for place in order]
    told = replace(
        found[0].answer_, verdict="holds", hidden=sizes[1], reference=sizes[2], not_excluded=()
    )
    assert frontier(searched, told)["standing"].tolist() == ["too small", "answer", "reference"]
    told = replace(told, not_excluded=(sizes[0],))
    assert frontier(searched, told)["standing"].tolist()[0] == "not excluded"
    told = replace(told, hidden=sizes[0], not_excluded=())
    assert frontier(searched, told)["standing"].tolist() == ["answer", "larger", "reference"]
    told = replace(told, verdict="undecided", hidden=None, not_excluded=(sizes[1],))
    assert frontier(searched, told)["standing"].tolist() == [
        "too small", "not excluded", "reference",
    ]  # fmt: skip
    told = replace(told, verdict="not reached", not_excluded=())
    assert set(frontier(searched, told)["standing"]) == {"not reached"}


def test_the_kept_network_predicts(found):
    estimator, x, y, kind = found
    best = estimator.best_estimator_
    np.testing.assert_array_equal(estimator.predict(x), best.predict(x))
    if kind != "regression":
        np.testing.assert_array_equal(estimator.predict_proba(x), best.predict_proba(x))
        np.testing.assert_array_equal(estimator.decision_function(x), best.decision_function(x))
        assert estimator.classes_.tolist() == sorted(set(y))
    scorer = get_scorer("r2" if kind == "regression" else "balanced_accuracy")
    assert estimator.score(x, y) == pytest.approx(scorer(best, x, y))
    weights = np.arange(len(x)) % 3
    assert estimator.score(x, y, weights) == pytest.approx(
        scorer(best, x, y, sample_weight=weights)
    )
    assert estimator.score(x, y) > 0.5


def test_pickles_and_copies(found):
    estimator, x, *_ = found
    again = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(again.predict(x), estimator.predict(x))
    assert again.answer_ == estimator.answer_
    assert not hasattr(clone(estimator), "answer_")
    assert clone(estimator).set_params(estimator__epochs=7).estimator.epochs == 7
    shown = estimator._repr_html_()
    assert html.escape(estimator.answer_.sentence) in shown
    assert shown.count("<tr><td>") >= len(estimator.frontier_)
    assert "<tr><td>" not in clone(estimator)._repr_html_()


def test_export(found, tmp_path):
    found[0].export(tmp_path / "kept", to=("c", "safetensors"))
    assert (tmp_path / "kept" / "model.h").exists()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_state_decides_who_shares_a_fold():
    x, y = rows("binary")
    scores = [
        searching("binary", repeats=1, random_state=state).fit(x, y).search_.scores
        for state in (None, None, 1, 1, 2)
    ]
    np.testing.assert_array_equal(scores[0], scores[1])
    np.testing.assert_array_equal(scores[2], scores[3])
    assert not np.array_equal(scores[0], scores[2])
    assert not np.array_equal(scores[2], scores[4])


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_rows_of_a_group_stay_together_also_through_routing(monkeypatch):
    x, y = rows("binary")
    groups = np.arange(120) // 10
    seen = []
    original = smallest.search

    def watched(task, settings, **more):
        found = original(task, settings, **more)
        seen.append((task.groups, found.divisions))
        return found

    monkeypatch.setattr(smallest, "search", watched)
    estimator = searching("binary", repeats=1)
    estimator.fit(x, y, groups=groups)
    with sklearn.config_context(enable_metadata_routing=True):
        asking = clone(estimator).set_fit_request(groups=True)
        make_pipeline(StandardScaler(), asking).fit(x, y, groups=groups)
        scores = cross_val_score(
            asking, x, y, cv=GroupKFold(2), params={"groups": groups}, error_score="raise"
        )
    assert np.isfinite(scores).all()
    assert [len(own) for own, _ in seen] == [120, 120, 60, 60]
    for own, drawn in seen:
        for division in drawn:
            parts = [set(own[part]) for part in (division.train, division.inner, division.held_out)]
            assert all(parts)
            assert sum(map(len, parts)) == len(set.union(*parts))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("groups", "count"), [(4, 40), (None, 12)])
def test_few_groups_and_few_rows_have_an_inner_part_too(kind, groups, count):
    x, y = rows("regression", count)
    if kind != "regression":
        y = np.arange(count) % (2 if kind == "binary" else 3)
    own = None if groups is None else np.arange(count) * groups // count
    for division in divisions(array_task(x, y, kind=kind, groups=own), folds=2, repeats=3):
        assert min(map(len, (division.train, division.inner, division.held_out))) > 0
        assert len(np.unique(np.concatenate([division.seen, division.held_out]))) == count


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_weights_of_rows_reach_the_search():
    x, y = rows("binary")
    weights = np.where(np.arange(120) % 4 > 0, 1.0, 0.0)
    there = weights > 0
    weighted = searching("binary", repeats=1).fit(x, y, sample_weight=weights)
    alone = searching("binary", repeats=1).fit(x[there], y[there])
    np.testing.assert_array_equal(weighted.search_.scores, alone.search_.scores)
    heavy = searching("binary", repeats=1).fit(x, y, sample_weight=1 + 9 * there)
    light = searching("binary", repeats=1).fit(x, y)
    assert not np.array_equal(heavy.search_.scores, light.search_.scores)


def test_without_an_answer_the_largest_is_kept_and_a_warning_says_why():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 2)), np.arange(60) % 2
    with pytest.warns(
        UserWarning, match="Undecided: the largest network is not shown to predict better"
    ):
        estimator = searching("binary").fit(x, y)
    assert estimator.answer_.hidden is None
    assert estimator.best_params_ == {"hidden": 6}


def test_a_level_that_any_size_reaches_is_answered_by_the_smallest():
    x, y = rows("regression")
    estimator = searching("regression", at_least=-5.0, scoring="r2").fit(x, y)
    assert estimator.answer_.verdict == "holds"
    assert estimator.best_params_ == {"hidden": 0}
    assert estimator.best_estimator_.coefs_[0].shape == (3, 1)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_f1_is_of_the_label_that_is_named():
    x, y = rows("binary")
    other, label = np.unique(y)[::-1]
    estimator = searching("binary", repeats=1, scoring="f1", pos_label=label).fit(x, y)
    said = estimator.predict(x)
    assert estimator.score(x, y) == pytest.approx(f1_score(y, said, pos_label=label))
    assert estimator.score(x, y) != pytest.approx(f1_score(y, said, pos_label=other))
    assert f'F1 of "{label}"' in estimator.answer_.sentence
    with pytest.raises(ValueError, match="pos_label 'near': only metric 'f1'"):
        searching("binary", pos_label="near").fit(x, y)


def test_it_can_be_told_to_say_what_it_does(capsys):
    x, y = rows("binary")
    estimator = searching("binary", repeats=1, verbose=1).fit(x, y)
    assert estimator.answer_.sentence in capsys.readouterr().out


IMPOSSIBLE = {
    "estimator": (LogisticRegression(),),
    "sparsity": (SmallMLPClassifier(sparsity=0.5),),
    "hidden": (SmallMLPClassifier(hidden=-2),),
    "cv": (1, 2.5, [([0], [1])]),
    "repeats": (0,),
    "seeds": (0,),
    "starts": (9,),
    "sizes": (4, (), (2,), (3, 1), ("a", "b"), (-1, 2)),
    "learning rate": ((-1.0,), ()),
    "minutes": (-1,),
    "metric": ("r2", "coffee"),
    "tolerance": (-0.1,),
}
SETTING_OF = {"sparsity": "estimator", "hidden": "estimator", "learning rate": "learning_rates",
              "metric": "scoring"}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "value"), [(name, value) for name, values in IMPOSSIBLE.items() for value in values],
    ids=str,
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_impossible_settings_are_one_line(words, value):
    x, y = rows("binary", 40)
    estimator = SmallestNetworkCV(SmallMLPClassifier(epochs=2, batch_size=8), **TINY)
    with pytest.raises(ValueError, match=words) as caught:
        estimator.set_params(**{SETTING_OF.get(words, words): value}).fit(x, y)
    assert isinstance(caught.value, LowcapError)
    assert "\n" not in str(caught.value)


def test_texts_are_refused_with_what_to_do_with_them():
    """The example of the message does it."""
    x, y = rows("binary", 40)
    table = pd.DataFrame(x, columns=["a", "b", "c"]).assign(colour=["red", "blue"] * 20, when="now")
    estimator = SmallestNetworkCV(SmallMLPClassifier(epochs=2, batch_size=8), **TINY)
    with pytest.raises(ValueError, match="X: column 'colour' holds texts") as caught:
        estimator.fit(table, y)
    assert isinstance(caught.value, LowcapError)
    message = str(caught.value)
    assert "\n" not in message
    called = message[message.index("make_pipeline") : message.index("SmallestNetworkCV")]
    assert "['colour', 'when']" in called
    encoder = eval(called.removeprefix("make_pipeline(").rstrip(", "), vars(sklearn.preprocessing)
                   | {"make_column_transformer": make_column_transformer})  # fmt: skip
    assert encoder.fit_transform(table).shape == (40, 2 + 1 + 3)
    with pytest.raises(ValueError, match="contains NaN"):  # in scikit-learn's own words
        estimator.fit(table[["a"]] * np.nan, y)


def test_impossible_data_are_one_line():
    x, y = rows("binary", 40)
    estimator = SmallestNetworkCV(SmallMLPClassifier(epochs=2, batch_size=8), **TINY)
    for words, call in {
        "n_samples=3": lambda: estimator.fit(x[:3], y[:3]),
        "only one class": lambda: estimator.fit(x, ["near"] * 40),
        "inconsistent numbers": lambda: estimator.fit(x, y, groups=[1, 2]),
        "groups": lambda: estimator.fit(x, y, groups=[1] * 40),
    }.items():
        with pytest.raises(ValueError, match=words) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_labels_that_were_not_seen_cannot_be_scored(found):
    estimator, x, y, kind = found
    if kind == "regression":
        assert estimator.score(x, y + 1e6) < 0
        return
    with pytest.raises(ValueError, match="not seen in training"):
        estimator.score(x, ["elsewhere"] * len(y))


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_docstrings_example_runs(capsys):
    run_docstring_examples(
        SmallestNetworkCV, vars(lowcap) | {"SmallestNetworkCV": SmallestNetworkCV}
    )
    assert capsys.readouterr().out == ""


def test_numbers_taken_for_labels_are_refused_with_what_to_pass():
    x = np.random.default_rng(0).normal(size=(60, 3))
    with pytest.raises(ValueError, match=r"class 0 is in 1 row only.*SmallMLPRegressor\(\)"):
        SmallestNetworkCV(sizes=(0, 2)).fit(x, np.arange(60))
    with pytest.raises(ValueError, match=r"class b is in 3 rows only, fewer than the 5 folds"):
        SmallestNetworkCV(sizes=(0, 2)).fit(x, np.array(["a"] * 57 + ["b"] * 3))
