"""A cell is a fit: its networks are kept and read, so measuring anew trains nothing."""

import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lowcap
from lowcap.errors import RunError, SettingsError
from lowcap.studies.low_capacity.settings import Settings
from lowcap.studies.low_capacity.study import STUDY
from lowcap.studies.measure import Measure
from lowcap.training import portions
from tests.here import conduct_here
from tests.pages import read_page
from tests.undrawn import undrawn

SETTINGS = Settings(
    tasks=("0-1",), protocol=("corrected",), hidden=(2, 4), seeds=2, epochs=2, least_steps=2
)


def counting(monkeypatch):
    """A list that grows with every call of the compiled training loop."""
    calls = []
    compiled = portions.train

    def counted(*arguments):
        calls.append(arguments)
        return compiled(*arguments)

    monkeypatch.setattr(portions, "train", counted)
    return calls


@pytest.fixture
def trainings(monkeypatch):
    return counting(monkeypatch)


def go(out, study=STUDY, **options):
    with undrawn():
        return conduct_here(study, SETTINGS, out, **options)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A first run: its folder, and how often it trained."""
    out = tmp_path_factory.mktemp("measures") / "run"
    with pytest.MonkeyPatch.context() as patch:
        calls = counting(patch)
        go(out)
    return out, len(calls)


@pytest.fixture
def made(first):
    return first[0]


def largest_weight(cell, trained):
    population = trained.fitted.population
    sizes = [np.abs(network.w1).max() for network in population]
    return {"largest": population.keys.assign(largest=sizes)}


def with_measures(**changed):
    measures = dict(STUDY.work.measures) | changed
    names = list(changed)
    return replace(
        STUDY,
        work=replace(STUDY.work, measures=measures),
        wanted=lambda config: [*dict.fromkeys([*STUDY.wanted(config), *names])],
    )


def test_a_first_run_trains_and_a_second_does_not(first, trainings):
    out, count = first
    assert count >= 2
    go(out)
    assert not trainings


def test_a_new_measure_on_an_old_run_trains_nothing(made, trainings):
    result = go(made, with_measures(largest=Measure(largest_weight, ("largest",))))
    assert not trainings
    assert len(result.tables["largest"]) >= 4
    assert list(result.tables["largest"])[:4] == ["study", "protocol", "dataset", "task"]


def test_a_changed_measure_is_taken_anew_and_the_others_stay(made, trainings):
    usual = STUDY.work.measures["pruning"]

    def fewer(cell, trained):
        return {k: t.query("rule == 'global'") for k, t in usual.take(cell, trained).items()}

    before = lowcap.open(made).tables["capacity"]
    result = go(made, with_measures(pruning=Measure(fewer, usual.tables, usual.version + 1)))
    assert not trainings
    assert set(result.tables["pruning"]["rule"]) == {"global"}
    pd.testing.assert_frame_equal(result.tables["capacity"], before)
    assert len(set(go(made).tables["pruning"]["rule"])) > 1  # the old version is still there


def test_claims_alone_compute_what_they_need_and_the_rest_trains_nothing_more(tmp_path, trainings):
    out = tmp_path / "run"
    result = go(out, claims=["graceful"])
    assert set(result.tables) == {"capacity", "pruning", "pruning_blocks"}
    assert set(result.claims["claim"]) == {"graceful"}
    assert "--claims graceful" in read_page(result.report)
    assert len(lowcap.open(out).claims) == len(result.claims)
    count = len(trainings)
    whole = go(out)
    fits = lowcap.open(out).fits
    assert len(trainings) == count * len(fits) // 2  # the two cells of before are not among them
    assert len(set(whole.claims["claim"])) == len(STUDY.claims)
    assert {path.stem for path in (out / "tables").iterdir()} == set(whole.tables)
    (out / "figures" / "notes.txt").write_text("a user's own")
    few = go(out, claims=["graceful"])
    assert {path.stem for path in (out / "tables").iterdir()} == set(few.tables)
    assert [path.name for path in (out / "figures").iterdir()] == ["notes.txt"]
    with pytest.raises(SettingsError, match="unknown claim 'nonsense': choose learning-rate"):
        go(out, claims=["nonsense"])


def test_a_run_opened_gives_its_networks_back(made):
    run = lowcap.open(made)
    assert run.settings == SETTINGS
    capacity = run.tables["capacity"]
    split = lowcap.pair_task("mnist-5k", 0, 1).split(seed=1)
    population = run.population(purpose="everything", seed=1)
    again = lowcap.capacity(population, split)
    expected = capacity.query("seed == 1")
    np.testing.assert_allclose(again["test_f1"], expected["test_f1"])
    np.testing.assert_allclose(again["val_loss"], expected["val_loss"], rtol=1e-5)
    assert run.fits["stored"].all()
    assert len(run.fits) == len(list(made.glob("cells/*.cell")))
    assert run.claims["claim"].nunique() == len(STUDY.claims)


def test_a_run_opened_says_what_is_wrong(made, tmp_path):
    run = lowcap.open(made)
    with pytest.raises(SettingsError, match=r"cells have .* they differ in .*seed"):
        run.population(task="0-1")
    with pytest.raises(SettingsError, match="no cell has"):
        run.population(task="4-9")
    with pytest.raises(SettingsError, match="keeps population"):
        run.population("another seed", purpose="everything", seed=1)
    with pytest.raises(RunError, match="no run here"):
        lowcap.open(tmp_path)


def test_a_run_opened_shows_its_verdicts_with_links_to_its_page(made):
    run = lowcap.open(made)
    page = (made / "report.html").read_text()
    card = run._repr_html_()
    links = re.findall(r"href='([^'#]*)#([^']*)'", card)
    assert len(links) == int(run.claims["primary"].sum()) > 10
    assert {target for target, _ in links} == {(made / "report.html").as_uri()}
    assert all(f'id="{place}"' in page for _, place in links)
    assert f"{len(run)} cells" in repr(run)
    assert len(repr(run)) < 300 + len(str(made))


def test_a_run_without_a_page_says_how_to_make_one(made, tmp_path):
    shutil.copytree(made, tmp_path / "run")
    (tmp_path / "run" / "claims.parquet").write_bytes(b"damaged")
    run = lowcap.open(tmp_path / "run")
    assert "no page yet" in repr(run)
    assert f"lowcap report {tmp_path / 'run'}" in run._repr_html_()


def test_a_finding_is_taken_by_claim_and_condition(made):
    run = lowcap.open(made)
    found = run.finding("minimum-capacity")
    row = run.claims.query("primary and claim == 'minimum-capacity'").iloc[0]
    assert (found.verdict, found.sentence) == (row["verdict"], row["finding"])
    assert repr(found).startswith(f"<Finding minimum-capacity (corrected): {found.verdict}.")
    assert len(repr(found)) < 400
    assert found.condition in found._repr_html_()
    with pytest.raises(SettingsError, match="unknown claim 'size': choose learning-rate"):
        run.finding("size")
    with pytest.raises(SettingsError, match="no condition 'published'; choose corrected"):
        run.finding("minimum-capacity", "published")
