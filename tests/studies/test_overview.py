"""A study's figure of all verdicts: drawn after judging, first on the page, not of a few claims."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lowcap.report import overview_figure
from lowcap.studies import NAMES
from lowcap.studies.study import conduct
from tests.claims import toy


def overview(claims, replicates):
    return overview_figure(claims, "All of it", replicates=replicates)


@pytest.fixture
def go(tmp_path, monkeypatch):
    monkeypatch.setitem(NAMES, "toy", "tests.claims.toy")

    def conducted(study, **options):
        with ThreadPoolExecutor(1) as executor:
            return conduct(
                study, toy.Settings(), tmp_path / "run", workers=1, executor=executor, **options
            )

    return conducted


def test_the_overview_is_drawn_of_whole_runs_alone(go):
    study = replace(toy.STUDY, overview=overview)
    page = go(study, claims=["easy-claim"]).report.read_text()
    assert 'id="overview"' not in page
    result = go(study)
    page = result.report.read_text()
    assert page.index('<section id="overview"') < page.index('<section id="verdicts"')
    assert "n = 4" in (result.out / "figures" / "overview.svg").read_text()
    assert (result.out / "figures" / "overview.png").exists()
    for row in result.claims[result.claims["primary"]].to_dict("records"):
        anchor = f"finding-{row['claim']}-{row['condition']}"
        assert page.count(f'id="{anchor}"') == page.count(f'href="#{anchor}"') == 1


def test_studies_without_an_overview_have_none(go):
    result = go(toy.STUDY)
    assert 'id="overview"' not in result.report.read_text()
    assert not (result.out / "figures" / "overview.svg").exists()
