"""The study from its command to its page, on scikit-learn's small digits."""

import shutil
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import RidgeClassifier

from lowcap import open as open_run
from lowcap.errors import SettingsError
from lowcap.studies.pairs.settings import Settings
from lowcap.studies.pairs.study import STUDY, prepared
from lowcap.studies.study import conduct
from tests.here import conduct_here
from tests.pages import read_page


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    x, y = load_digits(return_X_y=True)
    x = (x.reshape(-1, 8, 8) * 15.9375).astype(np.uint8)[y < 5]
    y = y[y < 5]
    path = tmp_path_factory.mktemp("data") / "digits.npz"
    np.savez(path, images=x[:600], labels=y[:600], test_images=x[600:], test_labels=y[600:])
    return path


@pytest.fixture(scope="module")
def result(data, tmp_path_factory):
    settings = Settings(dataset=(str(data),), classes=5, seeds=2, steps=150)
    return conduct_here(STUDY, settings, tmp_path_factory.mktemp("pairs") / "run")


def test_every_pair_has_its_networks_and_its_difficulty(result):
    assert not result.failures
    errors, difficulty = result.tables["errors"], result.tables["difficulty"]
    tasks = [f"{a}-{b}" for a, b in combinations(range(5), 2)]
    assert list(errors["task"].unique()) == tasks == list(difficulty["task"])
    assert len(errors) == 10 * 2 * 8 * 10  # pairs, seeds, sizes, blocks
    assert errors["error"].between(0, 1).all()
    assert errors.loc[errors["hidden"] == 64, "error"].mean() < 0.02


def test_errors_are_those_of_the_stored_networks(result, data):
    run = open_run(result.out)
    cell = next(c for c in run._recorded.cells if (c.config.task, c.config.seed) == ("2-3", 1))
    split = prepared(replace(cell, source=(str(data), None)))
    assert (split.train.y == 0).sum() == (split.train.y == 1).sum()
    network = run.population(task="2-3", seed=1)[0]
    wrong = (network(split.test.x) > 0.5) != (split.test.y > 0.5)
    rows = result.tables["errors"].query("task == '2-3' and seed == 1 and hidden == 2")
    images = rows["images"].iloc[0]
    assert rows["error"].mean() == pytest.approx(wrong[: 10 * images].mean())
    linear = RidgeClassifier().fit(split.train.x, split.train.y)
    error = np.mean(linear.predict(split.test.x) != split.test.y)
    table = result.tables["difficulty"].set_index("task")
    assert table.loc["2-3", "linear_error"] == pytest.approx(error)


def test_the_page_says_what_was_found(result):
    page = read_page(result.report)
    assert "lowcap run pairs --dataset" in page
    for target in result.claims["figure"]:
        assert f'<section id="{target}">' in page
    assert set(result.claims["claim"]) == {
        "capacity-follows-difficulty", "capacity-linear-in-difficulty", "sufficient-everywhere"
    }  # fmt: skip


def test_classes_that_the_data_lack_are_refused(data, tmp_path):
    with pytest.raises(SettingsError, match="--classes 6: digits has no 5"):
        conduct(STUDY, Settings(dataset=(str(data),), classes=6), tmp_path / "run")


def test_data_sets_that_cannot_be_judged_are_refused(data, tmp_path):
    other = shutil.copy(data, tmp_path)
    with pytest.raises(SettingsError, match="two data sets have the same name"):
        conduct(STUDY, Settings(dataset=(str(data), str(other)), classes=5), tmp_path / "run")
    arrays = dict(np.load(data))
    few = {name: arrays[name][:40] for name in ("test_images", "test_labels")}
    np.savez(tmp_path / "few.npz", **(arrays | few))
    with pytest.raises(SettingsError, match="few: needs 10 test images of each class"):
        conduct(STUDY, Settings(dataset=(str(tmp_path / "few.npz"),), classes=5), tmp_path / "run")
