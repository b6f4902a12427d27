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
