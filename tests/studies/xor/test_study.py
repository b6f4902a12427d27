"""The study as a whole, few runs and two small convolutional seeds on the built-in data."""

import re

import numpy as np
import pytest

from lowcap.errors import SettingsError
from lowcap.studies.study import conduct
from lowcap.studies.xor import plan
from lowcap.studies.xor.settings import Settings
from lowcap.studies.xor.study import STUDY
from tests.here import conduct_here
from tests.pages import read_page


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    settings = Settings(dataset="mnist-5k", hidden=(2, 120), runs=100, images=100, seeds=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "POINTS", (2, 16))
        patch.setattr(plan, "DIVERSITY", (0.98,))
        patch.setattr(plan, "GAMMAS", (1.0, 8.0))
        patch.setattr(plan, "FILTERS", plan.FILTERS[:1])
        patch.setattr(plan, "REPEATS", 2)
        patch.setattr(plan, "FITTED_SEEDS", 1)
        yield conduct_here(STUDY, settings, tmp_path_factory.mktemp("xor") / "run")


def test_every_table_is_there(result):
    assert not result.failures
    assert set(result.tables) == {
        "frequencies", "starts", "angles", "filters", "compression", "compression_blocks",
        "conv_angles", "conv_filters",
    }  # fmt: skip
    table = result.tables["frequencies"]
    assert (table["perfect"] + table["fit_and_wrong"] <= table["runs"]).all()
    assert (table["converged"] <= table["runs"]).all()
    assert (table["found_perfect"] <= table[["found", "perfect"]].min(axis=1)).all()
    starts = result.tables["starts"]
    assert len(starts) == 8**4
    assert set(starts["runs"]) == {2}
    errors = result.tables["compression"]
    assert set(errors["problem"]) == {"mnist-5k"}
    assert set(errors["network"]) == set(plan.NETWORKS)
    keys = ["fitted", "seed", "network"]
    blocks = result.tables["compression_blocks"].groupby(keys)[["mistakes", "tested"]].sum()
    expected = errors.set_index(keys)["test_error"]
    measured = (blocks["mistakes"] / blocks["tested"]).loc[expected.index]
    assert np.allclose(measured, expected)


def test_every_claim_has_a_verdict_and_a_figure(result):
    assert len(set(result.claims["claim"])) == 8
    page = read_page(result.report)
    for target in set(result.claims["figure"]):
        assert f'<section id="{target}">' in page
    assert re.search(r"a million runs at k = 2, any d</dt><dd>[\d,]+ core-seconds", page)
    assert "never reach zero loss" in page
    assert "lowcap run xor --dataset mnist-5k" in page


def test_impossible_settings_are_refused():
    for wrong in ({"hidden": ()}, {"hidden": (0,)}, {"runs": 0}, {"images": 0}, {"seeds": 0}):
        with pytest.raises(SettingsError):
            Settings(**wrong)
    with pytest.raises(SettingsError, match="--images 5"):
        conduct(STUDY, Settings(dataset="mnist-5k", images=5), "unused")
