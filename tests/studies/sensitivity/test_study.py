"""The study as a whole on the built-in data, small; and taken up again after an interruption."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lowcap.data import DataReference, load_dataset
from lowcap.errors import SettingsError
from lowcap.studies.sensitivity import compute as compute_module
from lowcap.studies.sensitivity import plan as plan_module
from lowcap.studies.sensitivity import settings as module
from lowcap.studies.sensitivity.compute import weights_seed
from lowcap.studies.sensitivity.layout import KIND, fitted
from lowcap.studies.sensitivity.plan import plan
from lowcap.studies.sensitivity.settings import SCALES, Settings
from lowcap.studies.sensitivity.study import STUDY
from lowcap.studies.study import conduct
from tests.pages import read_page
from tests.undrawn import undrawn

TINY = replace(
    SCALES["quick"], widths=(64,), depths=(1,), factor_depths=(1,),
    optimizers=("momentum",), samples=2,
    images=60, tests=300, ellipse_depths=(2,), epochs=80, updates=80,
)  # fmt: skip


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(module.SCALES, "quick", TINY)
        patch.setattr(plan_module, "OTHERS", ("hard tanh",))
        settings = Settings(dataset=("mnist-5k",))
        out = tmp_path_factory.mktemp("sensitivity") / "run"
        yield conduct(STUDY, settings, out, workers=1)


def test_every_table_is_there_and_tells_networks_apart(result):
    assert not result.failures
    assert set(result.tables) == {"networks", "points", "ellipses", "curves", "regions"}
    networks = result.tables["networks"]
    keys = list(networks.columns[: networks.columns.get_loc("seed") + 1])
    assert not networks.duplicated(keys).any()
    assert {"true", "random"} == set(networks["labels"])
    assert fitted(networks).mean() > 0.5
    short = networks[networks["length"] == "short"]
    assert set(short["batch"]) == {"100", "full"}
    assert set(short["updates"]) == {80}


def test_training_samples_are_replicates(result):
    """Each sample has its own images, initial weights, test images and ellipses."""
    networks, points = result.tables["networks"], result.tables["points"]
    sides = [networks[networks["sample"] == number].reset_index(drop=True) for number in (0, 1)]
    pd.testing.assert_frame_equal(sides[0][list(KIND)], sides[1][list(KIND)])
    for quantity in ("untrained_norm", "jacobian_norm", "test_loss"):
        assert (sides[0][quantity] != sides[1][quantity]).all()
    ellipses = result.tables["ellipses"].query("state == 'untrained'")
    norms = ellipses.pivot_table(index=["ellipse", "replicate"], columns="sample", values="norm")
    assert (norms[0] != norms[1]).all()
    losses = points.pivot_table(index=["learning_rate", "point"], columns="sample", values="loss")
    assert (losses[0] != losses[1]).mean() > 0.9
    assert weights_seed(0, 1) != weights_seed(1, 0)


def test_another_sample_has_another_order_of_batches(monkeypatch):
    orders = []

    def record(*arguments, order, **settings):
        orders.append(order)
        raise InterruptedError

    monkeypatch.setattr(compute_module, "fit", record)
    dataset = load_dataset("mnist-5k")
    settings = Settings(dataset=("mnist-5k",), images=50, samples=3)
    reference = DataReference(dataset.name, dataset.sha256, ("mnist-5k", None))
    for cell in plan(settings, [reference])[:3]:
        with pytest.raises(InterruptedError):
            compute_module.train(cell)
    assert len({order.tobytes() for order in orders}) == 3
    for order in orders:
        np.testing.assert_array_equal(np.sort(order, axis=1)[0], np.arange(50))


def test_more_samples_add_cells_and_keep_those_that_are_there():
    few, more = (
        {
            cell.fingerprint
            for cell in plan(Settings(dataset=("a",), samples=count), [STUDY_DATA("a")])
        }
        for count in (2, 3)
    )
    assert few < more
    assert 2 * len(more) == 3 * len(few)


def test_every_claim_has_a_verdict_and_a_figure(result):
    assert len(set(result.claims["claim"])) == 8
    page = read_page(result.report)
    for target in set(result.claims["figure"]):
        assert f'<section id="{target}">' in page
    assert "Ours, not the paper&#39;s" in page
    assert "<h1>Sensitivity and generalization on mnist-5k</h1>" in page
    assert "lowcap run sensitivity --dataset mnist-5k" in page


def test_taken_up_again_it_gives_the_same_tables(result, tmp_path):
    again = tmp_path / "run"
    shutil.copytree(result.out, again)
    folders = sorted(path for path in (again / "cells").iterdir() if path.is_dir())
    for folder in folders[::3]:
        shutil.rmtree(folder)
    with undrawn():
        resumed = conduct(STUDY, Settings(dataset=("mnist-5k",)), again, workers=1)
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(table, resumed.tables[name])


def test_scales_grow_and_no_cell_is_planned_twice():
    counts = {}
    for name in ("quick", "default", "paper"):
        settings = Settings(dataset=("a", "b"), scale=name)
        cells = plan(settings, [STUDY_DATA("a"), STUDY_DATA("b")])
        assert len({cell.fingerprint for cell in cells}) == len(cells)
        counts[name] = len(cells)
    assert counts["quick"] < counts["default"] < counts["paper"]
    assert Settings(dataset=("mnist-5k",)).effective_scale == SCALES["quick"]
    assert Settings().effective_scale == SCALES["default"]
    changed = Settings(images=77, samples=3, seeds=2).effective_scale
    assert (changed.images, changed.samples, changed.seeds) == (77, 3, 2)


def test_no_sample_no_verdict():
    settings = Settings(dataset=("mnist-5k",), samples=1)
    assert {cell.config.sample for cell in plan(settings, [STUDY_DATA("mnist-5k")])} == {0}


def STUDY_DATA(name):
    return DataReference(name, f"sha of {name}")


def test_impossible_settings_are_refused():
    with pytest.raises(SettingsError, match="--dataset"):
        Settings(dataset=())
    for name in ("images", "samples", "seeds"):
        for value in (0, -1):
            with pytest.raises(SettingsError, match=f"--{name} {value}: must be at least 1"):
                Settings(**{name: value})  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="cannot draw 99999"):
        conduct(STUDY, Settings(dataset=("mnist-5k",), images=99999), "unused")
