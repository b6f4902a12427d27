import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from lowcap.data import sample
from lowcap.measures.jacobian import jacobian_norms
from lowcap.measures.sensitivity import (
    FAR,
    NEAR,
    along_ellipses,
    answers,
    ellipse_paths,
    sensitivity,
    stacked_logits,
)
from lowcap.measures.trajectories import angles, nearness
from lowcap.networks.stacked import Shape, stack
from lowcap.training.stacking import fit_stacked


@pytest.fixture(scope="module")
def drawn(dataset):
    return sample(dataset, 60, 20)


@pytest.fixture(scope="module")
def fit(drawn):
    labels = np.stack([drawn.labels, drawn.labels])
    initial = stack(Shape(36, (20,), 3), [0, 1])
    return fit_stacked(initial, drawn.images, labels, [0.05, 0.02], batch_size=20, epochs=30)


def test_a_sample_is_standardised_stratified_and_seeded(dataset, drawn):
    assert drawn.images.mean() == pytest.approx(0, abs=1e-5)
    assert drawn.images.std() == pytest.approx(1, rel=1e-4)
    assert np.bincount(drawn.labels).tolist() == [20, 20, 20]
    again, other = sample(dataset, 60, 20), sample(dataset, 60, 20, seed=1)
    np.testing.assert_array_equal(again.images, drawn.images)
    assert not np.array_equal(other.images, drawn.images)
    random = drawn.random_labels(0)
    assert 0.1 < (random == drawn.labels).mean() < 0.6
    np.testing.assert_array_equal(random, drawn.random_labels(0))


def test_answers_are_scikit_learns(drawn, fit):
    logits = stacked_logits(fit.stacked, drawn.test_images)
    seen = answers(logits, drawn.test_labels)
    for member in range(2):
        powers = np.exp(logits[member].astype(float))
        p = powers / powers.sum(axis=1, keepdims=True)
        expected = log_loss(drawn.test_labels, p, labels=[0, 1, 2])
        assert seen.loss[member].mean() == pytest.approx(expected, rel=1e-4)
        score = accuracy_score(drawn.test_labels, p.argmax(axis=1))
        assert seen.correct[member].mean() == pytest.approx(score)
        assert ((seen.margin[member] > 0) == seen.correct[member]).all()


def test_tables_hold_each_member_and_point(drawn, fit):
    networks, points = sensitivity(fit, drawn, points=15, paths=4)
    assert len(networks) == 2
    assert len(points) == 30
    np.testing.assert_allclose(
        networks["gap"], networks["train_accuracy"] - networks["test_accuracy"]
    )
    norms = jacobian_norms(fit.stacked, drawn.test_images[:15])
    np.testing.assert_allclose(networks["jacobian_norm"], norms.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(points["norm"], norms.ravel(), rtol=1e-6)
    assert networks["transitions"].gt(0).all()


def test_ellipses_are_summed_up_near_and_far(drawn, fit):
    paths = ellipse_paths(drawn, 2, 60)
    summary, curves = along_ellipses(fit.stacked, paths)
    assert len(summary) == 2 * 3 * 2
    assert len(curves) == 2 * 3 * 60
    row = summary.query("member == 1 and ellipse == 'same class' and replicate == 1").iloc[0]
    norms = jacobian_norms(fit.stacked, paths[2, 1])[1]
    here = nearness(angles(60))
    assert row["norm"] == pytest.approx(norms.mean(), rel=1e-5)
    assert row["norm_near"] == pytest.approx(norms[here <= NEAR].mean(), rel=1e-5)
    assert row["norm_far"] == pytest.approx(norms[here >= FAR].mean(), rel=1e-5)
    same = paths[2, 0][[10, 30, 50]]  # pi/3, pi and 5 pi/3
    apart = ((same[:, None] - drawn.images[None]) ** 2).sum(axis=2)
    assert (apart.min(axis=1) < 1e-6).all()
    assert len(set(drawn.labels[apart.argmin(axis=1)])) == 1
