import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import f1_score, log_loss, roc_auc_score

from lowcap.training import auc, best_threshold, f1, loss

LABELS = hnp.arrays(np.float32, 12, elements=st.sampled_from([0.0, 1.0])).filter(
    lambda y: 0 < y.sum() < len(y)
)
LOGITS = hnp.arrays(np.float32, (3, 12), elements=st.sampled_from([-20, -1.5, -0.5, 0, 0.5, 2]))


@given(LOGITS, LABELS)
def test_scores_equal_scikit_learns(logits, labels):
    for row, a, f, cost in zip(
        logits, auc(logits, labels), f1(logits, labels), loss(logits, labels), strict=True
    ):
        assert a == pytest.approx(roc_auc_score(labels, row))
        assert f == pytest.approx(f1_score(labels, row >= 0, zero_division=0))
        assert cost == pytest.approx(log_loss(labels, 1 / (1 + np.exp(-row.astype(float)))))


def test_auc_of_one_class_is_unknown():
    assert np.isnan(auc(np.zeros((1, 4)), np.ones(4))).all()


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_no_other_threshold_has_a_larger_f1(shape):
    """Between two images it lies halfway; all of one value cannot be told apart."""
    rng = np.random.default_rng(0)
    labels = (rng.random(15) < 0.4).astype(np.float32)
    logits = rng.integers(-6, 6, (*shape, 15)) / 2 + labels
    found = best_threshold(logits, labels)
    assert found.shape == shape
    for row, threshold in zip(logits.reshape(-1, 15), found.ravel(), strict=True):
        values = np.unique(row)
        middles = [values[0] - 0.5, *(values[1:] + values[:-1]) / 2]
        scores = [f1_score(labels, row >= middle) for middle in middles]
        assert threshold in middles
        assert f1_score(labels, row >= threshold) == pytest.approx(max(scores))


@pytest.mark.parametrize("score", [auc, f1, loss])
def test_members_may_be_laid_out_in_any_shape(score):
    rng = np.random.default_rng(0)
    labels = (np.arange(12) % 3 == 0).astype(np.float32)
    logits = rng.integers(-4, 5, (2, 3, 12)).astype(np.float32)
    each = score(logits.reshape(6, 12), labels)
    np.testing.assert_allclose(score(logits, labels), each.reshape(2, 3))
    assert auc(logits, np.ones(12)).shape == (2, 3)
