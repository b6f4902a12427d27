"""The figure of verdicts with their intervals: on which side of the bound things are drawn."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from lowcap.report import forest_figure, styled, summed_up
from lowcap.report.distances import Distance, distance, reach
from lowcap.report.forest import MOST, NARROW, WIDE, bound_words
from lowcap.report.links import claim_id, finding_id
from lowcap.report.palette import FAILED, HELD, INK
from tests.report.test_overview import CONDITIONS, claims_of
from tests.report.told import CLAIMS

INF = np.inf


def row(effect, low, high, start=-INF, end=INF, paper=np.nan, **more):
    return {
        "effect": effect, "low": low, "high": high, "holds_from": start, "holds_to": end,
        "paper_effect": paper, "unit": "", **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (row(3, 2, 5, start=1, paper=4), (2, 1, 4, 3)),  # above 1
        (row(3, 2, 5, end=4, paper=6), (1, -1, 2, -2)),  # below 4, so what is less is better
        (row(0.9, 0.7, 1.0, start=0.8, end=1.25, paper=0.8), (0.1, -0.1, 0.2, 0)),
        (row(1.2, 1.1, 1.3, start=0.8, end=1.25, paper=1.25), (0.05, -0.05, 0.15, 0)),
    ],
)
def test_distances_are_positive_where_the_claim_holds(found, expected):
    assert distance(found) == pytest.approx(expected)


def test_without_effect_or_bound_there_is_no_distance():
    assert distance(row(np.nan, 0, 1, start=0)) is None
    assert distance(row(1, 0, 2, start=np.nan, end=np.nan)) is None


def test_a_row_shows_all_effects_and_at_least_one_interval():
    wild = Distance(-1, -50, 40, np.nan)
    sure = Distance(0.2, -0.5, 3.0, 0.1)
    assert reach([wild]) > 50
    assert 3 < reach([wild, sure]) < 4
    assert reach([Distance(0.2, -INF, INF, 5.0)]) > 5
    assert reach([Distance(0.0, 0.0, 0.0, np.nan)]) == 1


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([row(1, 0, 2, start=0.5)], "above 0.5"),
        ([row(1, 0, 2, end=0.05) | {"unit": "%"}], "below 5 %"),
        ([row(1, 0, 2, start=0.8, end=1.25)], "0.8 to 1.25"),
        ([row(1, 0, 2, start=0, end=0)], "0"),
        ([row(1, 0, 2, start=0), row(1, 0, 2, start=1)], "by part"),
        ([row(np.nan, 0, 2, start=0)], ""),
    ],
)
def test_bounds_are_said_in_few_words(cells, words):
    assert bound_words(cells) == words


def drawn(claims=CLAIMS, **options):
    with styled():
        return forest_figure(claims, "All of it", "a note", {"a": 4}, {"drawn": "A drawing"},
                             **options)  # fmt: skip


def words_of(figure):
    return [text.get_text() for text in figure.drawing.axes[0].texts]


@pytest.mark.parametrize("narrow", [False, True])
def test_every_claim_verdict_and_figure_is_there_and_linked(narrow):
    figure = drawn(narrow=narrow)
    words = words_of(figure)
    assert {"All of it", "a note", "second"} < set(words)
    assert any(one.startswith("✓ holds") for one in words)
    assert any("?" in one and "undecided" in one for one in words)
    targets = {f"#{claim_id('one')}", f"#{claim_id('two')}", "#drawn"}
    targets |= {f"#{finding_id(*key)}" for key in (("one", "a"), ("one", "b"), ("two", "a"))}
    assert set(figure.links) == targets
    linked = {p.get_url() for p in figure.drawing.axes[0].patches if p.get_url()}
    assert linked == targets
    assert figure.links["#finding-one-a"].startswith("holds, 100 % [50 %, 150 %]: a:")
    assert figure.drawing.get_figwidth() == (NARROW if narrow else WIDE)
    assert ("n = 4" in words) != narrow


def test_dots_stand_on_the_side_of_their_verdict():
    claims = CLAIMS.assign(
        effect=[0.5, 0.2, 3.0], low=[0.4, 0.1, 2.0], high=[0.6, 0.3, 4.0], unit="",
        verdict=["holds", "fails", "fails"], holds_from=[0.3, 0.3, -INF], holds_to=[INF, INF, 1.0],
        paper_effect=[0.45, np.nan, np.nan],
    )  # fmt: skip
    axes = drawn(claims, narrow=True).drawing.axes[0]
    lines = [one for one in axes.lines if one.get_marker() == "o" and len(one.get_xdata()) == 1]
    lines = [one for one in lines if to_hex(one.get_color()) in (HELD, FAILED)]
    sides = {}
    for one in lines:
        colour = to_hex(one.get_color())
        sides.setdefault(colour, []).append(one.get_xdata()[0] - NARROW / 2)
    assert all(side > 0 for side in sides[HELD])
    assert len(sides[FAILED]) == 2
    assert all(side < 0 for side in sides[FAILED])
    (paper,) = [
        one for one in axes.lines if one.get_marker() == "D" and to_hex(one.get_mec()) == INK
    ][-1:]
    assert 0 < paper.get_xdata()[0] - NARROW / 2 < max(sides[HELD])


def test_letters_are_never_wider_than_the_drawing():
    for narrow in (False, True):
        figure = drawn(claims_of(CONDITIONS[:2], section="4"), narrow=narrow)
        FigureCanvasAgg(figure.drawing)
        for text in figure.drawing.axes[0].texts:
            box = text.get_window_extent()
            assert box.x0 >= 0
            assert box.x1 <= figure.drawing.bbox.width, text.get_text()


def test_one_condition_a_claim_needs_one_column():
    claims = CLAIMS.iloc[[0, 2]].assign(condition=["exact", "images"])
    words = words_of(drawn(claims))
    assert any(one.endswith("· exact") for one in words)
    assert "exact" not in words


def links_of(figure):
    return set(re.findall(r'<a href="([^"]*)"', figure.inline))


def test_many_conditions_get_a_grid_and_none_nothing():
    few, narrow = summed_up(claims_of(CONDITIONS[:MOST]), "t", {}, [])
    assert few.id == narrow.id == "forest"
    assert len(few.svg) != len(narrow.svg)
    many, narrow = summed_up(claims_of(CONDITIONS), "t", {}, [])
    assert many.id == narrow.id == "overview"
    assert links_of(many) == links_of(narrow) != set()
    assert summed_up(CLAIMS.assign(primary=False), "t", {}, []) == (None, None)


def test_what_the_paper_says_is_said():
    claims = pd.concat([CLAIMS.iloc[:1].assign(paper_value="about 0.01")])
    assert "Paper: about 0.01" in words_of(drawn(claims))
