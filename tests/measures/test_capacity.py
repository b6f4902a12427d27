from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    log_loss,
    mean_squared_error,
    r2_score,
    roc_auc_score,
)

from lowcap.data import array_task
from lowcap.measures import Scores, capacity, plateau_capacity, scores_by_seed, stable_capacity
from lowcap.measures.capacity import constant_f1
from lowcap.networks import Dense, grid, initialise, stack

RNG = np.random.default_rng(0)


def test_table_equals_scikit_learns_scores_of_single_networks(population, split):
    table = capacity(population, split)
    assert len(table) == len(population)
    for network, (_, row) in zip(population, table.iterrows(), strict=True):
        for part, data in (("train", split.train), ("val", split.validation), ("test", split.test)):
            p = network(data.x)
            assert row[f"{part}_loss"] == pytest.approx(log_loss(data.y, p), rel=1e-4)
            assert row[f"{part}_f1"] == pytest.approx(f1_score(data.y, p >= 0.5))
            assert row[f"{part}_auc"] == pytest.approx(roc_auc_score(data.y, p))


def made(kind: str, outputs: int):
    """A fused population, one without a hidden layer among it, and a stacked one, untrained."""
    return (
        initialise(grid([0, 3], seed=[0, 1]), 6, outputs, kind),
        stack(Dense(6, (4, 3), outputs, "tanh"), [0, 1], kind=kind),
    )


@pytest.mark.parametrize("place", [0, 1])
def test_classes_have_loss_and_accuracy(place):
    x, y = RNG.normal(size=(90, 6)).astype(np.float32), np.arange(90) % 3
    split = array_task(x, y).split(0)
    population = made("classes", 3)[place]
    table = capacity(population, split)
    for network, (_, row) in zip(population, table.iterrows(), strict=True):
        p, truth = network(split.validation.x), split.validation.y
        assert row["val_loss"] == pytest.approx(log_loss(truth, p), rel=1e-4)
        assert row["val_accuracy"] == pytest.approx(accuracy_score(truth, p.argmax(axis=1)))
    assert not [name for name in table if name.endswith(("f1", "auc"))]


@pytest.mark.parametrize("place", [0, 1])
def test_numbers_have_loss_and_the_share_of_variance(place):
    x = RNG.normal(size=(90, 6)).astype(np.float32)
    split = array_task(x, x @ RNG.normal(size=6)).split(0)
    population = made("regression", 1)[place]
    table = capacity(population, split)
    for network, (_, row) in zip(population, table.iterrows(), strict=True):
        found, truth = network(split.validation.x), split.validation.y
        assert row["val_loss"] == pytest.approx(mean_squared_error(truth, found) / 2, rel=1e-4)
        assert row["val_r2"] == pytest.approx(r2_score(truth, found), rel=1e-4)


def test_parts_without_rows_are_left_out(fused, split):
    table = capacity(fused, replace(split, validation=split.validation.none))
    scored = [name for name in table if name not in fused.keys]
    assert {name.partition("_")[0] for name in scored} == {"train", "test"}


HIDDEN = np.array([2, 4, 8, 16])


def test_scores_are_laid_out_by_size_and_seed(fused, split):
    table = capacity(fused, split)
    square = scores_by_seed(table.sample(frac=1, random_state=0), "test_f1")
    assert square.hidden.tolist() == [2, 5]
    np.testing.assert_array_equal(square.values.ravel(), table["test_f1"])


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


def test_the_constant_score_is_that_of_saying_1_of_everything():
    labels = (np.arange(50) % 5 < 2).astype(np.float32)
    assert constant_f1(labels) == pytest.approx(f1_score(labels, np.ones(50)))


def test_a_seed_without_any_score_does_not_count():
    table = pd.DataFrame(
        [(h, s, np.nan if s == 2 else 0.95) for h in (2, 8) for s in range(3)],
        columns=["hidden", "seed", "f1"],
    )
    square = scores_by_seed(table, "f1")
    assert square.values.shape == (2, 2)
    assert stable_capacity(square) == 2
