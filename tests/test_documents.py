"""The Python in README and CONTRIBUTING runs."""

import re
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
    assert set(names["table"]["hidden"]) == {"16-16"}


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
