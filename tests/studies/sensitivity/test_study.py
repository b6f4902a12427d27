"""The study as a whole on the built-in data, small; and taken up again after an interruption."""

import shutil
from dataclasses import replace

import pandas as pd
import pytest

from lowcap.errors import SettingsError
from lowcap.studies.sensitivity import settings as module
from lowcap.studies.sensitivity.plan import configurations, plan
from lowcap.studies.sensitivity.settings import SCALES, Settings
from lowcap.studies.sensitivity.study import STUDY
from lowcap.studies.study import conduct

TINY = replace(
    SCALES["quick"], widths=(64,), depths=(1,), factor_depths=(1,), optimizers=("adam",), seeds=2,
    images=60, tests=300, ellipse_depths=(2,), epochs=40, full_batch_steps=60,
)  # fmt: skip


pytestmark = pytest.mark.xdist_group(
    "studies-sensitivity-test_study"
)  # one worker: the run is made once


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(module.SCALES, "quick", TINY)
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
    assert networks["epochs"].gt(0).mean() > 0.5


def test_every_claim_has_a_verdict_and_a_figure(result):
    assert len(set(result.claims["claim"])) == 8
    page = result.report.read_text()
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
    resumed = conduct(STUDY, Settings(dataset=("mnist-5k",)), again, workers=1)
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(table, resumed.tables[name])


def test_scales_grow_and_no_cell_is_planned_twice():
    counts = {}
    for name in ("quick", "default", "paper"):
        settings = Settings(dataset=("a", "b"), scale=name)
        cells = plan(settings, [STUDY_DATA("a"), STUDY_DATA("b")])
        assert len({cell.fingerprint for cell in cells}) == len(cells)
        counts[name] = sum(c.seeds for c in dict.fromkeys(configurations(settings.chosen, "a")))
    assert counts["quick"] < 100 < counts["default"] < 1000 < 2 * counts["paper"]
    assert Settings(dataset=("mnist-5k",)).chosen == SCALES["quick"]
    assert Settings().chosen == SCALES["default"]
    assert Settings(images=77).chosen.images == 77


def STUDY_DATA(name):
    from lowcap.data import DataReference

    return DataReference(name, f"sha of {name}")


def test_impossible_settings_are_refused():
    for wrong in ({"dataset": ()}, {"images": 0}, {"seeds": 0}):
        with pytest.raises(SettingsError):
            Settings(**wrong)
    with pytest.raises(SettingsError, match="cannot draw 99999"):
        conduct(STUDY, Settings(dataset=("mnist-5k",), images=99999), "unused")
