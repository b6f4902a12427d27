"""The page in a real browser: links open what is folded, filters leave nothing empty, it fits a
telephone, and axe-core finds nothing to mend."""

import os
import tarfile
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from lowcap.report import Page, Words, headlines, rates_sketches, summed_up
from tests.report.test_overview import claims_of
from tests.report.told import CLAIMS, drawn


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A page with everything that a page can have."""
    shown = CLAIMS.assign(figure="drawn", statement="A statement of some words")
    more = claims_of(["a", "b"]).assign(figure="drawn", finding="F1 fell by 0.1 for 2 seeds.")
    claims = pd.concat([shown, more], ignore_index=True)
    figures = [drawn().printed(), *(one.printed() for one in rates_sketches(CLAIMS))]
    wide, narrow = summed_up(claims, "A title", {"a": 4, "b": 5}, figures)
    words = Words(
        "A title", "What it is about.", "What was found.", headlines(claims, {"A head": "one"}),
        ["A note."], {"a": "The first way.", "b": "The second way."}, {"networks": "2"},
        source="https://example.org",
    )  # fmt: skip
    page = Page(
        words, claims, figures, "lowcap run x " + "--option " * 40, "lowcap report y",
        "lowcap calibrate x", {"epochs": "3"}, {"versions": {"jax": "1"}}, wide, narrow,
    )  # fmt: skip
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(page.html())
    return file


@contextmanager
def opened(browser, path, fragment="", width=1280, theme="light"):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
    tab, said, asked = context.new_page(), [], []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(f"{path.as_uri()}{fragment}")
    yield tab
    context.close()
    assert said == []
    assert {url.partition("#")[0] for url in asked} == {path.as_uri()}


def test_a_link_opens_what_it_leads_into(browser, path):
    with opened(browser, path) as tab:
        finding = tab.locator("#finding-one-a")
        assert not finding.is_visible()
        tab.locator('.broad a[href="#finding-one-a"]').click()
        assert finding.is_visible()
    with opened(browser, path, "#finding-one-b") as tab:
        assert tab.locator("#finding-one-b").is_visible()
        assert tab.evaluate("document.activeElement.id") == "finding-one-b"


def test_filters_take_whole_claims_and_say_when_none_is_left(browser, path):
    with opened(browser, path) as tab:
        every = tab.locator("details.claim").count()
        boxes = tab.locator(".filters input")
        tab.get_by_role("button", name="Open all").click()
        left = [every]
        for box in boxes.all():
            box.uncheck()
            shown = tab.locator("details.claim:visible").all()
            assert all(one.locator(".finding.primary:visible").count() for one in shown)
            left.append(len(shown))
        assert left == sorted(left, reverse=True)
        assert left[-1] == 0 < left[-2] < every
        assert tab.locator(".empty").is_visible()
        tab.evaluate("location.hash = '#finding-one-a'")
        tab.locator("#finding-one-a").wait_for(state="visible")
        assert boxes.first.is_checked()


def test_the_menu_closes_after_use(browser, path):
    with opened(browser, path) as tab:
        menu = tab.locator(".menu")
        menu.locator("summary").click()
        menu.get_by_role("link", name="A drawing").click()
        assert not menu.locator("ul").is_visible()
        menu.locator("summary").press("Enter")
        menu.locator("a").first.press("Escape")
        assert not menu.locator("ul").is_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen_but_figures_in_their_boxes(browser, path, width):
    with opened(browser, path, width=width) as tab:
        tab.get_by_role("button", name="Open all").click()
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        assert tab.locator(".slim").is_visible() == (width == 390)
        assert tab.locator(".broad").is_visible() == (width == 1280)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_menu_hides_nothing_that_it_leads_to(browser, path, width):
    with opened(browser, path, width=width) as tab:
        top, menu = tab.evaluate(
            """() => {
              const words = document.getElementById("words");
              words.scrollIntoView({ behavior: "instant" });
              const nav = document.querySelector("nav").getBoundingClientRect();
              return [words.getBoundingClientRect().top, nav.bottom];
            }"""
        )
        assert menu - 1 <= top < menu + 200  # a share of a pixel hides nothing


def test_a_small_drawing_is_not_blown_up_to_the_page(browser, path):
    with opened(browser, path) as tab:
        width = "one => one.getBoundingClientRect().width"
        small = tab.locator("#drawn .drawing svg").evaluate(width)
        assert small < 1.35 * max(4 * 96, 672 / 1.3)  # drawn 4 inches wide; a page's least is 42rem
        assert small < 0.8 * tab.locator("#drawn .drawing").evaluate(width)


def test_print_needs_no_scrolling(browser, path):
    with opened(browser, path, width=718) as tab:  # A4 less its margins
        tab.emulate_media(media="print")
        cut = tab.evaluate(
            """() => [...document.querySelectorAll("main *, header *")]
                 .filter((one) => one.getClientRects().length)
                 .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
                 .map((one) => one.outerHTML.slice(0, 80))"""
        )
        assert cut == []
        assert tab.locator(".broad").is_visible()
        assert not tab.locator("nav").is_visible()


def axe_core() -> str:
    """Its script, from the file that LOWCAP_AXE names: a script or npm's archive."""
    named = os.environ.get("LOWCAP_AXE")
    if not named or not Path(named).is_file():
        pytest.skip("LOWCAP_AXE names no axe-core, so that its rules cannot be tried")
    if named.endswith(".tgz"):
        with tarfile.open(named) as archive:
            found = archive.extractfile("package/axe.min.js")
            assert found is not None
            return found.read().decode()
    return Path(named).read_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_to_mend(browser, path, theme):
    script = axe_core()
    with opened(browser, path, theme=theme) as tab:
        tab.get_by_role("button", name="Open all").click()
        tab.evaluate(script)
        found = tab.evaluate("axe.run().then((result) => result.violations)")
        told = [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]
        assert told == []


def test_the_page_works_without_scripts(browser, path):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(path.as_uri())
    assert not tab.locator(".filters").is_visible()
    tab.locator("details.claim summary").first.click()
    assert tab.locator("#finding-one-a").is_visible()
    context.close()
