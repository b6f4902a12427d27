"""`fit` called as other libraries' `fit` is: each mistake gets a sentence that says what to do."""

import numpy as np
import pytest

from lowcap.data import Dataset, array_task
from lowcap.errors import DataError, SettingsError
from lowcap.measures import prune, saliency
from lowcap.networks import Population, grid
from lowcap.training import fit
from lowcap.training.asked import EXAMPLE, check_given


def test_the_example_that_it_gives_works():
    x, y = np.random.default_rng(0).random((40, 3)), np.arange(40) % 2
    assert EXAMPLE == "fit(grid(hidden=8), array_task(x, y).split(seed=0))"
    assert len(fit(grid(hidden=8), array_task(x, y).split(seed=0))) == 1


def test_what_is_no_networks_and_no_split_is_refused(dataset, task, split):
    x, y = split.train
    fitted = fit(grid(hidden=2), split, epochs=1)
    for networks, data, message in (
        (x, y, "not x and y; make a task of arrays first"),
        (x.tolist(), y.tolist(), "not x and y"),
        ("x", y, "not x and y"),
        (8, split, "made by grid"),
        (grid(8)[0], split, "made by grid"),
        ([], split, "no networks to fit"),
        (fitted, split, r"fit\(fitted\.population, split\)"),
        (grid(8), task, r"task\.split\(seed=0\)"),
        (grid(8), dataset, r"pair_task\(dataset, 0, 1\)"),
        (grid(8), x, "takes a split, not a ndarray"),
    ):
        with pytest.raises(SettingsError, match=message):
            check_given(networks, data)
    check_given(grid(8), split)
    check_given(fitted.population, split)


def test_a_fit_answers_as_its_population_does(split, tmp_path):
    fitted = fit(grid(hidden=[2, 3], seed=range(2)), split, epochs=2)
    assert len(fitted) == len(list(fitted)) == 4
    x = split.test.x
    np.testing.assert_array_equal(fitted[3](x), fitted.member(hidden=3, seed=1)(x))
    np.testing.assert_array_equal(fitted.predict(x), fitted.population.predict(x))
    assert fitted.predict_proba(x).shape == (4, len(x), 2)
    assert len(fitted.select(seed=0)) == 2
    fitted.save(tmp_path / "networks.safetensors")
    again = Population.load(tmp_path / "networks.safetensors")
    np.testing.assert_array_equal(again.predict(x), fitted.predict(x))


def test_one_sparsity_and_one_method_do(split):
    population = fit(grid(hidden=2), split, epochs=1).population
    alone, listed = (prune(population, split, sparsity) for sparsity in (0.9, [0.9]))
    assert alone.equals(listed)
    alone, listed = (
        saliency(population, split, rows=6, methods=one) for one in ("gradient", ["gradient"])
    )
    assert alone.equals(listed)
    with pytest.raises(SettingsError, match="unknown method 'gradients': choose finite diff"):
        saliency(population, split, rows=6, methods="gradients")


def test_raw_values_are_refused_as_images():
    raw = np.array([[0.0, 4254.0]] * 4, np.float32)
    labels = np.arange(4) % 2
    with pytest.raises(
        DataError, match=r"images hold values from 0 to 4254; scale them to \[0, 1\]"
    ):
        Dataset("raw", raw, labels, raw / 4254, labels, (1, 2))
    with pytest.raises(DataError, match="test_images hold values from 0 to 4254"):
        Dataset("raw", raw / 4254, labels, raw, labels, (1, 2))
    assert len(Dataset("scaled", raw / 4254, labels, raw / 4254, labels, (1, 2)).classes) == 2
