import numpy as np
import pytest
from sklearn.metrics import f1_score, log_loss, roc_auc_score

from lowcap.measures import Scores, capacity, history, plateau_capacity, stable_capacity
from lowcap.networks import grid
from lowcap.training import fit


def test_table_equals_scikit_learns_scores_of_single_networks(split):
    fitted = fit(grid([2, 4], seed=[0, 1]), split, epochs=20, batch_size=16)
    table = capacity(fitted, split)
    assert list(table["hidden"]) == [2, 2, 4, 4]
    for index, row in table.iterrows():
        net = fitted.member(index)
        assert (row["hidden"], row["seed"]) == (len(net.w2), fitted.members[index].seed)
        for part, data in (("train", split.train), ("val", split.validation), ("test", split.test)):
            p = net(data.x)
            if part == "train":
                assert row["train_loss"] == pytest.approx(log_loss(data.y, p), rel=1e-4)
            else:
                assert row[f"{part}_f1"] == pytest.approx(f1_score(data.y, p >= 0.5))
                assert row[f"{part}_auc"] == pytest.approx(roc_auc_score(data.y, p))
    np.testing.assert_array_equal(table["train_f1_best"], fitted.history.train_f1.max(axis=0))


def test_history_is_one_observation_a_row(split):
    fitted = fit(grid([2, 4]), split, epochs=3, batch_size=16)
    table = history(fitted)
    assert len(table) == 2 * 3 * 2
    assert not table.duplicated(["hidden", "learning_rate", "seed", "epoch", "split"]).any()
    row = table.query("hidden == 4 and epoch == 2 and split == 'val'")
    assert row["loss"].item() == fitted.history.validation_loss[1, 1]


HIDDEN = np.array([2, 4, 8, 16])


@pytest.mark.parametrize(
    ("means", "spreads", "expected"),
    [
        ([0.5, 0.95, 0.96, 0.97], [0, 0, 0, 0], 4),
        ([0.95, 0.85, 0.96, 0.97], [0, 0, 0, 0], 8),  # a dip above a good size disqualifies it
        ([0.95, 0.95, 0.96, 0.97], [0.05, 0.01, 0.01, 0.01], 4),  # unstable at 2
        ([0.95, 0.95, 0.96, 0.90], [0, 0, 0, 0], np.inf),  # 0.90 is not above 0.90
    ],
)
def test_stable_capacity_by_hand(means, spreads, expected):
    values = np.array(means)[:, None] + np.array(spreads)[:, None] * np.array([-1, 0, 1])
    assert stable_capacity(Scores(HIDDEN, values)) == expected


def test_plateau_capacity_by_hand():
    values = np.array([[0.90], [0.985], [0.98], [0.99]])
    assert plateau_capacity(Scores(HIDDEN, values), margin=0.011) == 4
    assert plateau_capacity(Scores(HIDDEN, values), margin=0.006) == 16
