import numpy as np
import pytest

from lowcap.errors import DataError, SettingsError
from lowcap.networks import Population, grid, initialise, stack
from lowcap.networks.architectures import Dense

POPULATION = initialise(grid(hidden=[2, 4], learning_rate=[0.03, 0.1], seed=range(3)), 9)
X = np.random.default_rng(0).random((5, 9), np.float32)


def test_one_value_is_taken_where_several_may_be_given():
    assert grid(hidden=8) == grid(hidden=[8])
    assert grid(8, 0.1, 3, "he_normal") == grid([8], [0.1], [3], ["he_normal"])
    assert grid(np.int64(8))[0].hidden == 8
    deep = stack(Dense(9, (2, 2), 1), 3, 0.1, kind="binary")
    assert deep.keys.to_dict("records") == [{"hidden": "2-2", "learning_rate": 0.1, "seed": 3}]


def test_a_member_is_found_by_its_keys():
    network = POPULATION.member(hidden=4, learning_rate=0.1, seed=2)
    place = POPULATION.keys.query("hidden == 4 and learning_rate == 0.1 and seed == 2").index[0]
    np.testing.assert_array_equal(network.w1, POPULATION[place].w1)


def test_some_members_are_a_population():
    some = POPULATION.select(hidden=4, seed=[0, 2])
    assert len(some) == 4
    assert set(some.keys["seed"]) == {0, 2}
    np.testing.assert_array_equal(
        some[0].w1, POPULATION.member(hidden=4, seed=0, learning_rate=0.03).w1
    )
    deep = stack(Dense(9, (2, 2), 1), range(3), kind="binary")
    assert len(deep.select(learning_rate=None)) == 3
    assert deep.member(hidden="2-2", seed=1).architecture == deep.architecture


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"hiden": 4}, "no 'hiden': choose by hidden, learning_rate, seed"),
        ({"hidden": 3}, "no member has hidden=3: there is 2, 4"),
        ({"hidden": 4, "seed": 1}, "2 members have hidden=4, seed=1; say which by learning_rate: "
                                   "0.03, 0.1"),
        ({}, "12 members are here; say which by hidden: 2, 4; learning_rate: 0.03, 0.1; seed: 0"),
    ],
)  # fmt: skip
def test_keys_that_find_no_single_member_are_refused(keys, message):
    with pytest.raises(SettingsError, match=message):
        POPULATION.member(**keys)


def test_values_that_are_never_together_and_twins_are_refused():
    odd = initialise([*grid(2, 0.1), *grid(4, 0.03)], 9)
    with pytest.raises(SettingsError, match=r"hidden=2, learning_rate=0\.03 together"):
        odd.select(hidden=2, learning_rate=0.03)
    twins = initialise(grid(2, initialiser=["xavier_uniform", "he_normal"]), 9)
    with pytest.raises(SettingsError, match="2 members have hidden=2; take one by its number"):
        twins.member(hidden=2)


def test_networks_and_populations_predict_alike():
    said, sure = POPULATION.predict(X), POPULATION.predict_proba(X)
    assert said.shape == (12, 5)
    assert sure.shape == (12, 5, 2)
    np.testing.assert_allclose(sure.sum(axis=2), 1, rtol=1e-6)
    np.testing.assert_array_equal(said, sure[..., 1] >= 0.5)  # as F1 counts a tie
    for number, network in enumerate(POPULATION):
        np.testing.assert_array_equal(network.predict(X), said[number])
        np.testing.assert_allclose(network.predict_proba(X), sure[number], atol=1e-6)
        np.testing.assert_allclose(network.predict_proba(X)[:, 1], network(X), atol=1e-6)


def test_images_bytes_and_tables_are_rows():
    network = POPULATION[0]
    grey = (255 * X).round().astype(np.uint8)
    images = grey.reshape(5, 3, 3)
    np.testing.assert_array_equal(network.predict_proba(images), network.predict_proba(grey / 255))
    with pytest.raises(DataError, match="take 9 features, but the rows have 4"):
        network.predict(X[:, :4])
    with pytest.raises(DataError, match=r"of a single row give x\[None\]"):
        network.predict(X[0])
    with pytest.raises(DataError, match="rows must be numbers"):
        network.predict([["a"] * 9])


def test_several_classes_and_numbers():
    classes = initialise(grid(2), 9, 3, "classes")
    np.testing.assert_array_equal(classes.predict(X), classes.logits(X).argmax(axis=2))
    numbers = initialise(grid(2), 9, 1, "regression")
    np.testing.assert_allclose(numbers.predict(X)[0], numbers[0](X), atol=1e-6)
    with pytest.raises(SettingsError, match="have no probabilities: use predict"):
        numbers[0].predict_proba(X)


def test_a_saved_network_is_read_as_a_population_of_one(tmp_path):
    network = POPULATION[7]
    network.save(tmp_path / "one.safetensors")
    (again,) = Population.load(tmp_path / "one.safetensors")
    np.testing.assert_array_equal(again(X), network(X))
