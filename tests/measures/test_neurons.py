import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from lowcap.measures import neurons
from lowcap.measures.geometry import balanced
from lowcap.measures.neurons import binned, mutual_information, specialisation
from tests.measures.single import answers, layers_of, rows_of

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


def test_table_has_each_neuron_of_the_last_hidden_layer(population, split):
    table = neurons(population, split.train)
    data = balanced(split.train, 1000)
    for network, keys in zip(population, population.keys.to_dict("records"), strict=True):
        rows = rows_of(table, keys)
        values = answers(layers_of(network), data.x)[0][-1]
        assert rows["neuron"].tolist() == list(range(values.shape[1]))
        codes = binned(values)
        expected = [mutual_info_score(data.y, code) / np.log(2) for code in codes.T]
        np.testing.assert_allclose(rows["information"], expected, atol=1e-6)
        labels = data.y.astype(int)
        np.testing.assert_allclose(rows["specialisation"], specialisation(values, labels), 1e-5)
    assert table["information"].max() > 0.1
    assert (table["p_value"] >= 1 / 21).all()


def test_nothing_is_known_where_everything_is_pruned(population, split):
    table = neurons(population.pruned(1.0), split.train)
    assert len(table) == len(neurons(population, split.train))
    assert (table["information"] == 0).all()
    assert (table["p_value"] == 1).all()
