"""The figure of all verdicts, and what its parts lead to on the page."""

import re
from html import unescape
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from lowcap.report import VERDICTS, Figure, Page, Words, number, overview_figure, styled
from lowcap.report.layout import CELLS, MARGIN, WIDTH, columns_of, groups_of
from lowcap.report.links import finding_id, slug
from lowcap.report.overview import LOOKS
from lowcap.report.overview_narrow import WIDTH as NARROW
from lowcap.report.overview_narrow import lines_of, narrow_overview
from lowcap.report.palette import DARK_PAGE, LIGHT_PAGE
from tests.report.test_palette import contrast
from tests.report.told import CLAIMS, Links, drawn

CONDITIONS = [f"{data}, {kind}" for data in ("mnist", "cifar-10") for kind in ("conv 3x3", "wide")]


def claims_of(conditions=CONDITIONS, count=6, section="4.{}") -> pd.DataFrame:
    """A claims table with every verdict and effects of several lengths, and a reading aside."""
    effects = [0.031, -12.5, np.inf, 0.5, np.nan]
    rows = [
        CLAIMS.iloc[0].to_dict()
        | {
            "claim": f"claim-{claim}",
            "section": section.format(claim // 3),
            "statement": f"Statement <{claim}> of some words that have to be broken into two lines",
            "condition": condition,
            "verdict": VERDICTS[(claim + place) % len(VERDICTS)],
            "effect": effects[(claim + place) % len(effects)],
            "unit": "%" if place else "",
            "figure": "",
            "simulations": np.nan,
        }
        for claim in range(count)
        for place, condition in enumerate(conditions)
    ]
    primary = pd.DataFrame(rows)
    other = primary.assign(primary=False, reading="other", verdict="fails", effect=77.0)
    return pd.concat([primary, other], ignore_index=True)


def summed_up(claims: pd.DataFrame, draw=overview_figure, **options) -> Figure:
    with styled():
        return draw(claims, "Where claims travel", **options)


def words_of(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.drawing.axes[0].texts]


def areas_of(figure: Figure) -> dict[str, Rectangle]:
    """The areas that lead somewhere, by where."""
    patches = figure.drawing.axes[0].patches
    return {p.get_url(): p for p in patches if p.get_url() and isinstance(p, Rectangle)}


def inside(area: Rectangle, figure: Figure) -> list[str]:
    """The words written in an area."""
    left, top, width, height = area.get_x(), area.get_y(), area.get_width(), area.get_height()
    found = []
    for text in figure.drawing.axes[0].texts:
        x, y = text.get_position()
        if left <= x <= left + width and top <= y <= top + height:
            found.append(text.get_text())
    return found


@pytest.mark.parametrize("draw", [overview_figure, narrow_overview])
@pytest.mark.parametrize("conditions", [CONDITIONS, ["a", "b", "c", "d"]])
def test_every_primary_cell_tells_its_verdict_by_a_mark_and_its_effect(draw, conditions):
    claims = claims_of(conditions)
    figure = summed_up(claims, draw)
    areas = areas_of(figure)
    for row in claims[claims["primary"]].to_dict("records"):
        area = areas["#" + finding_id(row["claim"], row["condition"])]
        look = LOOKS[row["verdict"]]
        assert to_hex(area.get_facecolor()) == look.area
        effect = number(row["effect"], row["unit"])
        said = [word.replace("\n", " ") for word in inside(area, figure)]
        assert said == [look.mark] + [effect] * (effect != "–")
    assert len({look.mark for look in LOOKS.values()}) == len(VERDICTS) == len(LOOKS)
    assert not any("77" in word for word in words_of(figure))  # of other readings


def test_data_sets_stand_above_their_architectures_and_sections_above_their_claims():
    replicates = dict.fromkeys(CONDITIONS, 10) | {CONDITIONS[0]: 3}
    words = words_of(summed_up(claims_of(), note="On what it rests.", replicates=replicates))
    assert [words.count(name) for name in ("mnist", "cifar-10", "conv 3x3", "wide")] == [1, 1, 2, 2]
    assert (words.count("n = 3"), words.count("n = 10")) == (1, 3)
    assert words.index("Section 4.0") < words.index("Section 4.1")
    assert "On what it rests." in words
    assert set(VERDICTS) <= set(words)  # the legend
    single = words_of(summed_up(claims_of(["published"], section="themes")))
    assert "published" in single
    assert not {"Themes", ""} & set(single)


@pytest.mark.parametrize("count", [1, 3, 9, 12])
def test_cells_of_the_narrow_form_fit_its_width_one_line_a_data_set(count):
    lines = lines_of([f"data {n // 3}, kind {n % 3}" for n in range(count)])
    assert [line.name for line in lines] == [f"data {n}" for n in range(-(-count // 3))]
    for line in lines:
        for one, other in pairwise(line.columns):
            assert other.left >= one.left + one.width - 1e-9
        assert line.columns[-1].left + line.columns[-1].width <= NARROW - MARGIN + 1e-9
    alone = lines_of(["mnist", "own"])
    assert [(line.name, line.columns[0].condition) for line in alone] == [
        ("mnist", "mnist"), ("own", "own"),
    ]  # fmt: skip


def test_the_narrow_form_says_on_how_many_seeds_it_rests():
    replicates = dict.fromkeys(CONDITIONS, 10) | {CONDITIONS[0]: 3}
    figure = summed_up(claims_of(), narrow_overview, note="Seeds.", replicates=replicates)
    assert "n = 3 to 10. Seeds." in words_of(figure)
    heights = [text.get_position()[1] for text in figure.drawing.axes[0].texts]
    assert 0 < min(heights) < max(heights) < figure.drawing.get_figheight()


@pytest.mark.parametrize("count", [1, 3, 9, 12])
def test_columns_fit_the_page_and_do_not_overlap(count):
    columns = columns_of([f"data {n // 3}, kind {n}" for n in range(count)])
    for one, other in pairwise(columns):
        assert other.left >= one.left + one.width - 1e-9
    assert columns[0].left >= WIDTH - MARGIN - CELLS - 1e-9
    assert columns[-1].left + columns[-1].width == pytest.approx(WIDTH - MARGIN)


def test_rows_are_as_high_as_their_statements():
    (wide,) = groups_of(claims_of(count=1), 9.0)
    (narrow,) = groups_of(claims_of(count=1), 1.5)
    assert len(wide.rows[0].lines) == 1
    assert wide.height < narrow.height == narrow.rows[0].height
    assert " ".join(narrow.rows[0].lines) == narrow.rows[0].statement


def test_words_in_cells_can_be_read_in_both_themes():
    themes = {name: (LIGHT_PAGE[name], DARK_PAGE[name]) for name in LIGHT_PAGE}
    by_colour = {light: (light, dark) for light, dark in themes.values()}
    for look in LOOKS.values():
        for area, ink in zip(by_colour[look.area], by_colour[look.ink], strict=True):
            assert contrast(area, ink) >= 4.5


@pytest.fixture
def html():
    claims = claims_of()
    words = Words("Title", "", "", [], [], dict.fromkeys(CONDITIONS, ""), {})
    overview = summed_up(claims).printed()
    page = Page(words, claims, [drawn().printed()], "", "", "", {}, {}, overview)
    return page.html()


def test_links_of_the_overview_lead_to_the_findings_by_name(html):
    links = Links(html)
    assert not links.outside
    led_to = [name for name in links.ids if name.startswith(("finding-", "claim-"))]
    assert len(led_to) == len(set(led_to))
    assert {target[1:] for target in links.targets if target.startswith("#")} <= set(links.ids)
    claims = claims_of()
    primary = claims[claims["primary"]]
    for claim, condition in zip(primary["claim"], primary["condition"], strict=True):
        assert f"#{finding_id(claim, condition)}" in links.targets
        assert f"#claim-{claim}" in links.targets
    names = [
        unescape(name) for name in re.findall(r'<a href="#finding[^>]*aria-label="(.*?)"', html)
    ]
    assert len(names) == len(set(names)) == len(primary)
    first = primary.iloc[0]
    assert names[0] == f"holds, 0.031: {first['condition']}: {first['statement']}"


def test_the_overview_stands_first_and_hides_nothing_from_screen_readers(html):
    main = html[html.index("<main ") :]
    assert main.index('id="overview"') < main.index('id="drawn"') < main.index('id="verdicts"')
    of_overview = main[: main.index('id="conditions"')]
    assert 'role="group"' in of_overview
    assert 'role="img"' not in of_overview
    assert 'href="#overview"' in html[html.index("<nav") : html.index("</nav>")]


def test_verdicts_follow_the_theme_on_the_page_alone(html):
    figure = summed_up(claims_of()).printed()
    assert "fill:var(--holds)" in figure.inline
    assert "fill:var(--undecided-bg)" in figure.inline
    assert "var(--" not in figure.svg


def test_ids_have_no_spaces_and_tell_conditions_apart():
    assert slug("mnist-5k, conv 3x3") == "mnist-5k-conv-3x3"
    assert len({slug(condition) for condition in CONDITIONS}) == len(CONDITIONS)
    assert not re.search(r"\s|[,#]", finding_id("one", "a, b # c"))


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [(-4.05e-5, "", "0"), (0.00352, "", "0.0035"), (-0.131, "", "−0.13"), (1.75, "", "1.75"),
     (0.296, "%", "29.6 %")],
)  # fmt: skip
def test_effects_are_brief(value, unit, words):
    claims = claims_of(CONDITIONS[:1], 1).assign(effect=value, unit=unit, verdict="holds")
    assert words in words_of(summed_up(claims))
