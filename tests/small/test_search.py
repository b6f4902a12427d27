"""The search: who trains, who chooses and who reports."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, r2_score

from lowcap.data import Labelled, Split, array_task
from lowcap.errors import DataError, SettingsError
from lowcap.networks import Member, probabilities
from lowcap.small.search.divisions import divided, divisions
from lowcap.small.search.metrics import METRICS
from lowcap.small.search.refit import refit
from lowcap.small.search.scaling import learn_scaling
from lowcap.small.search.search import search
from lowcap.small.search.settings import Settings
from lowcap.small.search.trial import best_of, scored, trial
from lowcap.streams import state_of
from lowcap.training import fit

SETTINGS = Settings(
    sizes=(0, 1, 3), folds=3, repeats=2, seeds=2, starts=2, learning_rates=(0.02, 0.1), epochs=8
)
KINDS = ("binary", "classes", "regression")
ALL = np.ones(4, bool)


def task_of(kind: str, rows: int = 90, grouped: bool = False):
    """A small task whose target is far from mean 0 and whose classes are not equally frequent."""
    rng = np.random.default_rng(1)
    x = (rng.normal(size=(rows, 4)) * [1, 2, 1, 1] + [0, 3, 0, 0]).astype(np.float32)
    value = x[:, 0] - 0.5 * x[:, 1] + 0.3 * rng.normal(size=rows)
    y = {
        "binary": (value > -0.5).astype(int),
        "classes": np.digitize(value, [-2.5, -0.5]),
        "regression": 50 + 10 * value,
    }[kind]
    groups = np.arange(rows) // 5 if grouped else None
    return array_task(x, y, kind=kind, groups=groups)


def metric_of(kind: str):
    return METRICS["r2" if kind == "regression" else "balanced_accuracy"]


@pytest.fixture(scope="module", params=KINDS)
def found(request):
    """A trial of the first division of a task of each kind."""
    task = task_of(request.param)
    division = divisions(task, 3, 1)[0]
    metric = metric_of(request.param)
    return task, division, metric, trial(task, division, SETTINGS, metric, ALL)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("grouped", [False, True])
def test_every_row_has_one_use_and_is_held_out_once_a_repeat(kind, grouped):
    task = task_of(kind, grouped=grouped)
    every = divisions(task, 3, 2)
    assert [(one.repeat, one.fold) for one in every] == [(r, f) for r in (0, 1) for f in range(3)]
    for one in every:
        together = np.concatenate([one.train, one.inner, one.held_out])
        assert sorted(together) == list(range(len(task.y)))
        assert 0.1 < len(one.inner) / len(one.seen) < 0.3
        if grouped:
            assert task.groups is not None
            parts = [set(task.groups[rows]) for rows in one[2:]]
            assert not any(a & b for a, b in combinations(parts, 2))
        elif kind != "regression":
            shares = [np.bincount(task.y[rows].astype(int)) / len(rows) for rows in one[2:]]
            np.testing.assert_allclose(shares[0], shares[2], atol=0.05)
            np.testing.assert_allclose(shares[0], shares[1], atol=0.1)
    for repeat in (0, 1):
        held_out = np.concatenate([one.held_out for one in every if one.repeat == repeat])
        assert sorted(held_out) == list(range(len(task.y)))
    assert set(every[0].held_out) != set(every[3].held_out)


def test_too_few_groups_are_refused():
    for kind in ("binary", "regression"):
        with pytest.raises(DataError, match="too many"):
            divisions(task_of(kind, rows=15, grouped=True), 4, 1)


def test_nothing_of_the_rows_held_out_reaches_training_or_choice(found):
    task, division, metric, first = found
    x, y = task.x.copy(), task.y.copy()
    x[division.held_out] = 100 * x[division.held_out][::-1] - 7
    y[division.held_out] = y.max() - y[division.held_out]
    other = replace(task, x=x, y=y)
    second = trial(other, division, SETTINGS, metric, ALL)
    assert first.networks.equals(second.networks)
    for name, values in first.population.arrays.items():
        np.testing.assert_array_equal(values, second.population.arrays[name])
    for name, values in vars(first.scaling).items():
        np.testing.assert_array_equal(values, getattr(second.scaling, name))
    scores = [scored(t, division, first, metric)["score"] for t in (task, other)]
    assert not scores[0].equals(scores[1])  # they are what is scored


def test_inner_rows_choose_and_do_not_train(found):
    task, division, metric, _ = found
    x = task.x.copy()
    x[division.inner] *= 1.02
    other = replace(task, x=x)
    one, two = (trial(t, division, SETTINGS, metric) for t in (task, other))
    losses = [t.networks["inner_loss"] for t in (one, two)]
    assert not losses[0].equals(losses[1])
    chosen = [t.networks[["learning_rate", "epochs"]] for t in (one, two)]
    alike = (chosen[0] == chosen[1]).all(axis=1).to_numpy()  # nothing else is chosen
    for member in np.flatnonzero(alike).tolist():
        np.testing.assert_array_equal(one.population[member].w1, two.population[member].w1)
    assert alike.any()


def test_a_network_is_what_it_would_be_alone_and_its_rate_the_best(found):
    task, division, _metric, one = found
    scaling = one.scaling
    train, inner = scaling.rows(task, division.train), scaling.rows(task, division.inner)
    split = Split(train, inner, train.none, np.ones(4, bool), task.target)
    row = one.networks.index[one.networks["hidden"] == 3][1]
    alone = {}
    for rate in SETTINGS.learning_rates:
        member = Member(3, rate, state_of("small start", 0, 0, int(one.networks["seed"][row])))
        alone[rate] = fit(
            [member], split, epochs=8, batch_size=32, optimizer="adam", stop="validation",
            seed=state_of("small order", 0, 0),
        )  # fmt: skip
    losses = {rate: float(f.history.validation_loss.min()) for rate, f in alone.items()}
    best = min(losses, key=losses.__getitem__)
    assert one.networks["learning_rate"][row] == pytest.approx(best)
    assert one.networks["inner_loss"][row] == pytest.approx(losses[best], rel=1e-4)
    own, lone = one.population[int(row)], alone[best].population[0]
    np.testing.assert_allclose(own.w1, lone.w1, rtol=1e-3, atol=1e-5)
    said = own.logits(inner.x)
    assert one.networks["epochs"][row] == alone[best].history.validation_loss.argmin() + 1
    np.testing.assert_allclose(said, lone.logits(inner.x), rtol=1e-3, atol=1e-4)


def test_scores_are_those_of_the_networks_by_themselves(found):
    task, division, metric, one = found
    table = scored(task, division, one, metric)
    x, y = task.x[division.held_out], task.y[division.held_out]
    for member, score in enumerate(table["score"]):
        logits = one.scaling.folded(one.population[member]).logits(x)
        if task.target.kind == "regression":
            expected = r2_score(y, logits[:, 0])
        else:
            said = logits.argmax(1) if logits.shape[1] > 1 else (logits[:, 0] >= 0).astype(int)
            expected = balanced_accuracy_score(y, said)
        assert score == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("kind", ["binary", "classes"])
def test_where_classes_count_the_same_each_is_said_as_if_all_were_as_frequent(kind):
    task = task_of(kind)
    rows = np.arange(60)
    scaling = learn_scaling(task, rows, None, True)
    outputs = task.target.outputs
    logits = np.random.default_rng(0).normal(size=(1, 7, outputs))
    before = probabilities(logits, kind)[0]
    after = probabilities(scaling.said(logits), kind)[0]
    share = np.bincount(task.y[rows].astype(int)) / 60
    if kind == "binary":
        before, after = (np.stack([1 - p, p], axis=1) for p in (before, after))
    expected = before / share
    np.testing.assert_allclose(after, expected / expected.sum(1, keepdims=True), rtol=1e-3)
    plain = learn_scaling(task, rows, None, False)
    np.testing.assert_array_equal(plain.said(logits), logits)


def test_standardised_inputs_have_mean_0_and_deviation_1_and_constants_stay():
    task = task_of("binary")
    x = task.x.copy()
    x[:, 3] = 4.0
    rows = np.arange(30)
    standardise = np.array([True, True, False, True])
    seen = learn_scaling(replace(task, x=x), rows, standardise, True).rows(replace(task, x=x), rows)
    assert isinstance(seen, Labelled)
    np.testing.assert_allclose(seen.x.mean(0)[:2], 0, atol=1e-6)
    np.testing.assert_allclose(seen.x.std(0)[:2], 1, rtol=1e-5)
    np.testing.assert_array_equal(seen.x[:, 2], x[rows, 2])
    np.testing.assert_array_equal(seen.x[:, 3], 0)


@pytest.mark.parametrize(("seeds", "starts"), [(1, 1), (5, 1), (5, 3), (4, 4)])
def test_the_best_of_some_starts_is_the_mean_over_all_choices(seeds, starts):
    rng = np.random.default_rng(seeds)
    losses, scores = rng.normal(size=seeds), rng.normal(size=seeds)
    choices = [min(some, key=lambda i: losses[i]) for some in combinations(range(seeds), starts)]
    assert best_of(losses, scores, starts) == pytest.approx(scores[choices].mean())


def test_a_search_tells_all_scores_and_a_second_one_the_same():
    task, calls = task_of("classes"), []
    searched = search(task, SETTINGS, progress=lambda *done: calls.append(done))
    assert calls == [(number, 6) for number in range(1, 7)]
    assert len(searched.networks) == 6 * 3 * 2
    assert searched.scores.shape == (3, 6)
    assert searched.ratio == pytest.approx(0.5)
    assert searched.parameters == (15, 11, 27)
    assert not searched.notes
    table = searched.table()
    one = table[(table.hidden == 3) & (table.repeat == 1) & (table.fold == 2)]
    own = searched.networks.query("hidden == 3 and repeat == 1 and fold == 2")
    assert one["score"].item() == own.loc[own["inner_loss"].idxmin(), "score"]
    np.testing.assert_allclose(searched.constant, 1 / 3)
    again = search(task, SETTINGS)
    np.testing.assert_array_equal(again.scores, searched.scores)


def test_time_allows_fewer_repeats_and_says_so():
    searched = search(task_of("binary"), SETTINGS, minutes=1e-9)
    assert searched.settings.repeats == 1
    assert searched.scores.shape == (3, 3)
    assert searched.notes[0].startswith("1 of 2 repeats: ")
    whole = search(task_of("binary"), SETTINGS)
    np.testing.assert_array_equal(whole.scores[:, :3], searched.scores)


@pytest.mark.parametrize("kind", KINDS)
def test_the_network_that_is_kept_takes_and_gives_the_users_numbers(kind):
    task = task_of(kind)
    searched = search(task, replace(SETTINGS, repeats=1))
    kept = refit(task, 3, searched, ALL)
    assert kept.network.params["w1"].shape == (3, 4)
    assert np.isclose(kept.learning_rate, SETTINGS.learning_rates).any()
    assert 1 <= kept.epochs <= 8
    score = searched.metric(kept.network.logits(task.x)[None], task.y)[0]
    assert score > (0.5 if kind == "regression" else 0.55)


def test_a_refit_has_rows_to_choose_by_and_none_held_out():
    task = task_of("binary")
    division = divided(task, np.arange(90), 2, 0)
    assert len(division.held_out) == 0
    assert sorted(division.seen) == list(range(90))


@pytest.mark.parametrize(
    "wrong",
    [{"sizes": (3, 1)}, {"sizes": ()}, {"sizes": (-1, 2)}, {"folds": 1}, {"starts": 3, "seeds": 2},
     {"learning_rates": ()}, {"repeats": 0}],
)  # fmt: skip
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(SettingsError):
        replace(SETTINGS, **wrong)


def test_impossible_searches_are_refused():
    with pytest.raises(SettingsError, match="two sizes"):
        search(task_of("binary"), replace(SETTINGS, sizes=(3,)))
    with pytest.raises(SettingsError, match="minutes"):
        search(task_of("binary"), SETTINGS, minutes=0)


def test_batches_grow_with_the_table():
    assert [Settings().batch(rows) for rows in (100, 2000, 10000, 10**6)] == [32, 64, 128, 256]
    assert Settings(batch_size=7).batch(100) == 7
