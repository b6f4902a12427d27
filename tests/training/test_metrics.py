import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import f1_score, log_loss, roc_auc_score

from lowcap.training import auc, f1, loss

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
