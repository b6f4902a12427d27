"""Thinning out, the frontier's test of sparsities, and the score of test rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lowcap.data import array_task
from lowcap.errors import SettingsError
from lowcap.small.frontier import dispensable, read_budget, within
from lowcap.small.model import Column
from lowcap.small.search.answer import Answer
from lowcap.small.search.divisions import Division, divisions
from lowcap.small.search.metrics import METRICS
from lowcap.small.search.search import Searched
from lowcap.small.search.settings import Settings
from lowcap.small.search.trial import trial
from lowcap.small.settle import settle
from lowcap.small.table.columns import brief
from lowcap.small.thin import thinned

SETTINGS = Settings(
    sizes=(0, 2, 12), folds=3, repeats=1, seeds=2, starts=2, learning_rates=(0.02,), epochs=6
)
ACCURACY = METRICS["balanced_accuracy"]


@pytest.fixture(scope="module")
def trained():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(90, 4)).astype(np.float32)
    task = array_task(x, (x[:, 0] > 0).astype(int))
    division = divisions(task, 3, 1)[0]
    return task, division, trial(task, division, SETTINGS, ACCURACY)


def test_weights_that_are_gone_stay_gone_and_those_left_train_on(trained):
    task, division, one = trained
    levels = thinned(task, division, one, SETTINGS, (0, 2, 12), (0.5, 0.75))
    assert [level.sparsity for level in levels] == [0, 0.5, 0.75]
    for level in levels:
        pd.testing.assert_frame_equal(level.population.keys, one.population.keys)
    _, half, quarter = (level.population for level in levels)
    assert (half.zeros_each() == np.round(0.5 * half.weights_each)).all()
    assert (quarter.zeros_each() == np.round(0.75 * half.weights_each)).all()
    for name in ("w1", "w2"):
        assert (quarter.arrays[name][half.arrays[name] == 0] == 0).all()
        stayed = quarter.arrays[name] != 0
        assert (quarter.arrays[name][stayed] != half.arrays[name][stayed]).any()


def test_rows_held_out_have_no_part_in_thinning(trained):
    task, division, one = trained
    x = task.x.copy()
    x[division.held_out] += 100
    other = array_task(x, task.y)
    levels = [thinned(t, division, one, SETTINGS, (2,), (0.5,)) for t in (task, other)]
    for a, b in zip(*levels, strict=True):
        np.testing.assert_array_equal(a.population.w1, b.population.w1)
        np.testing.assert_array_equal(a.inner_loss, b.inner_loss)


def folds_of(means: dict[float, float], spread: float, reference: float = 0.9):
    """Scores of one size by sparsity in ten folds, and a search that knows the reference's."""
    rng = np.random.default_rng(0)
    common = 0.02 * rng.normal(size=10)
    table = [
        {"hidden": 2, "sparsity": sparsity, "bits": 8, "repeat": 0, "fold": fold,
         "score": mean + common[fold] + spread * rng.normal()}
        for sparsity, mean in means.items() for fold in range(10)
    ]  # fmt: skip
    none, rows = np.zeros(0, int), np.arange(40)
    searched = Searched(
        "made", ACCURACY, Settings(sizes=(2, 8)), pd.DataFrame(),
        np.stack([np.zeros(10), reference + common]), np.full(10, 0.5), 1 / 9, (9, 33),
        tuple(Division(0, fold, none, none, 40 * fold + rows) for fold in range(10)), 0.0,
    )  # fmt: skip
    return pd.DataFrame(table), searched


TOLD = Answer(
    "holds", 2, 0.9, 0.89, 0.91, 8, 0.9, 0.5, (), 0.02, None, "balanced_accuracy",
    "balanced accuracy",
)  # fmt: skip


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ({0.0: 0.9, 0.5: 0.9, 0.9: 0.899}, (0.9, "holds")),
        ({0.0: 0.9, 0.5: 0.8, 0.9: 0.9}, (0.0, "holds")),  # behind a failure nothing is tested
        ({0.0: 0.9, 0.5: 0.895, 0.9: 0.87}, (0.5, "holds")),
        ({0.0: 0.8, 0.5: 0.9, 0.9: 0.9}, (0.0, "not reached")),
        ({0.0: 0.8801, 0.5: 0.9, 0.9: 0.9}, (0.0, "undecided")),
    ],
)
def test_sparsities_pass_in_order_until_the_first_that_fails(means, expected):
    scores, searched = folds_of(means, 0.001)
    found = dispensable(scores, searched, TOLD)
    assert (found.sparsity, found.dense) == expected


def test_a_level_takes_the_place_of_the_reference():
    scores, searched = folds_of({0.0: 0.9, 0.5: 0.89, 0.9: 0.8}, 0.001, reference=0.99)
    assert dispensable(scores, searched, TOLD).dense == "not reached"
    found = dispensable(scores, searched, replace(TOLD, at_least=0.85))
    assert (found.sparsity, found.dense) == (0.5, "holds")


def test_a_noisy_sparsity_is_not_shown_to_be_enough():
    scores, searched = folds_of({0.0: 0.9, 0.5: 0.9}, 0.06)
    assert dispensable(scores, searched, TOLD).sparsity == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("flash=2kB", "ram=256B"), {"flash": 2000, "ram": 256}),
        (("ram=1.5KiB",), {"ram": 1536}),
        (("flash=300",), {"flash": 300}),
        ((), {}),
    ],
)
def test_budgets_are_read(words, expected):
    assert read_budget(words) == expected


@pytest.mark.parametrize("word", ["flash", "flash=", "rom=2kB", "ram=0B", "ram=xB", "ram=2kB2"])
def test_what_is_no_budget_is_refused(word):
    with pytest.raises(SettingsError, match="write flash=2kB"):
        read_budget((word,))
    with pytest.raises(SettingsError, match="write flash=2kB"):
        read_budget(("ram=1B", "ram=1B"))


def table_of(*rows) -> pd.DataFrame:
    names = ["hidden", "sparsity", "bits", "score", "low", "high", "flash_bytes", "ram_bytes"]
    return pd.DataFrame(rows, columns=names)


def test_a_budget_picks_the_best_that_fits_and_says_whether_it_is_enough():
    scores, searched = folds_of({0.0: 0.9, 0.5: 0.85}, 0.001)
    table = table_of(
        (2, 0.0, 8, 0.9, 0.89, 0.91, 100, 40),
        (2, 0.5, 8, 0.85, 0.84, 0.86, 60, 40),
        (2, 0.0, 32, 0.9, 0.89, 0.91, 50, 40),
    )
    assert len(within(table, 8, {"flash": 99})) == 1
    with pytest.raises(SettingsError, match="the smallest that was tried takes 60 bytes"):
        within(table, 8, {"flash": 60, "ram": 39})
    free = settle(TOLD, table, scores, searched, 8, {})
    assert (free.sparsity, free.verdict) == (0.0, "holds")
    assert free.sentence == (
        "2 hidden units suffice: balanced accuracy .900 [.890, .910] against .900 for 8 hidden "
        "units; none of its weights is shown to be spare; 100 bytes of flash as int8."
    )
    same = settle(TOLD, table, scores, searched, 8, {"flash": 100})
    assert same == free
    tight = settle(TOLD, table, scores, searched, 8, {"flash": 70, "ram": 40})
    assert (tight.hidden, tight.sparsity, tight.verdict) == (2, 0.5, "not reached")
    assert "Within 70 bytes of flash and 40 bytes of RAM: 2 hidden units without 50 %" in (
        tight.sentence
    )
    assert "shown not to be good enough" in tight.sentence


def test_a_budget_makes_nothing_good_that_is_no_better_than_a_constant():
    scores, searched = folds_of({0.0: 0.9, 0.5: 0.9}, 0.001)
    table = table_of((2, 0.0, 8, 0.9, 0.89, 0.91, 100, 40), (2, 0.5, 8, 0.9, 0.89, 0.91, 70, 40))
    budget = {"flash": 70}
    assert settle(TOLD, table, scores, searched, 8, budget).verdict == "holds"
    told = replace(TOLD, verdict="undecided", hidden=None, useful=False, reference=2)
    found = settle(told, table, scores, searched, 8, budget)
    assert (found.sparsity, found.verdict) == (0.5, "undecided")
    assert "which is not shown to be good enough" in found.sentence


@pytest.mark.parametrize(
    ("mean", "verdict", "shown"),
    [(0.8, "not reached", "shown not to be"), (0.8801, "undecided", "not shown to be")],
)
def test_whole_numbers_that_are_not_shown_to_be_as_good_are_the_verdict(mean, verdict, shown):
    scores, searched = folds_of({0.0: mean, 0.5: 0.9}, 0.001)
    scores = pd.concat([scores, scores.assign(bits=32)])
    table = table_of(
        (2, 0.0, 8, mean, 0.8, 0.9, 100, 40),
        (2, 0.0, 32, 0.9, 0.89, 0.91, 400, 40),
    )
    found = settle(TOLD, table, scores, searched, 8, {})
    assert (found.hidden, found.sparsity, found.verdict) == (2, 0.0, verdict)
    assert found.reason == f"in whole numbers the network is {shown} good enough"
    assert found.sentence == (
        f"{verdict.capitalize()}: {found.reason}. In floating point 2 hidden units suffice: "
        "balanced accuracy .900 [.890, .910] against .900 for 8 hidden units; 100 bytes of flash "
        "as int8."
    )
    floating = settle(TOLD, table, scores, searched, 32, {})
    assert (floating.verdict, floating.reason) == ("holds", "")


def test_columns_to_which_the_same_is_done_share_a_line():
    columns = tuple(Column(name, "number") for name in "abcdefgh")
    lines = [*(f"{name}: number, scaled" for name in "abcdefg"), "h: ignored"]
    assert brief(columns, lines) == [
        "a, b, c, d, e, f, ... (7 columns): number, scaled",
        "h: ignored",
    ]
    assert brief(columns, ["8 pixels"]) == ["8 pixels"]
