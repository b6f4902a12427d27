import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from lowcap.measures import neurons
from lowcap.measures.neurons import binned, mutual_information, specialisation
from lowcap.networks import grid
from lowcap.training import fit

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 2, 300)


def test_information_equals_scikit_learns():
    values = RNG.normal(size=(300, 5)) + LABELS[:, None] * np.arange(5)
    codes = binned(values)
    expected = [mutual_info_score(LABELS, codes[:, unit]) / np.log(2) for unit in range(5)]
    np.testing.assert_allclose(mutual_information(codes, LABELS), expected, atol=1e-12)


def test_information_at_its_limits():
    values = np.stack([LABELS * 1.0, np.zeros(300), RNG.normal(size=300)], axis=1)
    share = LABELS.mean()
    entropy = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
    information = mutual_information(binned(values), LABELS)
    assert information[0] == pytest.approx(entropy)
    assert information[1] == 0
    assert information[2] < 0.05


def test_specialisation_by_hand():
    values = np.stack([LABELS * 2.0, np.ones(300), np.zeros(300), 1.0 + 2 * LABELS], axis=1)
    np.testing.assert_allclose(specialisation(values, LABELS), [1, 0, 0, 0.5])


def test_table_has_each_neuron_dense_and_pruned(split):
    fitted = fit(grid([2, 5], learning_rate=[0.3]), split, epochs=20, batch_size=16)
    table = neurons(fitted, split.train, 1.0)
    assert table.groupby(["hidden", "state"]).size().tolist() == [2, 2, 5, 5]
    pruned = table[table["state"] == "pruned"]
    assert (pruned["information"] == 0).all()
    assert (pruned["p_value"] == 1).all()
    assert table[table["state"] == "dense"]["information"].max() > 0.1
