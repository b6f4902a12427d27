import re
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lowcap.report import (
    Figure,
    Page,
    Sketch,
    Words,
    number,
    panels,
    printing,
    rates_sketches,
    styled,
    summed_up,
    tally,
    told_first,
    with_explorer,
)
from lowcap.report.page import interval
from lowcap.report.rates import draw_rates
from lowcap.report.summary import note_of
from lowcap.runs import process_pool
from tests.report.told import CLAIMS, Links, drawn, with_others


@pytest.fixture
def page():
    words = Words(
        "Title & more", "sub", "answer",
        [{"title": "head", "rows": CLAIMS.to_dict("records")[:1]}], ["a note"],
        {"a": "first way", "b": "second way"}, {"n": "2"},
    )  # fmt: skip
    return Page(
        words, CLAIMS, [drawn().printed(), *(one.printed() for one in rates_sketches(CLAIMS))],
        "lowcap run x", "lowcap report y", "lowcap calibrate x", {"epochs": "3"},
        {"versions": {"jax": "1"}},
    )  # fmt: skip


def test_page_is_self_contained_and_its_links_lead_somewhere(page):
    links = Links(page.html())
    assert not links.outside
    inside = {target[1:] for target in links.targets if target.startswith("#")}
    assert inside <= set(links.ids)
    assert len(links.ids) == len(set(links.ids))
    assert "#drawn" in links.targets


def test_page_leads_to_the_one_to_play_with_where_there_is_one(page):
    alone, beside = page.html(), replace(page, explorer=True).html()
    assert "explorer.html" not in alone
    assert "explorer.html" in Links(beside).targets
    assert with_explorer(alone) == beside


def test_page_escapes_what_it_is_given(page):
    html = page.html()
    assert "&lt;b&gt;first&lt;/b&gt;" in html
    assert "Title &amp; more" in html


@pytest.mark.parametrize("count", [3, 4])
def test_many_conditions_stand_in_a_list_of_their_own(page, count):
    rows = [CLAIMS.iloc[0].to_dict() | {"condition": f"way {n}"} for n in range(count)]
    html = replace(
        page, words=replace(page.words, headlines=[{"title": "head", "rows": rows}])
    ).html()
    many = html.count("<span>way ")
    assert (many, html.count('<ul class="verdicts many">')) == ((4, 1) if count > 3 else (0, 0))


def test_drawings_follow_the_theme_inline_but_not_as_files(page):
    figure = page.figures[0]
    assert "var(--ink)" in figure.inline
    assert "var(--" not in figure.svg
    assert figure.png.startswith(b"\x89PNG")
    assert re.search(r"<text[^>]*>axes</text>", figure.svg)
    assert re.search(r'^<svg [^>]*style="--width:288pt">', figure.inline)  # 4 inches


def test_drawings_on_the_page_are_short_but_keep_their_words():
    with styled():
        drawing, grid = panels(1, 1, (4, 3))
        grid[0][0].plot([1, 2], [3, 4])
        grid[0][0].set_title("0.123456 of  all")
        grid[0][0].set_ylabel("upwards")
    figure = Figure("drawn", "A drawing", "What it shows", drawing).printed()
    assert "0.123456 of  all" in figure.inline
    assert not re.search(r' (?:d|x|y)="[^"]*\.\d{3}', figure.inline)
    assert re.search(r' d="[^"]*\.\d{3}', figure.svg)
    assert "rotate(-0 " in figure.svg
    assert re.findall(r"rotate\((\S+) ", figure.inline) == ["-90"]
    assert len(figure.inline) < 0.8 * len(figure.svg)


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
        "0.123", "−2", "more than was tried", "less than was tried", "–", "beyond measure",
        "about 0",
    ]  # fmt: skip
    assert number(0.503, "%") == "50.3 %"


@pytest.mark.parametrize(
    ("low", "high", "unit", "words"),
    [
        (-np.inf, np.inf, "", "no interval: one seed"),
        (-np.inf, 2.0, "", "up to 2"),
        (3.0, np.inf, "", "3 or more"),
        (0.01, 0.02, "%", "[1 %, 2 %]"),
        (np.nan, np.nan, "", ""),
    ],
)
def test_intervals_are_finite_words(low, high, unit, words):
    assert interval({"low": low, "high": high, "unit": unit}) == words


def test_nothing_on_the_page_is_infinite(page):
    words = re.sub(r"<svg.*?</svg>|<style.*?</style>|<script.*?</script>", "", page.html(),
                   flags=re.DOTALL)  # fmt: skip
    assert not re.search(r"\b(inf|nan)\b|∞|\d{12}", words, flags=re.IGNORECASE)


def test_primary_verdicts_stand_first_and_others_are_folded(page):
    claims = pd.concat([CLAIMS, CLAIMS.assign(primary=False, reading="other", verdict="fails")])
    html = replace(page, claims=claims).html()
    article = html[html.index('id="claim-one"') : html.index('id="claim-two"')]
    assert article.startswith('id="claim-one">\n  <summary>')
    primary, _, folded = article.partition('<details class="others">')
    assert primary.count('class="finding primary"') == 2
    assert "2 other readings: 2 fails" in folded
    assert 'class="finding primary"' not in folded
    assert "these are the 3 primary verdicts" in html
    assert "could be tested and 1 is decided" in html


def test_each_verdict_shows_its_control_rates_units_and_look(page):
    html = page.html()
    assert "For comparison: untrained 7.65." in html
    assert "“holds” 2.0 %, “fails” 1.0 % of simulated runs" in html
    assert "[50 %, 150 %]" in html
    assert "Seen at look 2 of 4" in html
    assert 'href="#calibration"' in html
    assert "1 of their judges were tried" in html
    assert 'calibrate</span> <span class="whole">x</span></code> tries the others' in html
    bare = replace(page, claims=CLAIMS.assign(simulations=np.nan), figures=page.figures[:1]).html()
    assert "has not been tried yet" in bare
    assert "#calibration" not in bare


def test_the_figure_of_rates_says_what_misses():
    missed = CLAIMS.assign(simulations=400, false_holds=[0.02, 0.2, 0.0], false_fails=0.01)
    assert "None errs more often" in draw_rates(CLAIMS).caption
    assert "1 of 6 rates lie above it" in draw_rates(missed).caption
    with styled():
        figure = draw_rates(missed)
    assert [axes.get_title(loc="left") for axes in figure.drawing.axes] == ["a", "b"]
    assert all(axes.get_xlim()[0] == 0 for axes in figure.drawing.axes)
    labels = [label.get_text() for label in figure.drawing.axes[0].get_yticklabels()]
    assert labels == ["one", "two"]


def test_claims_about_other_data_stand_in_one_list(page):
    claims = with_others()
    html = replace(page, claims=claims).html()
    assert "2 claims speak of handwritten digits and are not judged here" in html
    assert "2 claims, one by one" in html
    assert html.count("about other data") == 0
    assert html.count("of fours") == html.count("of nines") == 1
    assert 'data-verdict="not-measured"' in html
    assert tally(claims) == tally(CLAIMS)
    assert "claims, one by one" in page.html()
    assert "All 2 claims" in page.html()
    links = Links(html)
    assert {"claim-fours", "claim-nines"} <= set(links.ids)
    assert len(set(links.ids)) == len(links.ids)


def test_claims_about_other_data_are_counted_below_the_figure_of_verdicts():
    of_claims, _ = summed_up(with_others(), "Title", {}, [])
    assert of_claims is not None
    targets = re.findall(r'<a href="([^"]*)"', of_claims.inline)
    assert targets
    assert not any("fours" in target for target in targets)
    left_out = "Not drawn: 2 claims speak of handwritten digits and are not judged here."
    assert note_of(with_others()).endswith(left_out)
    assert note_of(CLAIMS).endswith("shown.")
    alone, _ = summed_up(with_others().iloc[3:], "Title", {}, [])
    assert alone is None


def test_headlines_are_chosen_among_what_was_judged():
    wanted = {"None": "two", "Some": "one", "Nothing": "fours"}
    assert told_first(with_others(), wanted) == {"Some": "one"}
    assert told_first(CLAIMS, {"A": "one", "B": "one"}, count=1) == {"A": "one"}


def test_a_figure_quotes_the_findings_of_its_claims(page):
    claims = page.claims.assign(finding=["first finding", "second finding", "third finding"])
    text = replace(page, claims=claims).html()
    of_figure = text[text.index('<section id="drawn"') : text.index('<section id="calibration"')]
    assert '<a href="#claim-one">' in of_figure
    for words in ("a: holds</span> {}first finding", "b: undecided</span> {}second finding"):
        assert words.format('<span class="telling">') in of_figure
    assert "third finding" not in of_figure
    claims.loc[0, "verdict"] = "not measured"
    text = replace(page, claims=claims).html()
    of_figure = text[text.index('<section id="drawn"') : text.index('<section id="calibration"')]
    assert "first finding" not in of_figure


def test_the_page_says_what_the_paper_said_in_its_words_or_marked_as_ours(page):
    html = page.html()
    assert "“its &lt;own&gt; words”" in html
    assert "Abstract, in the paper's words" in html
    assert "The paper's number: about 1." in html
    for place, url, does in (
        ("a.py, line 1", "https://example.org/a", "halves it;"),
        ("b.py, line 2", "https://example.org/b", "halves it again."),
    ):
        assert f'<a href="{url}">{place}</a> {does}' in html
    rows = CLAIMS.assign(quote="").to_dict("records")[:1]
    words = replace(page.words, headlines=[{"title": "head", "rows": rows}])
    ours = replace(page, words=words).html()
    assert "&lt;b&gt;first&lt;/b&gt; <small>Section 4, in our words</small>" in ours


def test_words_are_explained_once_and_listed(page):
    claims = page.claims.assign(finding="F1 and F1 again")
    html = replace(page, claims=claims).html()
    assert html.count('href="#word-f1"') == 1
    assert '<div id="word-f1"' in html
    assert "word-cka" not in html


def test_figures_come_before_the_list_of_claims(page):
    html = page.html()
    assert html.index('<section id="drawn"') < html.index('<section id="verdicts"')


def test_a_card_says_what_its_numbers_are(page):
    rows = CLAIMS.assign(statistic="points lost, all in all; jackknife over seeds")
    both = rows.to_dict("records")[:2]
    for other, words in (
        ("points", "The number for “b”: points."),
        ("", "The numbers: points lost, all in all."),
    ):
        found = [both[0], both[1] | ({"statistic": other} if other else {})]
        shown = replace(page.words, headlines=[{"title": "head", "rows": found}])
        assert words in replace(page, words=shown).html()
    assert "jackknife" not in replace(page, words=shown).html().partition('class="answer"')[0]
