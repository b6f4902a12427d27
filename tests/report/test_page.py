import re
from contextlib import nullcontext
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from lowcap.report import Figure, Page, Sketch, number, panels, printing, styled, tally
from lowcap.runs import process_pool

CLAIMS = pd.DataFrame(
    {
        "claim": ["one", "one", "two"],
        "condition": ["a", "b", "a"],
        "reading": "",
        "primary": True,
        "section": "4",
        "statement": ["<b>first</b>", "<b>first</b>", "second"],
        "statistic": "s",
        "bound": "above 0",
        "effect": [1.0, -0.5, np.nan],
        "low": [0.5, -np.inf, np.nan],
        "high": [1.5, np.inf, np.nan],
        "verdict": ["holds", "undecided", "not measured"],
        "finding": "f",
        "part": "",
        "control": ["untrained 7.65", "", ""],
        "false_holds": [0.02, np.nan, np.nan],
        "false_fails": [0.01, np.nan, np.nan],
        "power_holds": [0.9, np.nan, np.nan],
        "power_fails": np.nan,
        "figure": ["drawn", "drawn", ""],
    }
)


def drawn():
    with styled():
        drawing, grid = panels(1, 1, (4, 3))
        grid[0][0].plot([1, 2], [3, 4])
        grid[0][0].set_title("axes")
    return Figure("drawn", "A drawing", "What it shows", drawing)


@pytest.fixture
def page():
    return Page(
        "Title & more", "sub", "answer",
        [{"title": "head", "rows": CLAIMS.to_dict("records")[:1]}], ["a note"],
        {"a": "first way", "b": "second way"},
        CLAIMS, [drawn().printed()], "lowcap run x", "lowcap report y", {"epochs": "3"},
        {"versions": {"jax": "1"}}, {"n": "2"},
    )  # fmt: skip


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.targets, self.outside = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name == "href" and tag == "a":
                self.targets.append(value)
            if name in ("src", "href") and not value.startswith("#"):
                self.outside.append(value)


def test_page_is_self_contained_and_its_links_lead_somewhere(page):
    links = Links(page.html())
    assert not links.outside
    assert {target[1:] for target in links.targets} <= set(links.ids)
    assert "#drawn" in links.targets


def test_page_escapes_what_it_is_given(page):
    html = page.html()
    assert "&lt;b&gt;first&lt;/b&gt;" in html
    assert "Title &amp; more" in html


def test_drawings_follow_the_theme_inline_but_not_as_files(page):
    figure = page.figures[0]
    assert "var(--ink)" in figure.inline()
    assert "var(--" not in figure.svg
    assert figure.png.startswith(b"\x89PNG")
    assert re.search(r"<text[^>]*>axes</text>", figure.svg)


def test_drawings_are_reproducible(page):
    assert drawn().printed() == page.figures[0]


def line_figure(tables, name):
    drawing, grid = panels(1, 1, (4, 3))
    grid[0][0].plot(tables[name]["x"])
    return Figure(name, "A drawing", f"Of {name}.", drawing)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_sketches_are_drawn_in_order_here_or_elsewhere(elsewhere):
    tables = {name: pd.DataFrame({"x": [1, 2]}) for name in ("one", "two", "three")}
    sketches = [Sketch(line_figure, tables, (name,), remark=" Indeed.") for name in tables]
    with (
        process_pool(1) if elsewhere else nullcontext() as pool,
        printing(sketches, pool) as finished,
    ):
        figures = finished()
    assert [figure.id for figure in figures] == list(tables)
    assert figures[0].caption == "Of one. Indeed."
    assert figures == [sketch.printed() for sketch in sketches]


def test_tally_and_numbers():
    counts = {"holds": 1, "fails": 0, "undecided": 0, "not measurable this way": 0}
    assert tally(CLAIMS)["a"] == counts | {"not measured": 1}
    second = CLAIMS.assign(primary=[False, True, True])
    assert tally(second)["a"] == counts | {"holds": 0, "not measured": 1}
    assert [number(v) for v in (0.12345, -2.0, np.inf, -np.inf, np.nan, 1.8e306, -3e-9)] == [
        "0.123", "−2", "∞", "−∞", "–", "beyond measure", "about 0",
    ]  # fmt: skip
