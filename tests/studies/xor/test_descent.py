"""The exact descent against gradient descent on explicit vectors of signs, step by step."""

import numpy as np
import pytest

from lowcap.errors import SettingsError
from lowcap.studies.xor.descent import descend, deviation
from lowcap.studies.xor.exact import outputs, wrong
from lowcap.studies.xor.filters import draw_filters
from lowcap.studies.xor.problem import POSITIVE, SETS, diverse_training_set, training_sets
from tests.studies.xor.vectors import explicit

RATE = 1 / 20  # a longer step than the theorems', so that plain loops stay short


def plain(w, u, x, y, gamma, rate, steps):
    """Full-batch gradient descent on vectors [points, pairs, 2], in float64."""
    w, u = w.copy(), u.copy()
    k = len(w)
    for step in range(steps):
        forward = []
        for filters in (w, u):
            answers = x @ filters.T  # points, pairs, k
            best = answers.argmax(axis=1)
            top = answers.max(axis=1)
            pooled = np.take_along_axis(x[:, :, None], best[:, None, :, None], axis=1)[:, 0]
            forward.append((np.maximum(top, 0), pooled * (top > 0)[..., None]))
        n = forward[0][0].sum(axis=1) - forward[1][0].sum(axis=1)
        active = np.where(y > 0, n < gamma, n > -1)
        if not active.any():
            return w, u, step, True
        pull = active * y / len(y)
        w = w + rate / k * np.einsum("p,pkd->kd", pull, forward[0][1])
        u = u - rate / k * np.einsum("p,pkd->kd", pull, forward[1][1])
    return w, u, steps, False


@pytest.mark.parametrize(("k", "gamma"), [(2, 8.0), (3, 2.0), (7, 8.0)])
@pytest.mark.parametrize("points", [0, 6])
def test_the_exact_descent_is_plain_descent_on_explicit_vectors(k, gamma, points):
    rng = np.random.default_rng([k, points])
    runs, most = 12, 3000
    w, u = draw_filters(runs, k, 10 * deviation(k, RATE), rng)
    if points:
        weights = training_sets(runs, points, 0.6, 0.6, rng)
    else:
        weights = np.tile(diverse_training_set(), (runs, 1))
    exact = descend(w, u, weights, gamma=gamma, rate=RATE, max_steps=most)
    for run in range(runs):
        counts = np.rint(weights[run] * max(points, 2)).astype(int)
        inputs = np.repeat(np.arange(15), counts)
        x = explicit(inputs, 7, rng).astype(float)
        y = np.where(POSITIVE[inputs], 1, -1)
        plain_w, plain_u, steps, converged = plain(w[run], u[run], x, y, gamma, RATE, most)
        assert exact.converged[run] == converged
        if converged:
            # A turn of two steps may pass the goal's last step, where nothing moves any more.
            assert abs(int(exact.steps[run]) - steps) <= 1
        np.testing.assert_allclose(exact.w[run], plain_w, atol=2e-3)
        np.testing.assert_allclose(exact.u[run], plain_u, atol=2e-3)
        np.testing.assert_array_equal(
            wrong(outputs(exact.w[run], exact.u[run])), wrong(outputs(plain_w, plain_u))
        )


def test_outputs_see_only_which_patterns_are_there():
    rng = np.random.default_rng(0)
    w, u = draw_filters(1, 5, 1.0, rng)
    values = outputs(w[0], u[0])
    for pairs in (4, 11):
        x = explicit(np.arange(15), pairs, rng)
        direct = np.maximum(x @ w[0].T, 0).max(axis=1).sum(axis=1)
        direct -= np.maximum(x @ u[0].T, 0).max(axis=1).sum(axis=1)
        np.testing.assert_allclose(values, direct)
    assert len(SETS) == len(values)


def test_runs_do_not_feel_the_chunks_they_are_computed_in(monkeypatch):
    rng = np.random.default_rng(1)
    w, u = draw_filters(40, 2, deviation(2), rng)
    weights = np.tile(diverse_training_set(), (40, 1))
    whole = descend(w, u, weights)
    monkeypatch.setattr("lowcap.studies.xor.descent._VALUES_AT_ONCE", 64)
    parts = descend(w, u, weights)
    np.testing.assert_array_equal(whole.w, parts.w)
    np.testing.assert_array_equal(whole.converged, parts.converged)
    assert 0 < whole.converged.mean() < 1
    assert (whole.steps[~whole.converged] == 100_000).all()


def test_k_two_fits_and_fails_as_often_as_the_theorem_says():
    rng = np.random.default_rng(2)
    runs = 20_000
    w, u = draw_filters(runs, 2, deviation(2), rng)
    ended = descend(w, u, np.tile(diverse_training_set(), (runs, 1)))
    errs = wrong(outputs(ended.w, ended.u)).any(axis=1)
    share = (ended.converged & errs).mean()
    assert share == pytest.approx(33 / 48, abs=3 * np.sqrt(0.25 / runs))


def test_impossible_settings_are_refused():
    nothing = np.zeros((1, 2, 2))
    with pytest.raises(SettingsError):
        descend(nothing, nothing, diverse_training_set()[None], gamma=0)
