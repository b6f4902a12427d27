"""The examples of the docs run, and print what the page says they print."""

import doctest
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(
    str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md") if ">>> " in page.read_text()
)
QUICK = ("reference/verdicts.md", "tutorials/first-network.md", "tutorials/unit.md")
"""Those that take seconds; `make test-long` runs the others."""


def prompted(text: str) -> str:
    """The prompts and outputs of a page, one after the other."""
    blocks = re.findall(r"^```\{?(?:code-block\} )?pycon\n(.*?)^```", text, re.S | re.M)
    return "\n".join(blocks)


def marked(page: str):
    return pytest.param(page, marks=() if page in QUICK else pytest.mark.long)


def test_the_quick_pages_are_there():
    assert set(QUICK) < set(PAGES)


@pytest.mark.parametrize("page", [marked(page) for page in PAGES])
def test_a_page_prints_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = prompted((DOCS / page).read_text())
    example = doctest.DocTestParser().get_doctest(text, {}, page, f"docs/{page}", 0)
    assert example.examples, "prompts outside of a block that is run"
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(example, out=said.append)
    assert runner.failures == 0, "".join(said)
