from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from lowcap.data import sample
from lowcap.measures.jacobian import jacobian_norms
from lowcap.measures.sensitivity import (
    FAR,
    NEAR,
    along_ellipses,
    answers,
    ellipse_paths,
    epochs_to_fit,
    pointwise,
    sensitivity,
)
from lowcap.measures.trajectories import angles, nearness
from lowcap.networks import Dense, stack
from lowcap.training import History, fit


@pytest.fixture(scope="module")
def drawn(dataset):
    return sample(dataset, 60, 20)


@pytest.fixture(scope="module")
def initial():
    return stack(Dense(36, (20,), 3, bias=False), [0, 1], [0.05, 0.02])


@pytest.fixture(scope="module")
def fitted(drawn, initial):
    return fit(
        initial, drawn, batch_size=20, epochs=30, optimizer="momentum", stop="fit", rescore=True
    )


def test_a_sample_is_standardised_stratified_and_seeded(dataset, drawn):
    assert drawn.train.x.mean() == pytest.approx(0, abs=1e-5)
    assert drawn.train.x.std() == pytest.approx(1, rel=1e-4)
    assert np.bincount(drawn.train.y).tolist() == [20, 20, 20]
    again, other = sample(dataset, 60, 20), sample(dataset, 60, 20, seed=1)
    np.testing.assert_array_equal(again.train.x, drawn.train.x)
    assert not np.array_equal(other.train.x, drawn.train.x)
    random = drawn.random_labels(0)
    assert 0.1 < (random == drawn.train.y).mean() < 0.6
    np.testing.assert_array_equal(random, drawn.random_labels(0))


def test_answers_are_scikit_learns(drawn, fitted):
    logits = fitted.population.logits(drawn.test.x)
    seen = answers(logits, drawn.test.y)
    for member in range(2):
        powers = np.exp(logits[member].astype(float))
        p = powers / powers.sum(axis=1, keepdims=True)
        expected = log_loss(drawn.test.y, p, labels=[0, 1, 2])
        assert seen.loss[member].mean() == pytest.approx(expected, rel=1e-4)
        score = accuracy_score(drawn.test.y, p.argmax(axis=1))
        assert seen.correct[member].mean() == pytest.approx(score)
        assert ((seen.margin[member] > 0) == seen.correct[member]).all()
        np.testing.assert_allclose(seen.doubt[member], 1 - p.max(axis=1), atol=1e-9)


def test_tables_hold_each_member_and_point(drawn, fitted, initial):
    networks, points = sensitivity(fitted, drawn, initial, points=15, paths=4)
    assert len(networks) == 2
    assert len(points) == 30
    np.testing.assert_allclose(
        networks["gap"], networks["train_accuracy"] - networks["test_accuracy"]
    )
    norms = jacobian_norms(fitted.population, drawn.test.x[:15])
    np.testing.assert_allclose(networks["jacobian_norm"], norms.mean(axis=1), rtol=1e-6)
    untrained = jacobian_norms(initial, drawn.test.x[:15]).mean(axis=1)
    np.testing.assert_allclose(networks["untrained_norm"], untrained, rtol=1e-6)
    np.testing.assert_allclose(points["norm"], norms.ravel(), rtol=1e-6)
    assert networks["transitions"].gt(0).all()
    assert (networks["parameters"] == 20 * (36 + 3)).all()


def test_scores_are_those_at_the_end_of_training_even_where_a_member_rested(drawn, fitted, initial):
    networks, _ = sensitivity(fitted, drawn, initial, points=5, paths=1)
    seen = answers(fitted.population.logits(drawn.train.x), drawn.train.y)
    np.testing.assert_allclose(networks["train_accuracy"], seen.correct.mean(axis=1))
    np.testing.assert_allclose(networks["train_loss"], seen.loss.mean(axis=1), rtol=1e-3)
    np.testing.assert_array_equal(networks["epochs"], fitted.epochs)
    assert (fitted.epochs > 0).any()


def test_ellipses_are_summed_up_near_and_far(drawn, fitted):
    paths = ellipse_paths(drawn, 2, 60)
    summary, curves = along_ellipses(fitted.population, paths)
    assert len(summary) == 2 * 3 * 2
    assert len(curves) == 2 * 3 * 60
    row = summary.query("member == 1 and ellipse == 'same class' and replicate == 1").iloc[0]
    norms = jacobian_norms(fitted.population, paths[2, 1])[1]
    here = nearness(angles(60))
    assert row["norm"] == pytest.approx(norms.mean(), rel=1e-5)
    assert row["norm_near"] == pytest.approx(norms[here <= NEAR].mean(), rel=1e-5)
    assert row["norm_far"] == pytest.approx(norms[here >= FAR].mean(), rel=1e-5)
    same = paths[2, 0][[10, 30, 50]]  # pi/3, pi and 5 pi/3
    apart = ((same[:, None] - drawn.train.x[None]) ** 2).sum(axis=2)
    assert (apart.min(axis=1) < 1e-6).all()
    assert len(set(drawn.train.y[apart.argmin(axis=1)])) == 1


def test_pointwise_is_scikit_learns_and_scipys():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 4, size=(2, 200, 3))
    labels = rng.integers(3, size=200)
    seen = answers(logits, labels)
    norms, untrained = rng.integers(40, size=(2, 2, 200)).astype(float)  # with ties
    table = pointwise(norms, seen, untrained)
    for member in range(2):
        row = table.iloc[member]
        wrong = ~seen.correct[member]
        scores = {"error_auc": norms, "untrained_auc": untrained, "doubt_auc": seen.doubt}
        for name, score in scores.items():
            assert row[name] == pytest.approx(roc_auc_score(wrong, score[member]))
        loss = seen.loss[member]
        rank: Any = spearmanr(norms[member], loss)
        assert row["loss_correlation"] == pytest.approx(rank.statistic)
        assert row["tail_norm"] == pytest.approx(norms[member][loss > 4].mean())
        middling = (loss >= 0.3) & (loss <= 1.5)
        assert row["peak_norm"] == pytest.approx(norms[member][middling].mean())


def test_a_network_without_errors_has_no_area_under_the_curve():
    seen = answers(np.array([[[9.0, 0.0], [0.0, 9.0]]]), np.array([0, 1]))
    table = pointwise(np.ones((1, 2)), seen, np.ones((1, 2)))
    assert table.isna().all(axis=None)


def test_ellipses_have_their_own_seed(drawn):
    one, again, other = (ellipse_paths(drawn, 2, 12, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any(axis=(2, 3)).all()


def test_epochs_to_fit_are_counted_from_1_and_minus_1_where_that_never_came():
    score = np.array([[0.5, 1.0, 0.2], [1.0, 1.0, 0.9], [0.9, 1.0, 0.99]], np.float32)
    assert epochs_to_fit(History(*[score] * 4)).tolist() == [2, 1, -1]


@pytest.mark.parametrize(("points", "known"), [(4, False), (5, True)])
def test_a_mean_norm_needs_five_points(points, known):
    """All of them answer with doubt, so that their losses are near ln 2."""
    seen = answers(np.zeros((1, points, 2)), np.zeros(points, int))
    table = pointwise(np.full((1, points), 3.0), seen, np.ones((1, points)))
    assert table["peak_norm"].notna().item() == known
    assert table["tail_norm"].isna().item()


def test_three_points_of_a_class_are_enough_for_an_ellipse(dataset):
    few = sample(dataset, 9, 5)
    paths = ellipse_paths(few, 2, 6)[2]
    apart = ((paths[:, [1, 3, 5], None] - few.train.x) ** 2).sum(axis=3)
    labels = few.train.y[apart.argmin(axis=2)]
    assert (apart.min(axis=2) < 1e-6).all()
    assert (labels == labels[:, :1]).all()


def test_two_points_have_a_rank_correlation_equal_ones_none():
    seen = answers(np.array([[[2.0, 0.0], [1.0, 0.0]]]), np.array([0, 0]))
    rising, flat = (pointwise(np.array([n]), seen, np.ones((1, 2))) for n in ([0.1, 0.2], [1.0, 1]))
    assert rising["loss_correlation"].item() == pytest.approx(1)
    assert flat["loss_correlation"].isna().item()
