"""A study's figure of all verdicts: drawn after judging, first on the page, not of a few claims."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lowcap.studies import NAMES
from lowcap.studies.study import conduct
from tests.claims import toy


@pytest.fixture
def go(tmp_path, monkeypatch):
    monkeypatch.setitem(NAMES, "toy", "tests.claims.toy")

    def conducted(study, **options):
        with ThreadPoolExecutor(1) as executor:
            return conduct(
                study, toy.Settings(), tmp_path / "run", workers=1, executor=executor, **options
            )

    return conducted


def test_all_verdicts_are_drawn_of_whole_runs_alone(go):
    page = go(toy.STUDY, claims=["easy-claim"]).report.read_text()
    assert 'id="forest"' not in page
    result = go(toy.STUDY)
    page = result.report.read_text()
    assert page.index('<section id="forest"') < page.index('<section id="verdicts"')
    drawn = (result.out / "figures" / "forest.svg").read_text()
    assert "n = 4" in drawn
    assert page.count("<svg") == 2  # for wide screens and for narrow ones
    assert (result.out / "figures" / "forest.png").exists()
    assert not (result.out / "figures" / "forest-narrow.svg").exists()
    for row in result.claims[result.claims["primary"]].to_dict("records"):
        anchor = f"finding-{row['claim']}-{row['condition']}"
        assert page.count(f'id="{anchor}"') == 1
        assert page.count(f'href="#{anchor}"') == 2
