"""The examples of README and tutorials run, and print what the page says they print."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIALS = sorted(path.stem for path in (ROOT / "docs" / "tutorials").glob("*.md"))


def prompted(text: str) -> str:
    """The prompts and outputs of a page, one after the other."""
    blocks = re.findall(r"^```\{?(?:code-block\} )?pycon\n(.*?)^```", text, re.S | re.M)
    return "\n".join(blocks)


@pytest.mark.parametrize("name", [name for name in TUTORIALS if name != "index"])
def test_a_tutorial_prints_what_it_says(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = prompted((ROOT / "docs" / "tutorials" / f"{name}.md").read_text())
    example = doctest.DocTestParser().get_doctest(text, {}, name, f"docs/tutorials/{name}.md", 0)
    assert example.examples, "a tutorial without an example"
    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(example, out=said.append)
    assert runner.failures == 0, "".join(said)
