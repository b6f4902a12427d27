"""The Python in README and CONTRIBUTING runs; what the documents name is there."""

import re
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def blocks(name: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(), re.S)


def test_the_readmes_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in blocks("README.md"):
        exec(block.replace("epochs=100", "epochs=3"), names)
    assert len(names["scores"]) == 50
    assert (names["tuned"].population.zeros_each() >= names["sparse"].zeros_each()).all()
    assert (tmp_path / "networks.safetensors").exists()


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


def pages() -> list[Path]:
    """Every document that is written by hand."""
    made = {ROOT / "docs" / "gallery", ROOT / "docs" / "reference" / "generated"}
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return [page for page in found if not made & set(page.parents)]


def targets(text: str) -> list[str]:
    """The files that a page in Markdown links to, shows or includes."""
    text = re.sub(r"^```(?!\{).*?^```", "", text, flags=re.S | re.M)  # no links in code
    linked = re.findall(r"\]\(([^)\s]+)\)", text)
    downloads = re.findall(r"\{download\}`[^<`]*<([^>]+)>`", text)
    return [target.split("#")[0] for target in (*linked, *downloads)]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_is_there(page):
    for target in targets(page.read_text()):
        if target.startswith(("http://", "https://")) or not target:
            continue
        if target.startswith(("../gallery", "../reference/generated", "generated/")):
            continue  # made when the docs are built, where Sphinx checks them
        assert (page.parent / target).exists(), f"{page.name} names {target}"


def test_the_package_runs_as_a_module(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["lowcap", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("lowcap", run_name="__main__")
    assert ended.value.code == 0
    assert "lowcap small" in capsys.readouterr().out


def test_a_citation_names_every_paper_that_has_a_study():
    from lowcap.studies import NAMES

    text = (ROOT / "CITATION.cff").read_text()
    cited = set(re.findall(r"arXiv:(\d{4}\.\d{5})", text))
    folders = ROOT / "src" / "lowcap" / "studies"
    papers = {
        number
        for name in NAMES
        for number in re.findall(
            r"arXiv (\d{4}\.\d{5})", (folders / name.replace("-", "_") / "settings.py").read_text()
        )
    }
    assert papers <= cited
    assert "2507.16278" in papers


def test_the_measure_in_contributing_is_one(split):
    from lowcap.networks import grid, initialise

    names: dict = {}
    for block in blocks("CONTRIBUTING.md"):
        exec(block, names)
    population = initialise(grid([2, 3]), split.train.x.shape[1])
    table = names["doubt"](population, split)
    assert list(table) == ["hidden", "learning_rate", "seed", "label", "entropy"]
    assert table["entropy"].between(0, 1).all()
    assert len(table) == 4
    with pytest.raises(KeyError):
        names["gain"]({})
    assert names["CLAIM"].readings[0].judge is names["gain"]


def test_the_study_in_contributing_runs(tmp_path, monkeypatch):
    """Its functions have no module to be sent by, so that one thread computes its cell."""
    import sys
    import types
    from concurrent.futures import ThreadPoolExecutor

    from lowcap.studies.study import conduct

    module = types.ModuleType("contributed")
    monkeypatch.setitem(sys.modules, "contributed", module)  # where dataclasses look for types
    for block in blocks("CONTRIBUTING.md"):
        exec(block.replace("epochs=20", "epochs=3"), module.__dict__)
    with ThreadPoolExecutor(1) as executor:
        settings = module.Settings(seeds=3)
        result = conduct(module.STUDY, settings, tmp_path / "run", executor=executor, workers=1)
    assert not result.failures
    assert len(result.tables["capacity"]) == 2 * 3
    (row,) = result.claims.to_dict("records")
    assert (row["claim"], row["condition"]) == ("wider-is-better", "mnist-5k")
    assert row["finding"].startswith("64 units have")
    page = result.report.read_text()
    assert "wider on mnist-5k" in page
    assert "Whether wider networks classify better." in page
