"""The study from its command to its page, on scikit-learn's small digits."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from sklearn.metrics import f1_score

from lowcap import fit, grid
from lowcap import open as open_run
from lowcap.cli import main
from lowcap.errors import SettingsError
from lowcap.networks import initialise
from lowcap.studies.retraining.methods import Kind, Trainer
from lowcap.studies.retraining.settings import LEARNING_RATES, Settings
from lowcap.studies.retraining.study import STUDY
from lowcap.studies.retraining.training import read
from lowcap.studies.study import conduct
from tests.here import conduct_here
from tests.pages import read_page

pytestmark = pytest.mark.xdist_group("retraining")

METHODS = {"dense", "one-shot", "fine-tuned", "iterative", "rewound", "rewound-early", "fresh",
           "random", "gradual", "units"}  # fmt: skip


def cell_of(result, task="4-9", seed=1):
    cells = open_run(result.out)._recorded.cells
    return next(c for c in cells if (c.config.task, c.config.seed) == (task, seed))


@pytest.fixture(scope="module")
def trained(result, digits):
    cell = replace(cell_of(result), source=(str(digits), None))
    files = open_run(result.out)._recorded.store.fit_files(cell)
    return read(cell, files)


def test_every_method_has_its_networks_and_its_dense_control(result, settings):
    assert not result.failures
    table = result.tables["retraining"]
    assert set(table["method"]) == METHODS
    once = table[table["method"].isin(["fine-tuned", "rewound", "fresh", "random", "gradual"])]
    counts = once.groupby("method").size()
    assert (counts == 2 * 3 * 2 * 4).all()  # tasks, seeds, sizes, sparsities
    keys = ["task", "seed", "hidden", "steps"]
    dense = set(table.loc[table["method"] == "dense", keys].itertuples(index=False, name=None))
    assert set(table[keys].itertuples(index=False, name=None)) <= dense
    assert not table.duplicated([*keys, "method", "scope", "requested_sparsity"]).any()


def test_exactly_as_many_weights_go_as_were_asked_for(result):
    table = result.tables["retraining"]
    weights = table["hidden"] * 65  # 64 pixels and one output
    rows = (table["method"] != "units") & (table["method"] != "dense")
    exact = rows & table["scope"].eq("global")
    left = weights - np.round(table["requested_sparsity"] * weights)
    np.testing.assert_array_equal(table.loc[exact, "weights"], left[exact])
    units = table[table["method"] == "units"]
    assert (units["weights"] % 65 == 0).all()
    assert (abs(units["achieved_sparsity"] - units["requested_sparsity"]) < 0.13).all()
    achieved = 1 - table["weights"] / weights
    np.testing.assert_allclose(table["achieved_sparsity"], achieved, atol=1e-12)


def test_scores_are_those_of_the_stored_networks(result, trained):
    part = trained.parts[Kind("fine-tuned", "global", 0.9, trained.most)]
    rows = result.tables["retraining"].query(
        "task == '4-9' and seed == 1 and method == 'fine-tuned' and requested_sparsity == 0.9"
    )
    for network, row in zip(part.population, rows.sort_values("hidden").itertuples(), strict=True):
        for data, column in ((trained.split.test, "test_f1"), (trained.split.validation, "val_f1")):
            expected = f1_score(data.y, network(data.x) > 0.5)
            assert getattr(row, column) == pytest.approx(expected, abs=1e-6)


def test_networks_are_what_each_method_says(trained, settings):
    """Against a loop of one network after another: the same start, mask, batches and steps."""
    config_seed, most = 1, trained.most
    split = replace(trained.split, validation=trained.split.validation.none)
    trainer = Trainer(split, settings.batch_size, config_seed, "momentum")
    initial = initialise(grid([32], [LEARNING_RATES["momentum"]], [config_seed]), 64)
    early = trainer(initial, 1, "early")
    dense = trainer(early, settings.epochs - 1, "before")
    stored = trained.dense().population.take([len(trained.dense().population) - 1])
    np.testing.assert_allclose(dense.w1, stored.w1, atol=2e-5)
    pruned = stored.pruned(0.9)
    starts = {"fine-tuned": pruned, "rewound": initial.masked(pruned.masks),
              "rewound-early": early.masked(pruned.masks)}  # fmt: skip
    for method, start in starts.items():
        alone = trainer(start, settings.epochs, "after")
        part = trained.parts[Kind(method, "global", 0.9, most)]
        np.testing.assert_allclose(alone.w1, part.population.w1[-32:], atol=1e-4)
        np.testing.assert_array_equal(alone.w1 != 0, part.population.w1[-32:] != 0)


def test_iterative_pruning_only_ever_takes_weights_away(trained, settings):
    parts = [trained.parts[kind] for kind in trained.parts if kind.method == "iterative"]
    assert [part.kind.sparsity for part in parts] == sorted(settings.sparsity)
    for one, other in pairwise(parts):
        assert not ((other.population.w1 != 0) & (one.population.w1 == 0)).any()
        assert other.kind.steps > one.kind.steps


def test_the_same_networks_come_from_the_same_cell(result, digits):
    cell = replace(cell_of(result, "3-8", 0), source=(str(digits), None))
    store = open_run(result.out)._recorded.store
    assert STUDY.work.train(cell) == store.fit_files(cell)


def test_the_page_names_every_claim_and_shows_its_figure(result):
    page = read_page(result.report)
    assert "lowcap run retraining --dataset" in page
    assert set(result.claims["claim"]) == {claim.id for claim in STUDY.claims}
    for target in result.claims["figure"].unique():
        assert f'<section id="{target}">' in page, target


def test_units_tables_hold_what_judges_read(result):
    units, noise = result.tables["units"], result.tables["removed"]
    assert (units["left_one-shot"] >= 0).all()
    assert len(units) == 2 * 3 * (4 + 32)
    assert set(noise["share"]) == {0.0, 0.25, 0.5, 0.75}
    assert "noise" in result.tables
    shares = result.tables["survivors"]
    assert shares["on_region"].between(0, 10).all()
    random = shares.loc[shares["method"] == "random", "on_region"].mean()
    kept = shares.loc[shares["method"] == "fine-tuned", "on_region"].mean()
    assert kept > random
    assert random == pytest.approx(1, abs=0.35)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sparsity", "1.2"], "--sparsity 1.2: must be above 0 and below 1"),
        (["--sparsity", "0"], "--sparsity 0: must be above 0 and below 1"),
        (["--sparsity", "nan"], "--sparsity nan: must be a finite number"),
        (["--round-share", "1"], "--round-share 1: must be between 0 and 1"),
        (["--round-epochs", "0"], "--round-epochs 0: must be at least 1"),
        (["--hidden", "0"], "--hidden 0: must be at least 1"),
        (["--seeds", "1"], "--seeds 1: must be at least 2"),
        (["--tasks", "4-4"], "4-4"),
    ],
)
def test_impossible_settings_are_one_line(options, message, capsys):
    assert main(["run", "retraining", *options]) != 0
    error = capsys.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) == 1


def test_missing_classes_and_few_images_are_refused(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "few.npz"
    images, labels = rng.integers(0, 255, (60, 8, 8)).astype(np.uint8), np.arange(60) % 3
    np.savez(path, images=images, labels=labels, test_images=images, test_labels=labels)
    with pytest.raises(SettingsError, match="--tasks 4-9: few has no class 4"):
        conduct(STUDY, Settings(dataset=(str(path),), tasks=("4-9",)), tmp_path / "run")
    np.savez(path, images=images, labels=labels, test_images=images[:30], test_labels=labels[:30])
    with pytest.raises(SettingsError, match="10 test images of 0; at least 20"):
        conduct(STUDY, Settings(dataset=(str(path),), tasks=("0-1",)), tmp_path / "run")


def test_few_small_networks_make_a_page_too(digits, tmp_path):
    settings = Settings(dataset=(str(digits),), tasks=("0-1",), hidden=(4,), sparsity=(0.5,),
                        seeds=2, epochs=2, batch_size=64)  # fmt: skip
    found = conduct_here(STUDY, settings, tmp_path / "run")
    assert not found.failures
    assert (found.claims["verdict"] == "not measured").sum() > 20
    assert '<section id="methods-digits">' in found.report.read_text()


def test_a_mask_holds_while_training(trained):
    """The plain statement of what retraining rests on, on the public interface."""
    start = initialise(grid([8], [0.03], [0]), 64).pruned(0.8)
    after = fit(start, trained.split, optimizer="momentum", epochs=2, batch_size=16).population
    np.testing.assert_array_equal(after.w1 != 0, start.w1 != 0)
