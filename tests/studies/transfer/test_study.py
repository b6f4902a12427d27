"""The study from its command to its page, on small digits and made coloured images."""

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from lowcap import fit, load_dataset, pair_task
from lowcap import open as open_run
from lowcap.cli import main
from lowcap.data.corruptions import gaussian_noise
from lowcap.errors import SettingsError
from lowcap.studies.study import conduct
from lowcap.studies.transfer.architectures import bands, fresh, like
from lowcap.studies.transfer.settings import Settings
from lowcap.studies.transfer.study import STUDY
from lowcap.studies.transfer.training import SHUFFLED, groups, prepared, read
from tests.here import conduct_here
from tests.studies.transfer.conftest import TASKS
from tests.undrawn import undrawn

pytestmark = pytest.mark.xdist_group("transfer")

CONDITIONS = [f"{data}, {one}" for data in ("digits", "stripes")
              for one in ("fully connected", "conv 3x3")]  # fmt: skip


def found(result, settings, condition, task, seed=1):
    """The cell of a run, and its networks with their data."""
    cells = open_run(result.out)._recorded.cells
    cell = next(
        c for c in cells if (c.config.condition, c.config.task, c.config.seed) == (
            condition, task, seed)
    )  # fmt: skip
    path = next(one for one in settings.dataset if cell.config.dataset in one)
    cell = replace(cell, source=(path, None))
    return cell, read(cell, open_run(result.out)._recorded.store.fit_files(cell))


def test_every_condition_has_every_size_task_and_seed(result, settings):
    assert not result.failures
    table = result.tables["capacity"]
    assert table["condition"].unique().tolist() == CONDITIONS
    counts = table.groupby("condition")[["task", "hidden", "seed"]].nunique()
    assert (counts == [4, 4, 2]).all(axis=None)
    assert not table.duplicated(["condition", "task", "hidden", "seed"]).any()
    assert table.drop_duplicates("task").set_index("task")["place"].to_dict() == {
        task: place for place, task in enumerate(TASKS)
    }


def test_costs_are_counted_by_hand(result):
    table = result.tables["capacity"].query("task == '0-1' and seed == 0")
    for row in table.itertuples():
        colours = 3 if row.dataset == "stripes" else 1
        if row.architecture == "fully connected":
            weights = row.hidden * (256 * colours + 1)
            assert row.parameters == weights + row.hidden + 1
            assert row.multiply_adds == weights
        else:  # 3 windows a side, each of 2 x 2 places
            filters, head = row.hidden * 9 * colours, 9 * row.hidden
            assert row.parameters == filters + row.hidden + head + 1
            assert row.multiply_adds == 36 * filters + head


@pytest.mark.parametrize("condition", CONDITIONS)
def test_scores_are_those_of_the_stored_networks(result, settings, condition):
    _, (trained,) = found(result, settings, condition, "2-3")
    rows = result.tables["capacity"]
    rows = rows[(rows["condition"] == condition) & (rows["task"] == "2-3") & (rows["seed"] == 1)]
    test = trained.data.split.test
    networks = [network for population in trained.populations for network in population]
    for network, row in zip(networks, rows.sort_values("hidden").itertuples(), strict=True):
        expected = f1_score(test.y, network(test.x) > 0.5, zero_division=0)
        assert row.test_f1 == pytest.approx(expected, abs=1e-6)


def test_small_filters_train_as_they_would_alone(result, settings):
    """Networks that are given silent filters for company become what they are without."""
    cell, (trained,) = found(result, settings, "digits, conv 3x3", "1-2", 0)
    data, config = trained.data, cell.config
    start = fresh(config.architecture, config.sizes, 0, data.split.target)
    assert [[n for n, _ in band] for band in bands(start)] == [[3], [0, 1, 2]]
    how = {"epochs": config.epochs, "batch_size": 16, "optimizer": "momentum",
           "stop": "validation", "patience": config.epochs}  # fmt: skip
    for one in start[:2]:
        alone = fit(one, data.split, **how).population
        (wide,) = (w for band in bands(start) for n, w in band if start[n] is one)
        together = like(fit(wide, data.split, **how).population, one)
        for name, values in alone.arrays.items():
            np.testing.assert_allclose(together.arrays[name], values, atol=1e-4)


def test_photographs_are_centred_and_corrupted_as_they_were(folder):
    split = pair_task(load_dataset(str(folder / "stripes.npz")), 0, 1).split(0)
    data = prepared(split)
    means = data.split.train.x.reshape(-1, 3).mean(axis=0)
    np.testing.assert_allclose(means, 0, atol=1e-5)
    np.testing.assert_allclose(data.split.test.x + data.shift, split.test.x, atol=1e-6)
    images = split.test.x.reshape(-1, 16, 16, 3)
    centred = data.split.test.x.reshape(images.shape)
    plain = gaussian_noise(images, np.random.default_rng(3), 0.3)
    moved = data.shifted(lambda x, rng: gaussian_noise(x, rng, 0.3))
    again = moved(centred, np.random.default_rng(3)) + data.shift.reshape(16, 16, 3)
    np.testing.assert_allclose(again, plain, atol=1e-6)
    grey = pair_task(load_dataset(str(folder / "digits.npz")), 0, 1).split(0)
    assert prepared(grey).split is grey


def test_classes_are_dealt_out_once_each_and_differently_by_seed():
    for count, expected in ((2, 5), (3, 3), (5, 2), (10, 1)):
        dealt = groups(range(10), count, seed=4)
        assert [len(group) for group in dealt] == [count] * expected
        assert max(Counter(label for group in dealt for label in group).values()) == 1
    assert groups(range(10), 2, 0) != groups(range(10), 2, 1)


@pytest.mark.parametrize("condition", ["digits, conv 3x3", "stripes, fully connected"])
def test_accuracies_of_classes_are_those_of_the_stored_networks(result, settings, condition):
    _, several = found(result, settings, condition, "2 classes", 1)
    assert len(several) == 2
    table = result.tables["classes"]
    rows = table[(table["condition"] == condition) & (table["classes"] == 2) & (table["seed"] == 1)]
    by_size = {}
    for trained in several:
        test = trained.data.split.test
        assert len(trained.data.split.train.y) + len(trained.data.split.validation.y) == 80
        owners = np.concatenate([np.arange(np.sum(test.y == label)) % 20 for label in (0, 1)])
        order = np.concatenate([np.flatnonzero(test.y == label) for label in (0, 1)])
        for population in trained.populations:
            for network, size in zip(population, population.keys["hidden"], strict=True):
                said = network(test.x) > 0.5
                blocks = [accuracy_score(test.y[order][owners == b], said[order][owners == b])
                          for b in range(20)]  # fmt: skip
                by_size.setdefault(size, []).append(blocks)
    for size, blocks in by_size.items():
        own = rows[rows["hidden"] == size].sort_values("block")["accuracy"]
        np.testing.assert_allclose(own, np.mean(blocks, axis=0), atol=1e-6)


def test_relatives_are_looked_into_on_the_hardest_task_alone(result, settings):
    assert set(result.tables["geometry"]["task"]) == {"2-3"}
    states = result.tables["saliency"].groupby("architecture")["state"].unique()
    assert set(states["conv 3x3"]) - set(states["fully connected"]) == {"fully connected"}
    table = result.tables["geometry"]
    of_state = table[table["dataset"] == "digits"].groupby("state")["probe"].mean()
    assert of_state["dense"] > of_state[SHUFFLED]
    agreement = result.tables["saliency_agreement"]
    own = agreement.query("state == 'dense'")
    assert (own.loc[own["empty"] == 0, "top_overlap"] > 0.99).all()


def test_the_same_networks_come_from_the_same_cell(result, settings):
    cell, _ = found(result, settings, "stripes, conv 3x3", "2-3")
    assert STUDY.work.train(cell) == open_run(result.out)._recorded.store.fit_files(cell)


def test_networks_are_given_back(result, settings):
    run = open_run(result.out)
    where = {"architecture": "conv 3x3", "dataset": "digits", "task": "0-1", "seed": 0}
    assert run.population("population 1", **where).keys["hidden"].tolist() == [2]
    alone = run.population(**where | {"architecture": "fully connected"})
    assert alone.keys["hidden"].tolist() == [1, 2, 8, 16]


def test_the_page_leads_from_every_verdict_to_its_finding(result):
    page = result.report.read_text()
    assert set(result.claims["claim"]) == {claim.id for claim in STUDY.claims}
    links = set(re.findall(r'href="#((?:finding|claim)-[^"]+)"', page))
    targets = set(re.findall(r'id="([^"]+)"', page))
    assert links
    assert links <= targets
    primary = result.claims[result.claims["primary"]]
    assert len([one for one in links if one.startswith("finding-")]) == len(primary)
    for target in result.claims["figure"].unique():
        assert f'<section id="{target}">' in page, target
    assert page.index('id="overview"') < page.index('id="verdicts"')


def test_a_measure_and_a_claim_alone_train_what_they_need(settings, tmp_path):
    few = replace(settings, dataset=settings.dataset[:1], seeds=2, classes=(2,))
    run = conduct_here(STUDY, few, tmp_path / "run", claims=["classes-need-more"])
    assert set(run.claims["verdict"]) == {"not measured"}  # one number of classes is no growth
    run = conduct_here(STUDY, few, tmp_path / "run", claims=["returns-diminish"])
    assert set(run.tables) == {"capacity", "capacity_blocks"}
    assert not set(run.claims["verdict"]) & {"not measured"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--classes", "1"], "--classes 1: must be at least 2"),
        (["--class-images", "2"], "--class-images 2: must be at least 5"),
        (["--channels", "0"], "--channels 0: must be at least 1"),
        (["--seeds", "1"], "--seeds 1: must be at least 2"),
        (["--tasks", "4-4"], "4-4"),
        (["--tasks", "4-11"], "--tasks 4-11: mnist-5k has no class 11"),
    ],
)
def test_impossible_settings_are_one_line(options, message, capsys, tmp_path):
    assert main(["run", "transfer", *options, "--out", str(tmp_path / "run")]) != 0
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def saved(path, shape, classes=3, count=120):
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 255, (count, *shape)).astype(np.uint8), np.arange(count)
    labels = labels % classes
    np.savez(path, images=images, labels=labels, test_images=images, test_labels=labels)
    return str(path)


@pytest.mark.parametrize(
    ("shape", "count", "message"),
    [
        ((4, 4), 120, "images of 4 x 4 are too small for filters of 3 x 3"),
        ((8, 9), 120, "images of 8 x 9: convolutional networks need square ones"),
        ((8, 8), 30, "10 test images of class 0; at least 20 are needed"),
    ],
)
def test_unsuitable_images_are_refused_before_work_begins(tmp_path, shape, count, message):
    path = saved(tmp_path / "own.npz", shape, count=count)
    with pytest.raises(SettingsError, match=message):
        conduct(STUDY, Settings(dataset=(path,), tasks=("0-1",)), tmp_path / "run")
    assert not (tmp_path / "run" / "cells").exists()


def test_pairs_of_unknown_data_must_be_named(tmp_path):
    path = saved(tmp_path / "own.npz", (8, 8))
    with pytest.raises(SettingsError, match="--tasks: name pairs of classes of own from easy"):
        conduct(STUDY, Settings(dataset=(path,)), tmp_path / "run")


@pytest.mark.long
def test_images_too_small_for_a_patch_are_only_not_corrupted(tmp_path):
    path = saved(tmp_path / "own.npz", (8, 8))
    settings = Settings(dataset=(path,), architectures=("conv 3x3",), channels=(1, 2),
                        tasks=("0-1", "1-2"), seeds=2, epochs=1, images=30,
                        class_images=10)  # fmt: skip
    with undrawn():
        run = conduct_here(STUDY, settings, tmp_path / "run")
    assert not run.failures
    assert "robustness" not in run.tables
    assert set(run.tables["classes"]["classes"]) == {2, 3}  # it has no 5 and no 10
    rows = run.claims.query("claim == 'noise-robustness-travels' and primary")
    assert rows["verdict"].tolist() == ["not measured"]
